/** What the timers of functions that run in the writer do as time goes on, as the segment of an entry without records. Pure. */
import { assert } from '../../core/errors.ts';
import type { EventTime, PartitionId } from '../../core/numbers.ts';
import type { Progress } from '../firer/progress.ts';
import type { Job } from '../job.ts';
import type { FunctionFrame } from './function-run.ts';
import { OpenSegment } from './open-segment.ts';
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
}

/** Null where no timer is due. */
export function foldTime(job: Job, { source: index, origin, watermark, fired, frame }: TimeToFold): FoldedTime | null {
  const { dataflow } = job;
  const source = dataflow.sources[index];
  assert(source, `the plan has no source ${index}`);
  dataflow.clock.now = frame.after.procTime;
  const open = new OpenSegment(dataflow, source, fired, { origin, functions: { job, frame } });
  const segment = open.close(watermark);
  return isEmpty(segment) ? null : { segment, commit: () => open.commit() };
}

const isEmpty = ({ sections, changes = {}, rows, failed }: Segment): boolean =>
  [...Object.values(sections), ...Object.values(changes)].every((of) => of.length === 0) && Object.keys(rows).length === 0 && failed === undefined;
