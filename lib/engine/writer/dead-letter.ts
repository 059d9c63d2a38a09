/** A record that cannot be taken in, as the row that goes to the dead-letter table (W10). */
import type { SourceFlow } from '../../core/dataflow.ts';
import { failedRecordRow } from '../../core/failed-record.ts';
import type { Place } from '../../core/format/beside.ts';
import type { RecordBytes } from '../../core/format/record-bytes.ts';
import type { WallTime } from '../../core/numbers.ts';
import type { Row } from '../../core/types.ts';
import type { RecordBatch } from '../../ports/source.ts';
import type { Job } from '../job.ts';
import type { BadRecord } from './fold-batch.ts';

export interface LetterContext {
  readonly job: Pick<Job, 'id' | 'dataflow'>;
  readonly source: SourceFlow;
  readonly place: Place;
  readonly batch: RecordBatch;
  readonly now: WallTime;
}

/** Keys are decoded for the first bad record only: a batch without one costs nothing. */
export function lettersOf({ job, source, place, batch, now }: LetterContext): (bad: BadRecord) => Row {
  const name = sourceName(job, source, place);
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
      source: name,
      job: job.id,
      at: now,
    });
  };
}

/** Tells letters apart that a record leaves once per source: a self-join reads its topic twice. */
function sourceName({ dataflow }: LetterContext['job'], { node }: SourceFlow, { topic }: Place): string | null {
  const readers = dataflow.sources.filter((source) => source.node.topics.includes(topic));
  return readers.length < 2 ? null : `${node.uid} of table ${node.table}`;
}

function bytesAt({ bytes, starts, ends }: RecordBytes, index: number): Uint8Array | null {
  const end = ends[index] ?? -1;
  return end < 0 ? null : bytes.subarray(starts[index], end);
}
