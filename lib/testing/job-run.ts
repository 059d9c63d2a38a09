/** A whole job in the memory of a test: its own plan, writers, firers, logs, checkpoints and savepoints, over stores in memory and a clock that the test moves. */
import { memoryPorts, type MemoryPorts } from '../adapters/memory/index.ts';
import { nodeCodec } from '../adapters/node/codec.ts';
import type { JobDefinition } from '../api/define.ts';
import { assert, SluiceError } from '../core/errors.ts';
import { offset, type JobId, type PartitionId } from '../core/numbers.ts';
import { sinksOf, sourcesOf, type Plan } from '../core/plan.ts';
import type { Row, Value } from '../core/types.ts';
import { Firer } from '../engine/firer/firer.ts';
import { partitionIdsOf, type Job } from '../engine/job.ts';
import { isFinal, openControlledJob, readControl, type Failure, type Workshop } from '../engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume } from '../engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../engine/lifecycle/stop.ts';
import { runOperation } from '../engine/lifecycle/workflow.ts';
import { Writer } from '../engine/writer/writer.ts';
import { bytesOf, inTurn, type Records, type RecordValue, type TopicRecord } from './job-records.ts';
import { ManualRuntime } from './manual-runtime.ts';
import { Life, mortalPorts } from './mortal-ports.ts';
import { Programs } from './programs.ts';

export interface RunOptions {
  /** Read one after the other, each as a batch of its own, before `runJob` returns. */
  readonly records?: Records;
  /** Of each topic; absent: 1. */
  readonly partitions?: number;
  /** Where processing time begins, epoch ms; absent: 2026-01-01. */
  readonly processingTime?: number;
  /** Stops the job with a savepoint behind so many records, and resumes it from there. */
  readonly savepointAfter?: number;
  /** Kills writers and firers behind so many records (`kill`). */
  readonly killAfter?: number;
}

export interface ResumeOptions {
  /** The definition that the job goes on with; absent: the one that it has. */
  readonly definition?: JobDefinition;
  /** A savepoint that it goes back to; absent: the newest state. Rows since then come again, as they do in sinks that have no fence for it. */
  readonly savepoint?: string;
  /** State that the definition has no place for is dropped, and operators that the state does not know begin empty (`--allow-non-restored-state`). */
  readonly allowNonRestored?: boolean;
}

/** Values by the columns of a sink: a BIGINT is a bigint, a TIMESTAMP epoch ms. */
export type SinkRow = Readonly<Record<string, Value>>;

const DIRECTORY = '/savepoints';
const NEW_YEAR = 1_767_225_600_000;

/** Runs a job: `const run = await runJob(job, { records: { payments: [{ … }, { … }] } }); run.rows('alerts')`. Throws what a job would fail with. */
export async function runJob(definition: JobDefinition, options: RunOptions = {}): Promise<JobRun> {
  const run = await startRun(definition, options);
  const { records = [], killAfter, savepointAfter } = options;
  for (const [i, record] of [...inTurn(records), null].entries()) {
    if (i === killAfter) run.kill();
    if (i === savepointAfter) {
      await run.stop();
      await run.resume();
    }
    if (record !== null) await run.process([record]);
  }
  return run;
}

async function startRun(definition: JobDefinition, { partitions = 1, processingTime = NEW_YEAR }: RunOptions): Promise<JobRun> {
  const runtime = new ManualRuntime(processingTime);
  const stores = memoryPorts({ runtime, codec: nodeCodec });
  const programs = new Programs();
  const plan = programs.planOf(definition);
  await createTopics(stores, plan, partitions);
  // A firer that has not finished its FIRE is dead: there is one at a time.
  const workshop: Workshop = { ports: stores, place: { helpAfterMs: 0 }, codeOf: async (of) => programs.codeOf(of) };
  const id = await requestCreate(workshop, plan, { savepoint: null, allowNonRestored: false });
  const { status, failure } = await runOperation(workshop, id);
  if (status !== 'RUNNING') throw ended('the start', status, failure);
  return new JobRun({ runtime, stores, programs, workshop, partitions }, await openJob(workshop, id));
}

