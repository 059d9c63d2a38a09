/** A small world for tests of the engine: memory stores, clocks that only the test moves, and a record of every call to a store. */
import { generation, jobId, offset, partitionId, wallTime, type PartitionId } from '../../lib/core/numbers.ts';
import { sourcesOf, type Plan } from '../../lib/core/plan.ts';
import { NO_CODE, type Code, type CodeOf } from '../../lib/core/process/code.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { openJob, type Job } from '../../lib/engine/job.ts';
import { openControlledJob, readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate, requestResume, type ResumeOptions } from '../../lib/engine/lifecycle/start.ts';
import { requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { startGeneration } from '../../lib/engine/lifecycle/generation.ts';
import type { CoordinatorEntry, PartitionEntry } from '../../lib/engine/log/entries.ts';
import { openCoordinatorLog, openPartitionLog } from '../../lib/engine/log/logs.ts';
import type { Settings } from '../../lib/engine/settings.ts';
import { Writer, type CommitResult } from '../../lib/engine/writer/writer.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import type { Sinks } from '../../lib/ports/sink.ts';
import { memoryPorts, type MemoryPorts } from '../../lib/adapters/memory/index.ts';
import { MemoryLog } from '../../lib/adapters/memory/log.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { labPlan, labRecord, LAB_START_MS } from './lab-plan.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const P0 = partitionId(0, 0, 0);

export class TestRuntime implements Runtime {
  wall = 1_800_000_000_000;
  monotonic = 0;
  #drawn = 0;

  now(): ReturnType<Runtime['now']> {
    return wallTime(this.wall);
  }

  elapsed(): number {
    return this.monotonic;
  }

  randomHex(bytes: number): string {
    return (++this.#drawn).toString(16).padStart(2 * bytes, '0');
  }

  /** Nobody waits: the time is over at once. */
  async sleep(ms: number): Promise<void> {
    this.advance(ms);
  }

  runWithin(ms: number, run: () => void): boolean {
    return nodeRuntime.runWithin(ms, run);
  }

  advance(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }
}

/** The runtime of another process on the same time line, whose wall clock is `skewMs` ahead, and may be set. */
export class SkewedRuntime implements Runtime {
  skewMs: number;
  readonly #runtime: Runtime;

  constructor(runtime: Runtime, skewMs: number) {
    this.#runtime = runtime;
    this.skewMs = skewMs;
  }

  now(): ReturnType<Runtime['now']> {
    return wallTime(this.#runtime.now() + this.skewMs);
  }

  elapsed(): number {
    return this.#runtime.elapsed();
  }

  randomHex(bytes: number): string {
    return this.#runtime.randomHex(bytes);
  }

  sleep(ms: number): Promise<void> {
    return this.#runtime.sleep(ms);
  }

  runWithin(ms: number, run: () => void): boolean {
    return this.#runtime.runWithin(ms, run);
  }
}

/** What happens at a call such as `log.append C` or `sink.emit`: it may move the clock, or throw in the place of the store. */
export type Hook = (call: string) => void | Promise<void>;

export interface StackOptions {
  readonly partitions?: number;
  readonly plan?: Plan;
  /** The program behind the plan. */
  readonly code?: Code;
  /** The programs of the plans that it shall run one after the other; default: all have `code`. */
  readonly codeOf?: CodeOf;
  readonly settings?: Partial<Settings>;
  /** False: the store's answers carry no time, as on a laptop. */
  readonly storeClock?: boolean;
  /** In the place of the memory sinks. */
  readonly sinks?: Sinks;
  /** What happens to the topics before the job is created. */
  readonly prepare?: (stack: Stack) => void;
}

export class Stack {
  readonly runtime: TestRuntime;
  /** The stores themselves; what is done here is not recorded. */
  readonly stores: MemoryPorts;
  /** The stores as the engine sees them. */
  readonly ports: Ports;
  job: Job;
  /** What workflows need. */
  readonly workshop: Workshop;
  /** Before the effect of a call, and between its effect and its answer. */
  before: Hook = () => {};
  after: Hook = () => {};
  #calls: string[] = [];
  readonly #delivered = new Map<number, number>();

  constructor(options: StackOptions = {}) {
    this.runtime = new TestRuntime();
    const stores = memoryPorts({ runtime: this.runtime, codec: nodeCodec });
    this.stores = options.storeClock === false ? { ...stores, log: new MemoryLog(null) } : stores;
    this.ports = this.#watched(options.sinks ?? stores.sinks);
    const { code = NO_CODE } = options;
    this.workshop = { ports: this.ports, place: options.settings ?? {}, codeOf: options.codeOf ?? (async () => code) };
    const plan = options.plan ?? labPlan();
    for (const topic of sourcesOf(plan).flatMap((source) => source.topics)) this.stores.source.recreate(topic, options.partitions ?? 1);
    this.job = openJob(jobId('0'.repeat(32)), generation(0), plan, {}, options.settings ?? {}, {}, [], code);
  }

  /** A stack whose generation 0 has begun. */
  static async start(options: StackOptions = {}): Promise<Stack> {
    const stack = new Stack(options);
    await startGeneration(stack.stores, stack.job, null);
    return stack;
  }

  /** A stack with a job that was created, so that workflows can change it. */
  static async create(options: StackOptions = {}): Promise<Stack> {
    const stack = new Stack(options);
    options.prepare?.(stack);
    const id = await requestCreate(stack.workshop, options.plan ?? labPlan(), { savepoint: null, allowNonRestored: false });
    await runOperation(stack.workshop, id);
    await stack.reopen(id);
    return stack;
  }

  /** Works for the generation that the job has now; `id` for another job. */
  async reopen(id = this.job.id): Promise<void> {
    this.job = await openControlledJob(this.workshop, id, (await readControl(this.stores, id)).control);
  }

  /** Stops the job with a savepoint and returns its path. */
  async stop({ drain = false } = {}): Promise<string> {
    await requestStop(this.workshop, this.job.id, { directory: '/savepoints', drain });
    const { status, savepoints, failure } = await runOperation(this.workshop, this.job.id);
    const [newest] = savepoints;
    if (status !== 'FINISHED' || newest === undefined) throw new Error(`the stop ended as ${status}: ${failure?.message}`);
    return newest.path;
  }

  /** Resumes the job and works for its new generation; null is the last state. */
  async resume(savepoint: string | null, options: Partial<ResumeOptions> = {}): Promise<void> {
    await requestResume(this.workshop, this.job.id, { savepoint, plan: null, allowNonRestored: false, allowOffsetGap: false, ...options });
    const { status, failure } = await runOperation(this.workshop, this.job.id);
    if (status !== 'RUNNING') throw new Error(`the resume ended as ${status}: ${failure?.message}`);
    await this.reopen();
  }

  writer(runtime: Runtime = this.runtime): Writer {
    return new Writer({ ...this.ports, runtime }, this.job);
  }

  firer(runtime: Runtime = this.runtime): Firer {
    return new Firer({ ...this.ports, runtime }, this.job);
  }

  /** Deletes what has outlived its `ttl` by the store's clock. */
  expire(): void {
    const now = this.runtime.now() / 1000;
    this.stores.log.forget((_log, item) => item.ttl < now);
    this.stores.chunks.forget((_collection, _key, chunk) => chunk.expiresAt < now);
  }

  /** Records of the lab: type and seconds of event time. */
  produce(records: readonly (readonly [type: string, seconds: number])[], partition = 0): void {
    this.stores.source.produce('events', records.map(([type, seconds]) => labRecord(type, seconds)), partition);
  }

  /** Gives the writer what it has not been given yet; `maxBytes` 1 is one record. */
  async deliver(writer: Writer, partition = 0, maxBytes = 1e9): Promise<CommitResult> {
    const batch = await this.stores.source.fetch('events', partition, offset(this.#delivered.get(partition) ?? 0), maxBytes);
    if (batch === null) throw new Error(`partition ${partition} has nothing to deliver`);
    const result = await writer.commit(partitionId(0, 0, partition), batch);
    this.#delivered.set(partition, batch.next);
    return result;
  }

  /** Calls since the last look. */
  takeCalls(): string[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }

  async coordinator(): Promise<CoordinatorEntry[]> {
    return (await openCoordinatorLog(this.stores, this.job).readAfter(-1, Number.POSITIVE_INFINITY)).entries;
  }

  async kinds(): Promise<string[]> {
    return (await this.coordinator()).map((e) => e.kind);
  }

  async partition(p: PartitionId = P0): Promise<PartitionEntry[]> {
    return (await openPartitionLog(this.stores, this.job, p).readAfter(-1, Number.POSITIVE_INFINITY)).entries;
  }

  /** Emitted rows: minute of the window, type, count. */
  rows(): unknown[][] {
    return this.stores.sinks.rows('c.d.out').map((row) => [(Number(row[0]) - LAB_START_MS) / MINUTE, row[2], Number(row[3])]);
  }

  #watched(sinks: Sinks): Ports {
    const { stores } = this;
    return {
      ...stores,
      log: this.#watch(stores.log, 'log'),
      control: this.#watch(stores.control, 'control'),
      chunks: this.#watch(stores.chunks, 'chunks'),
      blob: this.#watch(stores.blob, 'blob'),
      source: this.#watch(stores.source, 'source'),
      offsets: this.#watch(stores.offsets, 'offsets'),
      consumers: this.#watch(stores.consumers, 'consumers'),
      sinks: { open: async (job, node, lineage) => this.#watch(await sinks.open(job, node, lineage), 'sink') },
    };
  }

  #watch<T extends object>(port: T, name: string): T {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const call = `${name}.${String(member)} ${targetOf(args[0])}`.trimEnd();
          this.#calls.push(call);
          await this.before(call);
          const result: unknown = await Reflect.apply(value, target, args);
          await this.after(call);
          return result;
        };
      },
    });
  }
}

/** `C`, `P0.0.0` or `W` of a log or collection, `CTRL` of a control item, nothing otherwise. */
function targetOf(argument: unknown): string {
  if (typeof argument === 'string') return argument.startsWith('J#') ? (argument.split('#').at(-1) ?? '') : '';
  const isKey = typeof argument === 'object' && argument !== null && 'pk' in argument && 'sk' in argument;
  if (!isKey) return '';
  return String(argument.pk).includes('#HINT#') ? 'HINT' : String(argument.sk);
}

/** A hook that acts once, at the first call named `call`. */
export function once(call: string, act: () => void | Promise<void>): Hook {
  let done = false;
  return (found) => {
    if (done || found !== call) return;
    done = true;
    return act();
  };
}

/** The panes of a firer's replica, as text; equal states are equal texts. */
export function stateOf(firer: Firer): string[] {
  const panes: string[] = [];
  for (const [uid, state] of firer.replica?.states ?? []) {
    for (const end of state.sliceEnds()) for (const [key, pane] of state.panesAt(end)) panes.push(`${uid}|${end}|${key}|${pane.rows}`);
  }
  return panes.sort();
}
