/** The records of a batch into segments, by what the job does with a bad one (protocol W10). */
import type { SourceFlow } from '../../core/dataflow.ts';
import { besideOf, type Place } from '../../core/format/beside.ts';
import type { EventTime, WallTime } from '../../core/numbers.ts';
import type { RecordBatch } from '../../ports/source.ts';
import type { Progress } from '../firer/progress.ts';
import type { Job } from '../job.ts';
import { foldBatch, type FoldedBatch } from './fold-batch.ts';

export interface FoldedRecords extends FoldedBatch {
  /** Bad records that were left out. */
  readonly skipped: number;
}

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
}

/** With `fail` up to the first bad record; with `skip` every run of good ones is folded by itself. */
export function foldRecords({ dataflow, policies }: Job, { source, place, batch, from, watermark, now, fired, nonce }: RecordsToFold): FoldedRecords {
  const segments: FoldedBatch['segments'][number][] = [];
  const beside = besideOf(source.node, batch, place);
  const horizon = now + policies.maxFutureMs;
  let [records, skipped, ahead, before, at] = [0, 0, 0, watermark, from];
  for (;;) {
    const folded = foldBatch(dataflow, source, { batch, beside, from: at, watermark: before, horizon, fired, nonce: nonce() });
    segments.push(...folded.segments);
    records += folded.records;
    ahead += folded.ahead;
    if (folded.bad === null || policies.recordError === 'fail') return { segments, records, skipped, ahead, bad: folded.bad };
    before = folded.segments.at(-1)?.watermark ?? before;
    at = folded.bad.index + 1;
    skipped++;
  }
}