/** Those that are there stay as they are. */
async function createTopics({ source }: MemoryPorts, plan: Plan, partitions: number): Promise<void> {
  for (const topic of topicsOf(plan)) if ((await source.topic(topic)) === null) source.recreate(topic, partitions);
}

const topicsOf = (plan: Plan): ReadonlySet<string> => new Set(sourcesOf(plan).flatMap(({ topics }) => topics));

const openJob = async (workshop: Workshop, id: JobId): Promise<Job> => openControlledJob(workshop, id, (await readControl(workshop.ports, id)).control);

const ended = (what: string, status: string, failure: Failure | null): SluiceError =>
  new SluiceError('JOB_STATE', { message: `${what} has ended as ${status}${failure === null ? '' : `: ${failure.code}: ${failure.message}`}` });

/** What a run is made of. */
interface Parts {
  readonly runtime: ManualRuntime;
  readonly stores: MemoryPorts;
  readonly programs: Programs;
  readonly workshop: Workshop;
  readonly partitions: number;
}

export class JobRun {
  readonly #parts: Parts;
  #job: Job;
  #writer: Writer;
  #firer: Firer;
  #life = new Life();
  #kills = 0;
  /** Partitions whose last record is delivered once more. */
  readonly #again = new Set<PartitionId>();

  constructor(parts: Parts, job: Job) {
    this.#parts = parts;
    this.#job = job;
    const ports = mortalPorts(parts.stores, this.#life);
    [this.#writer, this.#firer] = [new Writer(ports, job), new Firer(ports, job)];
  }

  /** Appends records to a topic, without anybody reading them: `process` does. */
  produce(topic: string, values: readonly RecordValue[], partition = 0): void {
    this.#parts.stores.source.produce(topic, values.map(bytesOf), partition);
  }

  /** Appends records, and lets the job read all that it has not read, and do all that is due. Records of a partition that come together are one batch. */
  async process(records: readonly TopicRecord[] = []): Promise<void> {
    for (const { topic, partition, value } of records) this.produce(topic, [value], partition);
    await this.#work();
  }

  /** Moves the clock; timers and windows of processing time fire that are due then. */
  async advanceProcessingTime(ms: number): Promise<void> {
    this.#parts.runtime.advance(ms);
    await this.#work();
  }

  /** Epoch ms. */
  get processingTime(): number {
    return this.#parts.runtime.now();
  }

  /** All rows that a sink has taken, by its uid, in order. JOB_DEFINITION where there is no such sink. */
  rows(sink: string): SinkRow[] {
    const node = sinksOf(this.#job.dataflow.plan).find(({ uid }) => uid === sink);
    if (node === undefined) throw new SluiceError('JOB_DEFINITION', { message: `the job has no sink ${sink}` });
    const rows = this.#parts.stores.sinks.journal(this.#job.id, node.uid).flatMap((emission) => emission.rows);
    return rows.map((row: Row) => Object.fromEntries(node.columns.map(({ name }, i) => [name, row[i] ?? null])));
  }

  /** Takes a savepoint while the job runs; its path is for `resume`. */
  async savepoint(): Promise<string> {
    const { workshop } = this.#parts;
    const trigger = await requestSavepoint(workshop, this.#job.id, DIRECTORY);
    const { location, failure } = await advanceSavepoint(workshop, this.#job.id, trigger, null);
    if (location === null) throw ended('the savepoint', 'FAILED', failure);
    return location;
  }

  /** Stops the job with a savepoint. `drain`: as at the end of all input, every window and event-time timer fires. */
  async stop({ drain = false }: { readonly drain?: boolean } = {}): Promise<string> {
    await requestStop(this.#parts.workshop, this.#job.id, { directory: DIRECTORY, drain });
    const { status, savepoints, failure } = await runOperation(this.#parts.workshop, this.#job.id);
    const [newest] = savepoints;
    if (status !== 'FINISHED' || newest === undefined) throw ended('the stop', status, failure);
    return newest.path;
  }

  /** Goes on from a stop, or from where a job is cancelled now. Throws STATE_INCOMPATIBLE for a definition that cannot take the state over. */
  async resume({ definition, savepoint, allowNonRestored = false }: ResumeOptions = {}): Promise<void> {
    const { workshop, programs, stores, partitions } = this.#parts;
    const { id } = this.#job;
    await this.#cancel();
    const plan = definition === undefined ? null : programs.planOf(definition);
    if (plan !== null) await createTopics(stores, plan, partitions);
    await requestResume(workshop, id, { savepoint: savepoint ?? null, plan, allowNonRestored, allowOffsetGap: false });
    const { status, failure } = await runOperation(workshop, id);
    if (status !== 'RUNNING') throw ended('the resume', status, failure);
    this.#job = await openJob(workshop, id);
    this.#restart();
    await this.process();
  }

  /**
   * Kills the writer and the firer: their successors know nothing but the logs. The last record of each partition is delivered once more, as an event source does
   * whose function died before it answered. `beforeCall`: not now, but ahead of their call to a store, topic or sink with this number from here on, from 1: a
   * test that counts up kills them at every place there is, until `kills` stays 0.
   */
  kill({ beforeCall }: { readonly beforeCall?: number } = {}): void {
    if (beforeCall !== undefined) return this.#life.endAt(beforeCall);
    this.#kills++;
    this.#restart();
    for (const topic of topicsOf(this.#job.dataflow.plan)) for (const p of this.#partitionIds(topic).flat()) this.#again.add(p);
  }

  /** How often writer and firer were killed. */
  get kills(): number {
    return this.#kills;
  }

  #restart(): void {
    this.#life = new Life();
    const ports = mortalPorts(this.#parts.stores, this.#life);
    [this.#writer, this.#firer] = [new Writer(ports, this.#job), new Firer(ports, this.#job)];
    this.#again.clear();
  }

  /** Until nothing is left to do; whoever dies on the way has a successor. */
  async #work(): Promise<void> {
    for (;;) {
      try {
        for (const topic of topicsOf(this.#job.dataflow.plan)) await this.#readTopic(topic);
        await this.#fire();
      } catch (error) {
        if (!this.#life.isOver) throw error;
      }
      if (!this.#life.isOver) return;
      this.kill();
    }
  }

  async #cancel(): Promise<void> {
    const { workshop } = this.#parts;
    if (isFinal((await readControl(workshop.ports, this.#job.id)).control.status)) return;
    await requestCancel(workshop, this.#job.id);
    await runOperation(workshop, this.#job.id);
  }

  /** By the partitions of the topic: one for each source that reads it. */
  #partitionIds(topic: string): PartitionId[][] {
    return Array.from({ length: this.#parts.partitions }, (_, partition) => partitionIdsOf(this.#job, topic, partition));
  }

  async #readTopic(topic: string): Promise<void> {
    for (const [partition, ids] of this.#partitionIds(topic).entries()) for (const p of ids) await this.#readPartition(p, topic, partition);
  }

  async #readPartition(p: PartitionId, topic: string, partition: number): Promise<void> {
    const next = (await this.#writer.nextOffset(p)) ?? offset(0);
    const from = this.#again.delete(p) ? offset(Math.max(0, next - 1)) : next;
    const batch = await this.#parts.stores.source.fetch(topic, partition, from, Number.POSITIVE_INFINITY);
    if (batch !== null) await this.#writer.commit(p, batch);
  }

  async #fire(): Promise<void> {
    for (;;) {
      const outcome = await this.#firer.step();
      if (outcome.kind === 'idle' || outcome.kind === 'complete') return;
      if (outcome.kind === 'closed') throw new SluiceError('JOB_STATE', { message: 'the job was stopped', hint: 'resume it first' });
      assert(outcome.kind === 'fired', `the only firer of a run is ${outcome.kind}`);
    }
  }
}
