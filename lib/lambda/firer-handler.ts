/** The firer function: steps of one generation, for as long as there is something to do (protocol §5, §10). Invoked asynchronously. */
import { isError, type SluiceError } from '../core/errors.ts';
import { Firer, type StepOutcome } from '../engine/firer/firer.ts';
import type { Job } from '../engine/job.ts';
import { failIfLost, failJob } from '../engine/lifecycle/fail.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { requestFinish } from '../engine/lifecycle/stop.ts';
import { aliasOf } from './alias.ts';
import { hasTime, TIME_LEFT_MIN_MS, type Handler, type LambdaContext } from './context.ts';
import { Generations } from './generations.ts';
import type { OpenTelemetry, Telemetry } from './telemetry.ts';

/** `once`: as far as it goes now, without waiting for a tick. */
export interface FirerEvent {
  readonly once?: boolean;
}

export interface FirerResult {
  /** Outcome of the last step; `failed`: it threw, and the job may be FAILED now. */
  readonly outcome: StepOutcome['kind'] | 'failed';
  readonly fires: number;
  readonly rows: number;
  /** Everything that is in the logs is in the state. */
  readonly hasReadAll: boolean;
}

interface FirerParts {
  readonly workshop: Workshop;
  readonly job: Job;
  readonly firer: Firer;
}

/** Two looks without news end the loop, unless a timer comes before the next tick: whoever has news wakes a firer again, and timers have nobody else. */
const QUIET_MAX = 2;
/** The schedule ticks once a minute (§10 b). */
const TICK_PERIOD_MS = 60_000;
/** Another firer was faster: it is doing the work. */
const LOST_MAX = 16;

/** `tickMs`: TICK of §2.1, between two looks. */
export function firerHandler(workshop: Workshop, telemetry: OpenTelemetry, tickMs: number): Handler<FirerEvent, FirerResult> {
  const generations = new Generations(workshop, (opened, job): FirerParts => ({ workshop: opened, job, firer: new Firer(opened.ports, job) }));
  return async ({ once = false }, context) => {
    const alias = aliasOf(context.invokedFunctionArn);
    const told = telemetry(alias, context.awsRequestId);
    try {
      const parts = await generations.of(alias, told);
      const result = await fire(parts, { once, tickMs, context, told });
      // Whoever only wakes a firer does not ask how the job stands: the tick does, every minute.
      if (!once && !isFinal(result.outcome) && hasTime(context)) await tellStanding(parts.firer, told);
      return result;
    } finally {
      told.flush();
    }
  };
}

interface Run {
  readonly once: boolean;
  readonly tickMs: number;
  readonly context: LambdaContext;
  readonly told: Telemetry;
}

async function fire({ workshop, job, firer }: FirerParts, { once, tickMs, context, told }: Run): Promise<FirerResult> {
  const { runtime } = workshop.ports;
  const since = runtime.elapsed();
  let [fires, rows, quiet, lost] = [0, 0, 0, 0];
  for (;;) {
    const began = runtime.elapsed();
    const outcome = await stepOf(workshop, job, firer, told);
    if (outcome.kind === 'fired') {
      fires++;
      rows += outcome.rows;
      told.fired({ fires: 1, rows: outcome.rows, sinks: outcome.sinks, f: outcome.f, ms: Math.round(runtime.elapsed() - began) });
    }
    quiet = outcome.kind === 'fired' ? 0 : quiet + 1;
    lost = outcome.kind === 'lost' ? lost + 1 : 0;
    // A step that fired or lost is followed by the next one at once: what it left behind is due already.
    const isHurried = outcome.kind === 'fired' || (outcome.kind === 'lost' && lost < LOST_MAX);
    // The next tick brings a firer of its own.
    const untilRelieved = TICK_PERIOD_MS - (runtime.elapsed() - since);
    const untilTimer = (firer.nextTimer ?? Infinity) - runtime.now();
    // A timer that should have fired is held up by something else.
    const isTimerAhead = untilTimer > 0 && untilTimer < untilRelieved;
    const isOver = !isHurried && (once || untilRelieved <= 0 || (quiet >= QUIET_MAX && !isTimerAhead) || isFinal(outcome.kind));
    const pause = isHurried ? 0 : Math.min(tickMs, isTimerAhead ? untilTimer : Infinity);
    if (isOver || !hasTime(context, TIME_LEFT_MIN_MS + pause)) return { outcome: outcome.kind, fires, rows, hasReadAll: firer.hasReadAll };
    if (pause > 0) await runtime.sleep(pause);
  }
}

const isFinal = (kind: StepOutcome['kind'] | 'failed'): boolean => kind === 'closed' || kind === 'complete' || kind === 'absent' || kind === 'fenced' || kind === 'failed';

/** A verdict is confirmed by a second look before the job is FAILED (T6); what only needs time is left to the next invocation. */
async function stepOf(workshop: Workshop, job: Job, firer: Firer, told: Telemetry): Promise<StepOutcome | { readonly kind: 'failed' }> {
  try {
    const outcome = await firer.step();
    if (outcome.kind === 'waiting' && outcome.cause !== null) told.problem('a sink does not take rows', outcome.cause);
    if (outcome.kind === 'absent' && (await failIfLost(workshop, job))) told.jobFailed('its coordinator log is gone');
    // The tick goes on with what is requested here.
    if (outcome.kind === 'complete') await requestFinish(workshop, job);
    return outcome;
  } catch (error) {
    if (!isError(error)) throw error;
    told.problem('the step failed', error);
    if (isVerdict(error) && (await failJob(workshop, job, error))) told.jobFailed(error.message);
    return { kind: 'failed' };
  }
}

/** Figures for alarms only: the invocation has done its work. */
async function tellStanding(firer: Firer, told: Telemetry): Promise<void> {
  try {
    const standing = await firer.standing();
    if (standing !== null) told.standing(standing);
  } catch (error) {
    if (!isError(error)) throw error;
    told.problem('it is not known how far the job is behind', error);
  }
}

const isVerdict = (error: SluiceError): boolean => error.kind === 'lost' || error.kind === 'bug';
