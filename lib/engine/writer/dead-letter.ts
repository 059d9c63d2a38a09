/** A record that cannot be taken in, as the row that goes to the dead-letter table (W10). */
import { failedRecordRow } from '../../core/failed-record.ts';
import type { Place } from '../../core/format/beside.ts';
import type { RecordBytes } from '../../core/format/record-bytes.ts';
import type { JobId, WallTime } from '../../core/numbers.ts';
import type { Row } from '../../core/types.ts';
import type { RecordBatch } from '../../ports/source.ts';
import type { BadRecord } from './fold-batch.ts';

export interface LetterContext {
  readonly job: JobId;
  readonly place: Place;
  readonly batch: RecordBatch;
  readonly now: WallTime;
}

/** Keys are decoded for the first bad record only: a batch without one costs nothing. */
export function lettersOf({ job, place, batch, now }: LetterContext): (bad: BadRecord) => Row {
  let keys: RecordBytes | null | undefined;
  return ({ index, error }) => {
    keys ??= batch.metadata?.().keys ?? null;
    return failedRecordRow({
      topic: place.topic,
      partition: place.partition,
      offset: batch.offsets[index] ?? 0,
      key: keys === null ? null : bytesAt(keys, index),
      value: bytesAt(batch, index),
      error: `${error.code}: ${error.message}`,
      job,
      at: now,
    });
  };
}

function bytesAt({ bytes, starts, ends }: RecordBytes, index: number): Uint8Array | null {
  const end = ends[index] ?? -1;
  return end < 0 ? null : bytes.subarray(starts[index], end);
}
