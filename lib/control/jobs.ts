/** The jobs of a store, as operators see them: the list, and finding one by a prefix of its id. */
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { sinksOf } from '../core/plan.ts';
import { allJobs, readControl, readPlan, type Workshop } from '../engine/lifecycle/job-control.ts';
import { inParallel } from '../engine/parallel.ts';
import type { Ports } from '../ports/ports.ts';
import { glanceAt } from './glance.ts';
import { isEnded, summarizeGlance, type JobSummary } from './summary.ts';

/** All jobs, oldest first; of one that is well this takes one read. */
export async function listJobs(workshop: Workshop): Promise<JobSummary[]> {
  const summaries = await inParallel(await allJobs(workshop.ports), async (id) => {
    const glance = await glanceAt(workshop.ports, id);
    return glance === null ? null : summarizeGlance(workshop, id, glance);
  });
  return summaries.filter((summary) => summary !== null).sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
}

/** The only job with this name that has not ended; null if there is none. Throws JOB_STATE if there are several. */
export async function jobNamed(workshop: Workshop, name: string): Promise<JobSummary | null> {
  const found = (await listJobs(workshop)).filter((job) => job.name === name && !isEnded(job));
  if (found.length <= 1) return found[0] ?? null;
  throw new SluiceError('JOB_STATE', {
    message: `${found.length} jobs are named '${name}': ${found.map(({ id }) => id).join(', ')}`,
    hint: 'cancel those that are not meant, or choose another name',
  });
}

/** Jobs that have not ended and write one of these tables. */
export async function jobsWriting(workshop: Workshop, tables: readonly string[]): Promise<JobSummary[]> {
  const found: JobSummary[] = [];
  for (const job of await listJobs(workshop)) {
    if (isEnded(job)) continue;
    const { control } = await readControl(workshop.ports, job.id);
    const plan = await readPlan(workshop.ports, job.id, control.planHash);
    if (sinksOf(plan).some(({ table }) => tables.includes(table))) found.push(job);
  }
  return found;
}

/** The job whose id starts with `prefix`, if there is exactly one. */
export async function resolveJob(ports: Pick<Ports, 'control'>, prefix: string): Promise<JobId> {
  const wanted = prefix.toLowerCase();
  const matches = /^[0-9a-f]{1,32}$/.test(wanted) ? (await allJobs(ports)).filter((id) => id.startsWith(wanted)) : [];
  const [first] = matches;
  if (first !== undefined && matches.length === 1) return first;
  const message = first === undefined ? `there is no job ${prefix}` : `${matches.length} jobs start with ${prefix}`;
  throw new SluiceError('JOB_UNKNOWN', { message, hint: 'see `sluice list -a`' });
}
