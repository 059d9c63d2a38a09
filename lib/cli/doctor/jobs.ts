/** The jobs of a store: whether this version of Sluice reads what they have written, and which topics they need. */
import { isError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { sourcesOf, type Plan } from '../../core/plan.ts';
import { VERSION } from '../../core/version.ts';
import { allJobs, isFinal, readControl, readPlan } from '../../engine/lifecycle/job-control.ts';
import { openCoordinatorLog } from '../../engine/log/logs.ts';
import { settingsFor } from '../../engine/settings.ts';
import type { Ports } from '../../ports/ports.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** So many are asked whether they have ended, and so many that have not are looked at: a full store is no reason to wait. */
const ASKED_MAX = 500;
const JOBS_MAX = 20;

/** Throws StoreError. */
export async function jobsFinding(ports: Ports): Promise<Finding> {
  const ids = await allJobs(ports);
  const problems = await Promise.all((await unended(ports, ids)).map((id) => problemWith(ports, id)));
  const [worst] = problems.flatMap((problem) => problem ?? []).toSorted((a, b) => (a.state < b.state ? -1 : 1));
  return worst ?? ok('store', `answers; ${ids.length === 1 ? 'it has one job' : `it has ${ids.length} jobs`}`);
}

async function unended(ports: Ports, ids: readonly JobId[]): Promise<readonly JobId[]> {
  const asked = await Promise.all(ids.slice(0, ASKED_MAX).map(async (id) => ((await hasEnded(ports, id)) ? [] : [id])));
  return asked.flat().slice(0, JOBS_MAX);
}

/** A job that cannot be read has not: what is wrong with it is to be found. */
async function hasEnded(ports: Ports, id: JobId): Promise<boolean> {
  try {
    return isFinal((await readControl(ports, id)).control.status);
  } catch (error) {
    if (!isError(error)) throw error;
    return false;
  }
}

async function problemWith(ports: Ports, id: JobId): Promise<Finding | null> {
  try {
    const running = await runningPlan(ports, id);
    if (running === null) return null;
    const { plan, g } = running;
    await openCoordinatorLog(ports, { id, g, settings: settingsFor(plan, {}) }).head();
    if ((plan.builtBy ?? VERSION) === VERSION) return null;
    return warn('store', `the program of job ${id} was bundled by Sluice ${plan.builtBy}, this is ${VERSION}`, 'use one version for all, or deploy the job again with this one');
  } catch (error) {
    if (!isError(error)) throw error;
    return fail('store', `job ${id}: ${error.message}`, error.hint ?? 'see `sluice describe`');
  }
}

/** Null for a job that has ended, or was never made. */
async function runningPlan(ports: Ports, id: JobId): Promise<{ readonly plan: Plan; readonly g: Parameters<typeof openCoordinatorLog>[1]['g'] } | null> {
  try {
    const { control } = await readControl(ports, id);
    return isFinal(control.status) ? null : { plan: await readPlan(ports, id, control.planHash), g: control.gen };
  } catch (error) {
    if (isError(error, 'JOB_UNKNOWN')) return null;
    throw error;
  }
}

/** Of jobs that have not ended. Throws StoreError. */
export async function plansOf(ports: Ports): Promise<readonly Plan[]> {
  const ids = await unended(ports, await allJobs(ports));
  const running = await Promise.all(ids.map((id) => runningPlan(ports, id)));
  return running.flatMap((one) => one?.plan ?? []);
}

/** That the plans read from Kafka. */
export const topicsOf = (plan: Plan): readonly string[] => sourcesOf(plan).flatMap(({ connector, topics }) => (connector === 'kafka' ? topics : []));
