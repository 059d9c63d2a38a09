/** FAILED: set only after the verdict was confirmed by a second, fresh look (T6). */
import { isError, type SluiceError } from '../../core/errors.ts';
import { Firer } from '../firer/firer.ts';
import type { Job } from '../job.ts';
import { coordinatorLog } from '../keys.ts';
import { openCoordinatorLog } from '../log/logs.ts';
import { ageMs, answered, stampNow, type Stamp } from '../log/stamp.ts';
import { failureOf, readControl, replaceControl, type Workshop } from './job-control.ts';

/** True if the job is FAILED now: a fresh firer runs into the same. */
export async function failJob(workshop: Workshop, job: Job, error: SluiceError): Promise<boolean> {
  // CTRL first: where it says RUNNING, the generation has begun, and a log that is not there is lost.
  const was = await readControl(workshop.ports, job.id);
  if (was.control.gen !== job.g || was.control.operation !== null || was.control.status !== 'RUNNING') return false;
  const verdict = await confirm(workshop, job, error);
  // A process that freezes here has judged by the past (row 47).
  if (verdict === null || ageMs(workshop.ports, verdict.stamp) >= job.settings.headMaxAgeMs) return false;
  return replaceControl(workshop.ports, job.id, was, { status: 'FAILED', failure: failureOf(verdict.error) });
}

/** For a firer that finds no coordinator log: it takes the generation for one that has not begun, and only CTRL knows better (T6). */
export async function failIfLost(workshop: Workshop, job: Job): Promise<boolean> {
  return failJob(workshop, job, openCoordinatorLog(workshop.ports, job).lostError());
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
  const again = await lookAgain(ports, job, error);
  const asked = stampNow(ports);
  const after = await ports.log.head(key);
  return again !== null && after?.id === before?.id ? { error: again, stamp: answered(ports, asked) } : null;
}

/** What a fresh firer runs into, if it is the same. */
async function lookAgain(ports: Workshop['ports'], job: Job, error: SluiceError): Promise<SluiceError | null> {
  try {
    const { kind } = await new Firer(ports, job).step();
    return kind === 'absent' && error.code === 'LOG_EXPIRED' ? error : null;
  } catch (again) {
    return isError(again, error.code) ? again : null;
  }
}
