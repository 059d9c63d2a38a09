/**
 * The state of functions that run in the writer (protocol 13.3, stateful partition mode), as one sandbox knows it: that of the newest checkpoint, and what the
 * entries of the partition's log have changed since. It is never ahead of the log: what a batch changes comes in when its entry is confirmed.
 */
import { assert, isError, SluiceError } from '../../core/errors.ts';
import type { FunctionFlow } from '../../core/dataflow.ts';
import type { Key } from '../../core/key.ts';
import { partsOf, seq, wallTime, type PartitionId, type Seq, type Uid, type WallTime } from '../../core/numbers.ts';
import { PartitionedState, type FunctionTime } from '../../core/process/partitioned-state.ts';
import type { ProcessState } from '../../core/process/process-state.ts';
import { watchOnce } from '../../core/process/watchdog.ts';
import { maxTime, MIN_WATERMARK } from '../../core/watermark.ts';
import type { Ports } from '../../ports/ports.ts';
import { loadPart } from '../checkpoint/load.ts';
import { closed, initCut } from '../coordinator.ts';
import type { Progress } from '../firer/progress.ts';
import type { Replica } from '../firer/replica.ts';
import { forPeople } from '../for-people.ts';
import type { Job } from '../job.ts';
import { hasPayload, type PartitionEntry } from '../log/entries.ts';
import type { PartitionCut, Position } from '../position.ts';
import { openCoordinatorLog, openPartitionLog, type PartitionLog } from '../log/logs.ts';
import { loadPayload } from '../log/payload.ts';
import { functionsOf } from '../pre-partitioned.ts';
import { located } from '../located.ts';
import { recordError, type RecordPlace } from '../record-errors.ts';
import { watchdogOf } from '../watchdog.ts';
import type { FunctionFrame } from './function-run.ts';
import { decodeSegments, type Segment } from './segment.ts';

type LoadPorts = Pick<Ports, 'log' | 'control' | 'chunks' | 'blob' | 'runtime' | 'codec'>;

const PAGE_BYTES = 4 * 1024 * 1024;
/** Partitions whose state a sandbox holds; the one that was used longest ago leaves, and is loaded again if it comes back. */
const PARTITIONS_MAX = 256;

/** The state at an entry of the log. */
export class PartitionFunctions {
  readonly partition: PartitionId;
  readonly #flows: readonly FunctionFlow[];
  readonly #states: StatesOf;
  #time: FunctionTime;
  #at: Pick<PartitionEntry, 'seq' | 'id'>;

  constructor(partition: PartitionId, flows: readonly FunctionFlow[], { states, time, at }: LoadedFunctions) {
    this.partition = partition;
    this.#flows = flows;
    this.#states = states;
    this.#time = time;
    this.#at = at;
  }

  get seq(): Seq {
    return this.#at.seq;
  }

  get id(): string {
    return this.#at.id;
  }

  /** Takes over what an entry says that another process has written. */
  apply(entry: PartitionEntry, segments: readonly Segment[]): void {
    for (const { changes, functionTime } of segments) {
      if (functionTime === undefined) continue;
      for (const flow of this.#flows) this.#states.get(flow.uid)?.apply(this.#keyOf(flow), changes?.[flow.uid] ?? [], functionTime);
    }
    this.advance(entry, segments);
  }

  /** Says that the entry is in the log whose changes the state has. */
  advance({ seq: at, id }: PartitionEntry, segments: readonly Segment[]): void {
    assert(at === this.seq + 1, `the state of ${this.partition} at ${this.seq} is not that before entry ${at}`);
    this.#at = { seq: at, id };
    this.#time = segments.at(-1)?.functionTime ?? this.#time;
  }

  /** Functions go on to what the job has fired, and to the time of this process; neither runs back (K3). */
  frame(fired: Progress | null, now: WallTime): FunctionFrame {
    const before = this.#time;
    const watermark = maxTime(before.watermark, fired?.watermarks[partsOf(this.partition).source] ?? MIN_WATERMARK);
    const after = { watermark, procTime: wallTime(Math.max(before.procTime, now)) };
    return { before, after, stateOf: (flow) => this.#stateOf(flow) };
  }

  #stateOf(flow: FunctionFlow): ProcessState {
    const state = this.#states.get(flow.uid);
    assert(state !== undefined, `the state of ${flow.uid} has been loaded`);
    return state.of(this.#keyOf(flow));
  }

  #keyOf({ uid, partitionKeyOf }: FunctionFlow): Key {
    assert(partitionKeyOf !== null, `${uid} has state within partitions`);
    return partitionKeyOf(this.partition);
  }
}

type StatesOf = ReadonlyMap<Uid, PartitionedState>;

interface LoadedFunctions {
  readonly states: StatesOf;
  readonly time: FunctionTime;
  readonly at: Pick<PartitionEntry, 'seq' | 'id'>;
}

export class FunctionStates {
  readonly #ports: LoadPorts;
  readonly #job: Job;
  readonly #held = new Map<PartitionId, PartitionFunctions>();
  /** Logs whose entries did not continue what was known. */
  readonly #broken = new Set<PartitionId>();

  constructor(ports: LoadPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
  }

