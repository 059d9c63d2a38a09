/** The records of a batch into segments, by what the job does with a bad one (protocol W10). */
import type { SourceFlow } from '../../core/dataflow.ts';
import { besideOf, type Place } from '../../core/format/beside.ts';
import { partitionId, type EventTime, type WallTime } from '../../core/numbers.ts';
import type { RecordBatch } from '../../ports/source.ts';
import type { Progress } from '../firer/progress.ts';
import type { Job } from '../job.ts';
import { lettersOf } from './dead-letter.ts';
import type { FunctionFrame } from './function-run.ts';
import { foldBatch, type BatchToFold, type FoldedBatch } from './fold-batch.ts';

export interface RecordsToFold {
  readonly source: SourceFlow;
  /** Where the batch was read. */
  readonly place: Place;
  readonly batch: RecordBatch;
  /** Index of the first record that the log does not hold. */
  readonly from: number;
  readonly watermark: EventTime;
  readonly now: WallTime;
  readonly fired: Progress | null;
  readonly nonce: () => string;
  /** What functions that run in the writer go on from; null where none does. */
  readonly functions: FunctionFrame | null;
}

/** With `fail` up to the first bad record; with `skip` and `dlq` all others, the bad ones of `dlq` as rows for the dead-letter table. */
export function foldRecords(job: Job, { source, place, batch, from, watermark, now, fired, nonce, functions }: RecordsToFold): FoldedBatch {
  const { dataflow, policies, settings } = job;
  const onBad: Record<typeof policies.recordError, BatchToFold['onBad']> = { fail: 'end', skip: () => null, dlq: lettersOf({ job, source, place, batch, now }) };
  const beside = besideOf(source.node, batch, place);
  const horizon = now + policies.maxFutureMs;
  dataflow.clock.now = now;
  const origin = partitionId(source.index, source.node.topics.indexOf(place.topic), place.partition);
  return foldBatch(dataflow, source, { batch, origin, beside, from, watermark, horizon, fired, nonce: nonce(), onBad: onBad[policies.recordError], ...(functions && { functions: { job, frame: functions, rowsMax: settings.fireMaxRows } }) });
}
