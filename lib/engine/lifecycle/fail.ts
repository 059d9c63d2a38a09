/** FAILED: set only after the verdict was confirmed by a second, fresh look (T6). */
import { isError, type SluiceError } from '../../core/errors.ts';
import { Firer } from '../firer/firer.ts';
import type { Job } from '../job.ts';
import { coordinatorLog } from '../keys.ts';
import { ageMs, answered, stampNow, type Stamp } from '../log/stamp.ts';
import { failureOf, readControl, replaceControl, type Workshop } from './job-control.ts';

/** True if the job is FAILED now: a fresh firer runs into the same. */
export async function failJob(workshop: Workshop, job: Job, error: SluiceError): Promise<boolean> {
  const verdict = await confirm(workshop, job, error);
  if (verdict === null) return false;
  const was = await readControl(workshop.ports, job.id);
  if (was.control.gen !== job.g || was.control.operation !== null || was.control.status !== 'RUNNING') return false;
  // A process that freezes here has judged by the past (row 47).
  if (ageMs(workshop.ports, verdict.stamp) >= job.settings.headMaxAgeMs) return false;
  return replaceControl(workshop.ports, job.id, was, { status: 'FAILED', failure: failureOf(verdict.error) });
}

interface Verdict {
  readonly error: SluiceError;
  /** When the log was last seen to stand still. */
  readonly stamp: Stamp;
}

/**
 * The second look counts if nobody has written to the coordinator log since it began: then what it missed is missing still, however long
 * the look took. A job that is well writes at least every CKPT_REFRESH.
 */
async function confirm({ ports }: Workshop, job: Job, error: SluiceError): Promise<Verdict | null> {
  const key = coordinatorLog(job.id, job.g);
  const before = await ports.log.head(key);
  try {
    await new Firer(ports, job).step();
    return null;
  } catch (again) {
    const asked = stampNow(ports);
    const after = await ports.log.head(key);
    const stands = after?.id === before?.id;
    return stands && isError(again, error.code) ? { error: again, stamp: answered(ports, asked) } : null;
  }
}