  /**
   * The state at `head`; null where the log has gone on, or is another one than what was held: the caller reads the head again. LOG_TRUNCATED where entries are
   * missing when all is read a second time (T4). `load` knows of a shorter way than the newest checkpoint.
   */
  async at(p: PartitionId, head: PartitionEntry, load = (): Promise<PartitionFunctions> => loadFunctions(this.#ports, this.#job, p)): Promise<PartitionFunctions | null> {
    const held = this.#held.get(p) ?? (await load());
    // Forgotten until it stands at the head: half of a page must not be taken in twice.
    this.#held.delete(p);
    if (held.seq > head.seq || !(await this.#catchUp(held, head))) return null;
    this.#broken.delete(p);
    this.#hold(held);
    return held;
  }

  /**
   * Runs functions of a partition, on a batch or on timers, as if they were one call. What fails on a timer, or does not come back, whatever the policy, is shown
   * at the partition until its log goes on (W10).
   */
  async run<T>(place: RecordPlace, work: () => T): Promise<T> {
    try {
      return watchOnce(watchdogOf(this.#ports.runtime, this.#job), work);
    } catch (thrown) {
      const error = located(thrown, this.#job);
      // It was interrupted anywhere: also in the midst of what only arranges the state.
      if (isError(error, 'FUNCTION_TOO_SLOW')) this.#held.delete(place.p);
      if (isError(error) && error.kind === 'data') await forPeople(() => recordError(this.#ports, place, error));
      throw error;
    }
  }

  #hold(held: PartitionFunctions): void {
    this.#held.set(held.partition, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= PARTITIONS_MAX) return;
      this.#held.delete(oldest);
    }
  }

  /** Takes in the entries up to `head`; false where they do not continue what is held (F2). */
  async #catchUp(held: PartitionFunctions, head: PartitionEntry): Promise<boolean> {
    const log = openPartitionLog(this.#ports, this.#job, held.partition);
    while (held.seq < head.seq) {
      const page = await log.readAfter(held.seq, PAGE_BYTES);
      if (page.entries.length === 0) return this.#breaks(log, held);
      for (const entry of page.entries) {
        if (entry.seq !== held.seq + 1 || entry.prev !== held.id) return this.#breaks(log, held);
        if (entry.seq <= head.seq) await this.#take(held, entry);
      }
    }
    return held.id === head.id;
  }

  #breaks(log: PartitionLog, { partition, seq: last }: PartitionFunctions): false {
    if (this.#broken.has(partition)) throw new SluiceError('LOG_TRUNCATED', { message: `${log.key}: what follows entry ${last} is missing`, hint: 'resume the job from a savepoint' });
    this.#broken.add(partition);
    return false;
  }

  async #take(held: PartitionFunctions, entry: PartitionEntry): Promise<void> {
    held.apply(entry, hasPayload(entry) ? decodeSegments(await loadPayload(this.#ports, entry.payload)) : []);
  }
}

/** The state as a replica has it, at its cut. */
export function functionsIn(job: Job, p: PartitionId, { position, states }: Pick<Replica, 'position' | 'states'>): PartitionFunctions {
  const flows = functionsOf(job, p);
  const own = flows.map((flow): [Uid, PartitionedState] => {
    const state = states.get(flow.uid);
    assert(state?.kind === 'partitioned' && flow.partitionKeyOf !== null, `${flow.uid} has state within partitions`);
    return [flow.uid, state.copyOf(flow.partitionKeyOf(p))];
  });
  const cut = position.cut[p];
  assert(cut !== undefined, `the replica knows ${p}`);
  return new PartitionFunctions(p, flows, { states: new Map(own), time: timeAt(position, p, cut), at: cut });
}

/** The state of the newest checkpoint, at its cut; where that does not know the partition, or there is none, at the beginning of the log. CLOSED before the generation has begun. */
async function loadFunctions(ports: LoadPorts, job: Job, p: PartitionId): Promise<PartitionFunctions> {
  const flows = functionsOf(job, p);
  const open = (): StatesOf => new Map(flows.map((flow) => [flow.uid, new PartitionedState(flow.fn.states, flow.partitionKeyOf?.(p) ?? null)]));
  const loaded = await loadPart(ports, job, open);
  if (loaded === null) throw closed(openCoordinatorLog(ports, job).key);
  const { states, position } = loaded;
  const cut = position.cut[p] ?? (await beginning(ports, job, p));
  return new PartitionFunctions(p, flows, { states, time: timeAt(position, p, cut), at: cut });
}

/** A generation goes on from the time of the one before (K3). */
const timeAt = ({ watermarks, procTime }: Position, p: PartitionId, { functionTime }: PartitionCut): FunctionTime =>
  functionTime ?? { watermark: watermarks[partsOf(p).source] ?? MIN_WATERMARK, procTime };

async function beginning(ports: LoadPorts, job: Job, p: PartitionId): Promise<PartitionCut> {
  const log = openPartitionLog(ports, job, p);
  const init = await log.get(seq(0));
  if (init !== null) return initCut(init);
  throw new SluiceError('LOG_TRUNCATED', { message: `${log.key} has lost its beginning, and no checkpoint knows the partition`, hint: 'resume the job from a savepoint' });
}
