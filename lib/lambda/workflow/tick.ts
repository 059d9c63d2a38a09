/**
 * The tick (§10 b): one look at every job. It wakes firers, finishes what killed commands and executions have left, and rests when there is
 * nothing to look after. Firers come first: they must not wait for somebody's savepoint.
 */
import { isError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { sweepConsumers } from '../../engine/lifecycle/consumers.ts';
import { allJobs, isFinal, type JobControl, type Workshop } from '../../engine/lifecycle/job-control.ts';
import { advanceSavepoint, openSavepointRequests } from '../../engine/lifecycle/savepoint.ts';
import { advance } from '../../engine/lifecycle/workflow.ts';
import { hasTime, type LambdaContext } from '../context.ts';
import type { InvokeEvent } from '../invoke.ts';
import type { Schedule } from '../schedule.ts';
import type { Telemetry } from '../telemetry.ts';
import { isLeft } from './advance.ts';
import { controlOf } from './teardown.ts';

export interface TickResult {
  readonly action: 'tick';
  /** Jobs in a state that is not final. */
  readonly active: number;
  readonly running: number;
  /** No time for all of them. */
  readonly incomplete: boolean;
}

export interface TickParts {
  readonly workshop: Workshop;
  readonly invoke: InvokeEvent;
  readonly takeOverMs: number;
  readonly schedule: Schedule;
  readonly told: Telemetry;
  readonly context: LambdaContext;
}

const ENABLE_ATTEMPTS_MAX = 5;
const ENABLE_PAUSE_MS = 1000;

export class Tick {
  readonly #parts: TickParts;

  constructor(parts: TickParts) {
    this.#parts = parts;
  }

  /** `once`: the firers end when nothing is due, since the next tick is near. */
  async run(once: boolean): Promise<TickResult> {
    const jobs = await this.#activeJobs();
    const running = jobs.filter(([, { status, operation }]) => status === 'RUNNING' && operation === null);
    await Promise.all(running.map(([id, { gen }]) => this.#tolerant(id, () => this.#parts.invoke('sluice-firer', { job: id, g: gen }, { once }))));
    // Before what may take its time, or not come back.
    const isSwept = await this.#sweep();
    let seen = 0;
    for (const [id, control] of jobs) {
      if (!hasTime(this.#parts.context)) break;
      await this.#tolerant(id, () => this.#moveOn(id, control));
      seen++;
    }
    if (isSwept && jobs.length === 0) await this.#rest();
    return { action: 'tick', active: jobs.length, running: running.length, incomplete: seen < jobs.length };
  }

  async #activeJobs(): Promise<[JobId, JobControl][]> {
    const jobs: [JobId, JobControl][] = [];
    for (const id of await allJobs(this.#parts.workshop.ports)) {
      const control = await controlOf(this.#parts.workshop, id);
      if (control !== null && isActive(control)) jobs.push([id, control]);
    }
    return jobs;
  }

  /** A job that was created meanwhile has found the schedule enabled: so one more look, behind the change. */
  async #rest(): Promise<void> {
    const { schedule, workshop } = this.#parts;
    await schedule.disable();
    for (let attempt = 1; (await this.#activeJobs()).length > 0; attempt++) {
      try {
        return await schedule.enable();
      } catch (error) {
        // Nobody would tick for the job: what is thrown here is tried again by Lambda, and found on its alarm.
        if (attempt >= ENABLE_ATTEMPTS_MAX) throw error;
        await workshop.ports.runtime.sleep(ENABLE_PAUSE_MS);
      }
    }
  }

  async #moveOn(id: JobId, { operation, changedAt, status }: JobControl): Promise<void> {
    const { workshop, context } = this.#parts;
    if (operation !== null && isLeft(this.#parts, changedAt)) await advance(workshop, id);
    if (status !== 'RUNNING' && status !== 'RESTARTING') return;
    for (const { requestedAt, trigger } of await openSavepointRequests(workshop.ports, id)) {
      if (isLeft(this.#parts, requestedAt) && hasTime(context)) await advanceSavepoint(workshop, id, trigger, null);
    }
  }

  /** Ends consumers that no operation will end; false if some are left. */
  async #sweep(): Promise<boolean> {
    const { workshop, told } = this.#parts;
    try {
      const { left, troubles } = await sweepConsumers(workshop);
      for (const { job, error } of troubles) told.problem('consumers could not be ended', error, job);
      return left === 0;
    } catch (error) {
      if (!isError(error)) throw error;
      told.problem('consumers could not be looked for', error);
      return false;
    }
  }

  async #tolerant(job: JobId, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#parts.told.problem('a job could not be looked after', error, job);
    }
  }
}

const isActive = ({ status, operation }: JobControl): boolean => !isFinal(status) || operation !== null;
