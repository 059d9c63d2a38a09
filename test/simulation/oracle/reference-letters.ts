/** Dead letters as they must be (W10): of records that nobody can take in, and of what functions fail on. Their text is the row of the table (`shape.ts`). */
import { partsOf, type PartitionId, type Uid } from '../../../lib/core/numbers.ts';
import type { SourcePartition } from '../../../lib/core/process/partition-function.ts';
import type { Shape } from '../shape.ts';
import { textOf, type Poison, type TopicRecord } from '../topics.ts';

/** The record that a row comes from. */
export interface RowOrigin {
  readonly p: PartitionId;
  readonly offset: number;
}

/** A call that was left out. */
export interface FailedRow {
  readonly key: string;
  /** As the function got it; absent for timers. */
  readonly value?: unknown;
  /** Absent for what other stages and timers give. */
  readonly origin?: RowOrigin;
  /** Of timers that belong to a partition. */
  readonly place?: SourcePartition;
}

const CODES: Readonly<Record<Poison, string>> = { torn: 'RECORD_MALFORMED', timeless: 'ROWTIME_NULL', refused: 'FUNCTION_THREW' };
/** Of what comes from no record. */
const NOWHERE = -1;

/** Where several sources read the topic, letters tell them apart. */
export function letterOfRecord(shape: Shape, p: PartitionId, record: TopicRecord): string {
  const { source, topic, partition } = partsOf(p);
  const name = shape.sources[source]?.topics[topic] ?? '';
  const readers = shape.sources.filter(({ topics }) => topics.includes(name)).length;
  return [name, partition, record.offset, 'null', textOf(record), CODES[record.bad ?? 'torn'], readers > 1 ? `events${source} of table c.d.events${source}` : ''].join('|');
}

/** `entryEnd`: behind the entry that has the record, which is all that is known of the place of it. */
export function letterOfCall({ sources }: Shape, uid: Uid, { key, value, origin, place }: FailedRow, entryEnd: (origin: RowOrigin) => number): string {
  const json = value === undefined ? 'null' : JSON.stringify(value);
  const of = [JSON.stringify(key), json, 'FUNCTION_THREW', uid];
  if (origin === undefined) return [place?.topic ?? sources[0]?.topics[0], place?.partition ?? NOWHERE, NOWHERE, ...of].join('|');
  const { source, topic, partition } = partsOf(origin.p);
  return [sources[source]?.topics[topic], partition, entryEnd(origin) - 1, ...of].join('|');
}

/** The last column names the function that has failed, or the source that has. */
export const isLetterOf = (uids: readonly Uid[], letter: string): boolean => uids.some((uid) => letter.endsWith(`|${uid}`));
