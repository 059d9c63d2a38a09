/** Ending many jobs: which ones, and whether they have. */
import { isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { sweepConsumers } from '../../engine/lifecycle/consumers.ts';
import { allJobs, failureOf, isFinal, readControl, type JobControl, type Workshop } from '../../engine/lifecycle/job-control.ts';
import type { TeardownItem } from '../../workflows/tasks.ts';
import { helpAlong, type TakeOver } from './advance.ts';
import type { Frame } from './frame.ts';
import { optionalText, readJobId } from './input.ts';
import type { Outcome } from './outcome.ts';

/** The history of an execution holds 25,000 events, and its state 256 KiB. */
const JOBS_MAX = 100;
const TOLD_MAX = 10;

/** Jobs that have not ended. */
export async function list(workshop: Workshop, frame: Frame): Promise<Outcome> {
  const policy = policyOf(frame);
  const directory = optionalText(frame.input, 'directory');
  const jobs = (await controlsOf(workshop, frame)).filter(([, control]) => isAlive(control));
  const items = jobs.slice(0, JOBS_MAX).map(([job]): TeardownItem => ({ job, policy, ...(directory === null ? {} : { directory }) }));
  return { state: 'done', jobs: items };
}

/** Done if all have ended and nothing delivers to them; what is on its way is waited for. */
export async function verify(parts: TakeOver, frame: Frame): Promise<Outcome> {
  const { workshop } = parts;
  const jobs = await controlsOf(workshop, frame);
  const left = jobs.filter(([, control]) => isAlive(control));
  if (left.length === 0) return sweep(workshop, new Set(jobs.map(([job]) => job)));
  for (const [job] of left) await helpAlong(parts, job);
  const isMoving = left.every(([, { operation }]) => operation !== null);
  return { state: isMoving ? 'again' : 'failed', failure: failureOf(stillThere(left, reasonsOf(frame))) };
}

/** What a failed job has left behind would outlive the functions that it invokes. */
async function sweep(workshop: Workshop, jobs: ReadonlySet<JobId>): Promise<Outcome> {
  const [trouble] = (await sweepConsumers(workshop)).troubles.filter(({ job }) => jobs.has(job));
  if (trouble !== undefined) throw trouble.error;
  return { state: 'done' };
}

const isAlive = ({ status, operation }: JobControl): boolean => !isFinal(status) || operation !== null;

function stillThere(left: readonly [JobId, JobControl][], reasons: ReadonlyMap<string, string>): SluiceError {
  const told = left.slice(0, TOLD_MAX).map(([id, { name, status }]) => `${id} (${name}) is ${status}${reasons.has(id) ? `: ${reasons.get(id)}` : ''}`);
  const more = left.length > TOLD_MAX ? `; and ${left.length - TOLD_MAX} more` : '';
  return new SluiceError('JOB_STATE', {
    message: `${left.length === 1 ? 'a job has' : `${left.length} jobs have`} not ended: ${told.join('; ')}${more}`,
    hint: 'correct what hinders it and repeat, or end the jobs without savepoints: sluice cancel, or the policy `cancel`',
  });
}

/** What the iterations have come to. */
function reasonsOf({ input }: Frame): Map<string, string> {
  const ended: readonly unknown[] = Array.isArray(input['ended']) ? input['ended'] : [];
  return new Map(ended.flatMap((result) => (isReason(result) ? [[result.job, result.failure.message] as const] : [])));
}

const isReason = (result: unknown): result is { job: string; failure: { message: string } } =>
  typeof result === 'object' && result !== null && 'job' in result && 'failure' in result && typeof result.failure === 'object' && result.failure !== null;

/** The jobs of the input, or all; those that nobody knows are over. */
async function controlsOf({ ports }: Workshop, frame: Frame): Promise<[JobId, JobControl][]> {
  const { jobs } = frame.input;
  const ids = Array.isArray(jobs) ? jobs.map((job) => readJobId({ job })) : await allJobs(ports);
  const found: [JobId, JobControl][] = [];
  for (const id of ids) {
    const control = await controlOf({ ports }, id);
    if (control !== null) found.push([id, control]);
  }
  return found;
}

/** Null for a creation that did not come to its end (11.1). */
export async function controlOf({ ports }: Pick<Workshop, 'ports'>, id: JobId): Promise<JobControl | null> {
  try {
    return (await readControl(ports, id)).control;
  } catch (error) {
    if (!isError(error, 'JOB_UNKNOWN')) throw error;
    return null;
  }
}

function policyOf({ input }: Frame): TeardownItem['policy'] {
  const policy = optionalText(input, 'policy') ?? 'savepoint';
  if (policy === 'savepoint' || policy === 'cancel') return policy;
  throw new SluiceError('USAGE', { message: `'policy' of the execution's input cannot be '${policy}'`, hint: "set it to 'savepoint' or 'cancel'" });
}
