/** Looking at jobs, for their history. */
import { isError } from '../../../core/errors.ts';
import type { JobId } from '../../../core/numbers.ts';
import type { Standing } from '../../standing.ts';
import { isEnded, type JobSummary } from '../../summary.ts';
import type { Rest } from '../route.ts';
import type { Count, Sample } from './history.ts';

/** What it takes to look. */
export type Looking = Pick<Rest, 'plane' | 'metrics' | 'history'>;

/** Of running jobs; the newest ones. */
const LOOKED_AT_MAX = 200;

/** Keeps what is seen. */
export function look(rest: Looking, id: JobId, standing: Standing | null): Sample {
  return rest.history.add(id, { at: rest.plane.runtime.now(), count: countOf(rest, id, standing), standing });
}

/** All that run, by their logs' ends alone: as often as a minute, and not where reads cost money. What cannot be read has a gap. */
export async function lookAtRunning(rest: Looking): Promise<void> {
  const { plane, history } = rest;
  if (plane.isPaid) return;
  for (const { id } of await runningJobs(rest)) {
    try {
      if (history.isStale(id, plane.runtime.now())) look(rest, id, await plane.standing(id));
    } catch (error) {
      if (!isError(error)) throw error;
    }
  }
}

/** None while the store does not answer: it is asked again. */
async function runningJobs({ plane }: Looking): Promise<readonly JobSummary[]> {
  try {
    return (await plane.jobs()).filter((job) => !isEnded(job)).slice(-LOOKED_AT_MAX);
  } catch (error) {
    if (!isError(error)) throw error;
    return [];
  }
}

/** Bytes of files and embedded topics say nothing of records: only who reads them can count those. */
function countOf({ metrics }: Looking, id: JobId, standing: Standing | null): Count | null {
  const here = metrics.recordsRead(id);
  if (here !== null) return { of: 'read here', records: here };
  return standing === null || standing.unit === 'bytes' ? null : { of: 'offsets', records: standing.next };
}
