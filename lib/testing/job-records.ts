/** Records as tests write them. */
import type { MemoryValue } from '../adapters/memory/source.ts';

/** Texts and bytes are records as they are, null is a tombstone; of anything else the JSON. */
export type RecordValue = string | Uint8Array | null | number | boolean | object;

/** A record for one partition of a topic. */
export interface TopicRecord {
  readonly topic: string;
  /** Absent: 0. */
  readonly partition?: number;
  readonly value: RecordValue;
}

/** By topic: the first of each, then the second of each, and so on, all in partition 0; or one by one, as they come. */
export type Records = Readonly<Record<string, readonly RecordValue[]>> | readonly TopicRecord[];

export const bytesOf = (value: RecordValue): MemoryValue => (typeof value === 'string' || value === null || value instanceof Uint8Array ? value : JSON.stringify(value));

/** In the order in which they come. */
export function inTurn(records: Records): readonly TopicRecord[] {
  if (isList(records)) return records;
  const topics = Object.entries(records);
  const most = Math.max(0, ...topics.map(([, values]) => values.length));
  return Array.from({ length: most }, (_, i) => topics.flatMap(([topic, values]) => values.slice(i, i + 1).map((value) => ({ topic, value })))).flat();
}

const isList = (records: Records): records is readonly TopicRecord[] => Array.isArray(records);
