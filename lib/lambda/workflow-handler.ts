/**
 * The workflow function: one step per invocation (protocol §10 b, §11). Whoever calls it reads the state in the result, never in the name
 * of an error: a schedule (`tick`), Step Functions (`advance`, `savepoint`), or a runner on a laptop.
 */
import { isError } from '../core/errors.ts';
import { jobId, type JobId } from '../core/numbers.ts';
import { advanceSavepoint, openSavepointRequests, type SavepointRequest } from '../engine/lifecycle/savepoint.ts';
import { allJobs, failureOf, isFinal, readControl, type Failure, type JobControl, type JobStatus, type Workshop } from '../engine/lifecycle/job-control.ts';
import { advance } from '../engine/lifecycle/workflow.ts';
import { hasTime, type Handler, type LambdaContext } from './context.ts';
import type { InvokeEvent } from './invoke.ts';
import type { OpenTelemetry, Telemetry } from './telemetry.ts';

export type WorkflowEvent =
  /** `once`: the firers end when nothing is due, since the next tick is near. */
  | { readonly action: 'tick'; readonly once?: boolean }
  | { readonly action: 'advance'; readonly job: string }
  | { readonly action: 'savepoint'; readonly job: string; readonly trigger: string };

/** `again`: nothing is wrong for good; repeat the invocation after a pause. */
export type WorkflowResult =
  /** `active`: jobs in a state that is not final; the schedule can rest when there is none. `incomplete`: no time for all of them. */
  | { readonly action: 'tick'; readonly active: number; readonly running: number; readonly incomplete: boolean }
  | { readonly action: 'advance'; readonly done: boolean; readonly again: boolean; readonly status: JobStatus | null; readonly failure: Failure | null }
  | {
      readonly action: 'savepoint';
      readonly done: boolean;
      readonly again: boolean;
      readonly status: SavepointRequest['status'] | null;
      readonly location: string | null;
      readonly failure: Failure | null;
    };

/** Operations and requests that their caller has not moved for this long are taken over. */
const TAKE_OVER_MS = 1000;

export function workflowHandler(workshop: Workshop, telemetry: OpenTelemetry, invoke: InvokeEvent): Handler<WorkflowEvent, WorkflowResult> {
  return async (event, context) => {
    const told = telemetry(null, context.awsRequestId);
    try {
      switch (event.action) {
        case 'tick':
          return await new Tick(workshop, invoke, told, context).run(event.once === true);
        case 'advance':
          return await advanceOnce(workshop, jobId(event.job));
        case 'savepoint':
          return await savepointOnce(workshop, jobId(event.job), event.trigger);
      }
    } finally {
      told.flush();
    }
  };
}

async function advanceOnce(workshop: Workshop, id: JobId): Promise<WorkflowResult> {
  try {
    const { operation, status, failure } = await advance(workshop, id);
    return { action: 'advance', done: operation === null, again: operation !== null, status, failure };
  } catch (error) {
    if (!isError(error)) throw error;
    const again = error.kind === 'retry' || error.kind === 'fenced';
    return { action: 'advance', done: false, again, status: null, failure: failureOf(error) };
  }
}

async function savepointOnce(workshop: Workshop, id: JobId, trigger: string): Promise<WorkflowResult> {
  try {
    const { status, location, failure } = await advanceSavepoint(workshop, id, trigger, null);
    return { action: 'savepoint', done: status !== 'IN_PROGRESS', again: status === 'IN_PROGRESS', status, location, failure };
  } catch (error) {
    if (!isError(error)) throw error;
    return { action: 'savepoint', done: false, again: error.kind === 'retry', status: null, location: null, failure: failureOf(error) };
  }
}

/** One look at every job. Firers come first: they must not wait for somebody's savepoint. */
class Tick {
  readonly #workshop: Workshop;
  readonly #invoke: InvokeEvent;
  readonly #told: Telemetry;
  readonly #context: LambdaContext;

  constructor(workshop: Workshop, invoke: InvokeEvent, told: Telemetry, context: LambdaContext) {
    this.#workshop = workshop;
    this.#invoke = invoke;
    this.#told = told;
    this.#context = context;
  }

  async run(once: boolean): Promise<WorkflowResult> {
    const jobs = await this.#activeJobs();
    const running = jobs.filter(([, { status, operation }]) => status === 'RUNNING' && operation === null);
    await Promise.all(running.map(([id, { gen }]) => this.#tolerant(id, () => this.#invoke('sluice-firer', { job: id, g: gen }, { once }))));
    let seen = 0;
    for (const [id, control] of jobs) {
      if (!hasTime(this.#context)) break;
      await this.#tolerant(id, () => this.#moveOn(id, control));
      seen++;
    }
    return { action: 'tick', active: jobs.length, running: running.length, incomplete: seen < jobs.length };
  }

  async #activeJobs(): Promise<[JobId, JobControl][]> {
    const jobs: [JobId, JobControl][] = [];
    for (const id of await allJobs(this.#workshop.ports)) {
      const control = await this.#controlOf(id);
      if (control !== null && (!isFinal(control.status) || control.operation !== null)) jobs.push([id, control]);
    }
    return jobs;
  }

  /** Null for a creation that did not come to its end (11.1). */
  async #controlOf(id: JobId): Promise<JobControl | null> {
    try {
      return (await readControl(this.#workshop.ports, id)).control;
    } catch (error) {
      if (!isError(error, 'JOB_UNKNOWN')) throw error;
      return null;
    }
  }

  /** What a killed command has left behind. */
  async #moveOn(id: JobId, { operation, changedAt, status }: JobControl): Promise<void> {
    const { ports } = this.#workshop;
    const isLeft = (since: number): boolean => ports.runtime.now() - since >= TAKE_OVER_MS;
    if (operation !== null && isLeft(changedAt)) await advance(this.#workshop, id);
    if (status !== 'RUNNING' && status !== 'RESTARTING') return;
    for (const request of await openSavepointRequests(ports, id)) {
      if (isLeft(request.requestedAt) && hasTime(this.#context)) await advanceSavepoint(this.#workshop, id, request.trigger, null);
    }
  }

  async #tolerant(job: JobId, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#told.problem('a job could not be looked after', error, job);
    }
  }
}
