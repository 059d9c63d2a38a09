/** What the timers of functions that run in the writer do as time goes on, as the segment of an entry without records. Pure. */
import { assert } from '../../core/errors.ts';
import type { EventTime, PartitionId } from '../../core/numbers.ts';
import type { Progress } from '../firer/progress.ts';
import type { Job } from '../job.ts';
import type { FunctionFrame } from './function-run.ts';
import { functionsUpTo, OpenSegment } from './open-segment.ts';
import type { Segment } from './segment.ts';

export interface FoldedTime {
  readonly segment: Segment;
  /** As that of a batch (`FoldedBatch`). */
  commit(): void;
}

export interface TimeToFold {
  /** Index of the source. */
  readonly source: number;
  readonly origin: PartitionId;
  /** Of the partition: it stays where it is. */
  readonly watermark: EventTime;
  readonly fired: Progress;
  readonly frame: FunctionFrame;
  /** See `Functions`; absent: what a FIRE takes. */
  readonly rowsMax?: number;
}

/** Null where no timer is due. Where too many are, time goes as far as fits (F13). */
export function foldTime(job: Job, input: TimeToFold): FoldedTime | null {
  const { source: index, origin, watermark, fired, frame, rowsMax = job.settings.fireMaxRows } = input;
  const { dataflow } = job;
  const source = dataflow.sources[index];
  assert(source, `the plan has no source ${index}`);
  dataflow.clock.now = frame.after.procTime;
  const functions = { job, frame, rowsMax };
  const open = new OpenSegment(dataflow, source, fired, { origin, functions });
  const reached = open.fire();
  if (reached !== null) return foldTime(job, { ...input, ...functionsUpTo(functions, reached) });
  const segment = open.close(watermark);
  return isEmpty(segment) ? null : { segment, commit: () => open.commit() };
}

const isEmpty = ({ sections, changes = {}, rows, failed }: Segment): boolean =>
  [...Object.values(sections), ...Object.values(changes)].every((of) => of.length === 0) && Object.keys(rows).length === 0 && failed === undefined;
