/**
 * A job that leaves nothing behind: writer and firer over stores in memory, in one loop. It reads a little of each partition, and then emits what comes of it: a sink
 * that takes its time holds the reading up, and no more is held than the state.
 */
import { assert, isError, SluiceError } from '../core/errors.ts';
import { offset, seq, type JobId, type PartitionId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import { boundOf } from '../engine/bounded.ts';
import { takeCheckpoint } from '../engine/checkpoint/take.ts';
import { Firer } from '../engine/firer/firer.ts';
import { partitionIdsOf, topicOf, type Job } from '../engine/job.ts';
import { coordinatorLog, partitionLog } from '../engine/keys.ts';
import { openControlledJob, readControl, workshopFor, type Workshop } from '../engine/lifecycle/job-control.ts';
import { requestFinish } from '../engine/lifecycle/stop.ts';
import { runOperation } from '../engine/lifecycle/workflow.ts';
import { openCoordinatorLog } from '../engine/log/logs.ts';
import { inParallel } from '../engine/parallel.ts';
import { partitionsOf } from '../engine/position.ts';
import type { Settings } from '../engine/settings.ts';
import { Writer } from '../engine/writer/writer.ts';
import type { Ports } from '../ports/ports.ts';
import type { Scratch } from '../ports/scratch.ts';
import type { Sink } from '../ports/sink.ts';
import { createJob } from './operations.ts';

const MB = 1024 * 1024;

/** Nothing expires, and entries are inline: what is forgotten is forgotten here. */
const SETTINGS: Partial<Settings> = { logTtlMs: Infinity, spillInlineMax: Infinity, resultInlineMax: Infinity, checkpointItemsMaxBytes: Infinity, chunkInlineMax: MB, tailMaxBytes: 4 * MB, fireMaxRows: 10_000 };

/** Bytes of records in one turn, of all partitions. */
const TURN_BYTES = 256 * 1024;
/** Bytes of entries and old state before they are forgotten. */
const FORGET_BYTES = 8 * MB;
/** Bytes of state, as checkpoints write it; in memory it weighs about twenty times as much. */
const STATE_MAX = 16 * MB;
/** Partitions that were added to a topic are found this often. */
const DISCOVERY_MS = 5000;
const IDLE_MIN_MS = 10;
const IDLE_MAX_MS = 200;
const RETRY_MS = 500;
/** What may come right is tried for this long. */
const RETRY_FOR_MS = 30_000;

export interface LiveJobParts {
  /** Of the place: its topics are read, its stores are left alone. */
  readonly workshop: Workshop;
  readonly scratch: Scratch;
  /** Takes the rows of all sinks of the plan. */
  readonly sink: Sink;
  /** Bytes of state; default: `STATE_MAX`. */
  readonly stateMax?: number;
}

export class LiveJob {
  readonly #workshop: Workshop;
  readonly #parts: LiveJobParts;
  readonly #job: Job;
  readonly #writer: Writer;
  readonly #firer: Firer;
  #partitions: readonly PartitionId[] = [];
  #discoveredAt = Number.NEGATIVE_INFINITY;
  /** Bytes held when the last ones were forgotten. */
  #kept = 0;

  private constructor(workshop: Workshop, parts: LiveJobParts, job: Job) {
    this.#workshop = workshop;
    this.#parts = parts;
    this.#job = job;
    this.#writer = new Writer(workshop.ports, job);
    this.#firer = new Firer(workshop.ports, job);
  }

  /** Finds topics and offsets, those where bounded sources end included; nothing is read yet. Throws as creating a job does. */
  static async create(parts: LiveJobParts, wanted: Plan): Promise<LiveJob> {
    const plan = { ...wanted, options: optionsOf(wanted) };
    const { ports } = workshopFor(parts.workshop, plan);
    const workshop: Workshop = { ports: { ...ports, ...parts.scratch.ports, sinks: { open: async () => parts.sink } }, place: SETTINGS };
    const id = await createJob(workshop, plan, { savepoint: null, allowNonRestored: false });
    return new LiveJob(workshop, parts, await openControlledJob(workshop, id, (await readControl(workshop.ports, id)).control));
  }

  get id(): JobId {
    return this.#job.id;
  }

  /**
   * Until all input is read, or `signal` aborts: a call to the topics that is under way then, perhaps to a broker that does not answer, is not waited for. Throws what a
   * job would fail with, and QUERY_TOO_LARGE.
   */
  run(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    this.#loop(signal).then(resolve, reject);
    return promise;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { runtime } = this.#ports;
    let pause = IDLE_MIN_MS;
    let failingSince: number | null = null;
    while (!signal.aborted) {
      try {
        const turn = await this.#turn(signal);
        failingSince = null;
        if (turn === 'complete') return await this.#finish();
        pause = turn === 'progress' ? IDLE_MIN_MS : Math.min(pause * 2, IDLE_MAX_MS);
        // Stores in memory answer without waiting: without a pause nothing else in this process would get a turn.
        await runtime.sleep(turn === 'progress' ? 0 : pause);
      } catch (error) {
        failingSince ??= runtime.elapsed();
        if (!isError(error) || error.kind !== 'retry' || runtime.elapsed() - failingSince > RETRY_FOR_MS) throw error;
        await runtime.sleep(RETRY_MS);
      }
    }
  }

  get #ports(): Ports {
    return this.#workshop.ports;
  }

  async #turn(signal: AbortSignal): Promise<'progress' | 'nothing' | 'complete'> {
    await this.#discover();
    const read = await inParallel(this.#partitions, (p) => this.#read(p)).catch((error: unknown) => ({ error }));
    const outcome = await this.#fire(signal);
    // What came before a record that is bad has been shown.
    if (!Array.isArray(read)) throw read.error;
    if (outcome !== 'idle') return outcome === 'complete' ? 'complete' : 'nothing';
    await this.#forget();
    return read.includes(true) ? 'progress' : 'nothing';
  }

  async #discover(): Promise<void> {
    const { runtime, source } = this.#ports;
    if (runtime.elapsed() - this.#discoveredAt < DISCOVERY_MS) return;
    this.#discoveredAt = runtime.elapsed();
    const topics = new Set(this.#job.dataflow.sources.flatMap(({ node }) => node.topics));
    const found = await inParallel([...topics], async (topic) => (await source.topic(topic))?.partitions.flatMap(({ partition }) => partitionIdsOf(this.#job, topic, partition)) ?? []);
    this.#partitions = found.flat();
  }

  /** False: there is nothing more for now, or for good. */
  async #read(p: PartitionId): Promise<boolean> {
    const { topic, partition } = topicOf(this.#job, p);
    const next = (await this.#writer.nextOffset(p)) ?? offset(0);
    if (next >= boundOf(this.#job, p)) return false;
    const batch = await this.#ports.source.fetch(topic, partition, next, Math.ceil(TURN_BYTES / this.#partitions.length));
    if (batch === null) return false;
    return (await this.#writer.commit(p, batch)).kind === 'committed';
  }

  async #fire(signal: AbortSignal): Promise<'idle' | 'complete' | 'aborted'> {
    while (!signal.aborted) {
      const { kind } = await this.#firer.step();
      if (kind === 'idle' || kind === 'complete') return kind;
      assert(kind === 'fired' || kind === 'lost', `the only firer of a query is ${kind}`);
    }
    return 'aborted';
  }

  /** Checkpoints the state, and forgets the entries below and the state before. */
  async #forget(): Promise<void> {
    const { scratch, stateMax = STATE_MAX } = this.#parts;
    if (scratch.bytes - this.#kept < Math.min(FORGET_BYTES, stateMax)) return;
    const { replica } = this.#firer;
    const log = openCoordinatorLog(this.#ports, this.#job);
    if (replica === null || !(await takeCheckpoint(this.#ports, this.#job, log, replica))) return;
    const { position, checkpoint } = replica;
    const { id, g } = this.#job;
    const cuts = partitionsOf(position).map((p) => [partitionLog(id, g, p), position.cut[p]?.seq ?? seq(0)] as const);
    scratch.keep({ from: new Map([[coordinatorLog(id, g), checkpoint.seq], ...cuts]), chunks: new Set(checkpoint.chunks.map(({ key }) => key)) });
    this.#kept = scratch.bytes;
    const state = checkpoint.chunks.reduce((sum, { bytes }) => sum + bytes, 0);
    if (state > stateMax) throw new SluiceError('QUERY_TOO_LARGE', { message: `the state of the query has grown to ${(state / MB).toFixed(1)} MB, and may have ${(stateMax / MB).toFixed(1)} MB` });
  }

  /** All windows fire, as at the end of a bounded job. */
  async #finish(): Promise<void> {
    if (await requestFinish(this.#workshop, this.#job)) await runOperation(this.#workshop, this.#job.id);
  }
}

/** Checkpoints are taken as memory needs them. Where bad records would go into a table, they are left out: a query writes none. */
function optionsOf({ options }: Plan): Plan['options'] {
  const { 'execution.checkpointing.interval': _, ...kept } = options;
  return kept['sluice.on-record-error']?.toLowerCase() === 'dlq' ? { ...kept, 'sluice.on-record-error': 'skip' } : kept;
}
