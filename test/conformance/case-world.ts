/** The memory adapters with one job in them, whose records carry what Kafka keeps beside values. */
import { memoryPorts, type MemoryPorts } from '../../lib/adapters/memory/index.ts';
import type { MemorySource } from '../../lib/adapters/memory/source.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import type { RecordBytes } from '../../lib/core/format/record-bytes.ts';
import { generation, jobId, offset, type JobId, type Offset, type PartitionId } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import type { Row } from '../../lib/core/types.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { openJob, type Job } from '../../lib/engine/job.ts';
import { openControlledJob, readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate, requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { Writer } from '../../lib/engine/writer/writer.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import type { RecordBatch, RecordMetadata, Source } from '../../lib/ports/source.ts';
import { TestRuntime } from '../engine/stack.ts';
import type { CaseRecord, CaseTopic } from './case.ts';

const STEPS_MAX = 1000;

export class CaseWorld {
  readonly #runtime = new TestRuntime();
  readonly #stores: MemoryPorts;
  readonly #source: CaseSource;
  readonly #workshop: Workshop;
  readonly #ports: Ports;
  readonly #id: JobId;
  #job: Job;

  private constructor(plan: Plan, topics: readonly CaseTopic[]) {
    this.#stores = memoryPorts({ runtime: this.#runtime, codec: nodeCodec });
    for (const { name, partitions } of topics) this.#stores.source.recreate(name, partitions);
    this.#source = new CaseSource(this.#stores.source);
    this.#ports = { ...this.#stores, source: this.#source };
    this.#workshop = { ports: this.#ports, place: { checkpointIntervalMs: 0 } };
    this.#id = jobId('0'.repeat(32));
    this.#job = openJob(this.#id, generation(0), plan, {}, {});
  }

  /** `startsAt`: when the job is created, where that matters: processing time never runs back. */
  static async create(plan: Plan, topics: readonly CaseTopic[], startsAt?: number): Promise<CaseWorld> {
    const world = new CaseWorld(plan, topics);
    if (startsAt !== undefined) world.#runtime.wall = startsAt;
    await requestCreate(world.#workshop, plan, { job: world.#id, savepoint: null, allowNonRestored: false });
    await world.#operate('RUNNING');
    return world;
  }

  /** The records become one batch per partition. */
  async take(records: readonly { readonly p: PartitionId; readonly record: CaseRecord }[]): Promise<void> {
    const writer = new Writer(this.#ports, this.#job);
    const next = new Map<PartitionId, Offset>();
    for (const { p } of records) if (!next.has(p)) next.set(p, (await writer.nextOffset(p)) ?? offset(0));
    for (const record of new Set(records.map(({ record }) => record))) this.#source.produce(record);
    for (const [p, from] of next) {
      const record = records.find((each) => each.p === p)?.record;
      const batch = record === undefined ? null : await this.#source.fetch(record.topic, record.partition, from, Number.POSITIVE_INFINITY);
      if (batch !== null) await writer.commit(p, batch);
    }
    await this.#fire();
  }

  async setClock(at: number): Promise<void> {
    this.#runtime.wall = at;
    await this.#fire();
  }

  /** Stops with a savepoint, without drain, and resumes. */
  async restart(): Promise<void> {
    const path = await this.#stop(false);
    await requestResume(this.#workshop, this.#id, { savepoint: path, plan: null, allowNonRestored: false, allowOffsetGap: false });
    await this.#operate('RUNNING');
  }

  /** The end of the input: all windows fire. */
  async drain(): Promise<void> {
    await this.#stop(true);
  }

  rows(table: string): readonly Row[] {
    return this.#stores.sinks.rows(table);
  }

  async #fire(): Promise<void> {
    const firer = new Firer(this.#ports, this.#job);
    for (let i = 0; i < STEPS_MAX; i++) if (['idle', 'complete'].includes((await firer.step()).kind)) return;
    throw new Error(`the job still fires after ${STEPS_MAX} steps`);
  }

  async #stop(drain: boolean): Promise<string> {
    await requestStop(this.#workshop, this.#id, { directory: '/savepoints', drain });
    await this.#operate('FINISHED');
    const { control } = await readControl(this.#ports, this.#id);
    return control.savepoints[0]?.path ?? '';
  }

  async #operate(wanted: string): Promise<void> {
    const { status, failure } = await runOperation(this.#workshop, this.#id);
    if (status !== wanted) throw new Error(`the job is ${status}: ${failure?.message}`);
    this.#job = await openControlledJob(this.#workshop, this.#id, (await readControl(this.#ports, this.#id)).control);
  }
}

/** Memory topics whose records have keys, times and headers. */
class CaseSource implements Source {
  readonly #values: MemorySource;
  readonly #records = new Map<string, CaseRecord[]>();

  constructor(values: MemorySource) {
    this.#values = values;
  }

  produce(record: CaseRecord): void {
    this.#values.produce(record.topic, [record.value], record.partition);
    const at = `${record.topic} ${record.partition}`;
    this.#records.set(at, [...(this.#records.get(at) ?? []), record]);
  }

  topic(...args: Parameters<Source['topic']>): ReturnType<Source['topic']> {
    return this.#values.topic(...args);
  }

  startOffset(...args: Parameters<Source['startOffset']>): ReturnType<Source['startOffset']> {
    return this.#values.startOffset(...args);
  }

  async fetch(topic: string, partition: number, from: Offset, maxBytes: number): Promise<RecordBatch | null> {
    const batch = await this.#values.fetch(topic, partition, from, maxBytes);
    const records = this.#records.get(`${topic} ${partition}`) ?? [];
    return batch === null ? null : { ...batch, metadata: () => metadataOf(batch.offsets.flatMap((at) => records[at] ?? [])) };
  }
}

function metadataOf(records: readonly CaseRecord[]): RecordMetadata {
  const encoder = new TextEncoder();
  return {
    keys: laidOut(records.map(({ key }) => (key === null ? null : encoder.encode(key)))),
    timestamps: records.map(({ timestamp }) => timestamp),
    timestampTypes: records.map(() => 'CreateTime'),
    headers: records.map(({ headers }) => headers.map(([name, value]) => ({ name, value: value === null ? null : encoder.encode(value) }))),
    leaderEpochs: records.map(() => 0),
  };
}

function laidOut(keys: readonly (Uint8Array | null)[]): RecordBytes {
  const bytes = new Uint8Array(keys.reduce((n, key) => n + (key?.length ?? 0) + 1, 0)).fill(10);
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const key of keys) {
    starts.push(at);
    ends.push(key === null ? -1 : at + key.length);
    if (key !== null) bytes.set(key, at);
    at += (key?.length ?? 0) + 1;
  }
  return { bytes, starts, ends };
}
