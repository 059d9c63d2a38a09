/** Timers of functions that wait for the time: when the first of all is due; and of those that run in the writer (protocol 13.3) which partitions have some that are due, and calling them. */
import type { Dataflow, FunctionFlow } from '../../core/dataflow.ts';
import { isError } from '../../core/errors.ts';
import { partsOf, wallTime, type PartitionId, type WallTime } from '../../core/numbers.ts';
import { isFunctionState } from '../../core/stages.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Job } from '../job.ts';
import { ageMs, stampNow, type Stamp } from '../log/stamp.ts';
import { inParallel } from '../parallel.ts';
import { partitionsOf } from '../position.ts';
import { FunctionClock } from '../writer/function-clock.ts';
import type { States } from './evaluate.ts';
import { watermarkOf } from './progress.ts';
import type { Replica } from './replica.ts';

/** A timer that fails is called again after this time: another program may have come. */
const CALL_AGAIN_MS = 60_000;

type TimerPorts = Pick<Ports, 'log' | 'control' | 'chunks' | 'blob' | 'runtime' | 'codec'>;

export class FunctionTimers {
  readonly #ports: TimerPorts;
  readonly #flows: readonly FunctionFlow[];
  readonly #clock: FunctionClock;
  readonly #failed = new Map<PartitionId, Stamp>();

  constructor(ports: TimerPorts, job: Job) {
    this.#ports = ports;
    this.#flows = job.dataflow.functions.filter(({ prePartitioned, fn }) => prePartitioned && fn.onTimer !== undefined);
    this.#clock = new FunctionClock(ports, job);
  }

  /** True if entries say now that timers have fired. Partitions whose timers fail are held up, and shown; the others go on. */
  async callDue(replica: Replica): Promise<boolean> {
    const now = this.#ports.runtime.now();
    const isDue = (p: PartitionId): boolean => this.#flows.some((flow) => isDueIn(flow, p, replica, now));
    const due = this.#flows.length === 0 ? [] : partitionsOf(replica.position).filter((p) => isDue(p) && !this.#hasJustFailed(p));
    const advanced = await inParallel(due, (p) => this.#advance(p, replica));
    return advanced.includes(true);
  }

  async #advance(p: PartitionId, replica: Replica): Promise<boolean> {
    try {
      return await this.#clock.advance(p, replica);
    } catch (error) {
      if (!isError(error) || error.kind !== 'data') throw error;
      this.#failed.set(p, stampNow(this.#ports));
      return false;
    }
  }

  #hasJustFailed(p: PartitionId): boolean {
    const failed = this.#failed.get(p);
    return failed !== undefined && ageMs(this.#ports, failed) < CALL_AGAIN_MS;
  }
}

/** The earliest timer of processing time of all functions, as the state has them; null without any. */
export function earliestTimer({ functions }: Dataflow, states: States): WallTime | null {
  const times = functions.flatMap(({ uid }) => {
    const state = states.get(uid);
    return state !== undefined && isFunctionState(state) ? (state.nextTimer('processing') ?? []) : [];
  });
  return times.length === 0 ? null : wallTime(Math.min(...times));
}

/** By what FIREs have taken in: a timer that an entry behind them has called is called no more. */
function isDueIn(flow: FunctionFlow, p: PartitionId, { position, states }: Pick<Replica, 'position' | 'states'>, now: WallTime): boolean {
  const state = states.get(flow.uid);
  if (state?.kind !== 'partitioned' || flow.partitionKeyOf === null || !flow.sources.includes(partsOf(p).source)) return false;
  const own = state.of(flow.partitionKeyOf(p));
  return isReached(own.nextTimer('event'), watermarkOf(flow, position)) || isReached(own.nextTimer('processing'), now);
}

const isReached = (timer: number | null, time: number): boolean => timer !== null && timer <= time;
