/** FAILED: set only after the verdict was confirmed by a second, fresh look (T6). */
import { isError, type SluiceError } from '../../core/errors.ts';
import { Firer } from '../firer/firer.ts';
import type { Job } from '../job.ts';
import { ageMs, stampNow } from '../log/stamp.ts';
import { failureOf, readControl, replaceControl, type Workshop } from './job-control.ts';

/** True if the job is FAILED now: a fresh firer runs into the same. */
export async function failJob(workshop: Workshop, job: Job, error: SluiceError): Promise<boolean> {
  const confirmed = await confirm(workshop, job, error);
  if (confirmed === null) return false;
  const was = await readControl(workshop.ports, job.id);
  if (was.control.gen !== job.g || was.control.operation !== null || was.control.status !== 'RUNNING') return false;
  return replaceControl(workshop.ports, job.id, was, { status: 'FAILED', failure: failureOf(confirmed) });
}

/** The second look counts only if it is fresh itself: a process that froze on the way has judged by the past (row 47). */
async function confirm({ ports }: Workshop, job: Job, error: SluiceError): Promise<SluiceError | null> {
  const began = stampNow(ports);
  try {
    await new Firer(ports, job).step();
    return null;
  } catch (again) {
    const isFresh = ageMs(ports, began) < job.settings.headMaxAgeMs;
    return isFresh && isError(again, error.code) ? again : null;
  }
}
