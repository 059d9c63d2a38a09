/** Topics in memory: offsets count records from 0, and everything that happens to real topics can be made to happen. */
import { SluiceError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { offset, type Offset } from '../../core/numbers.ts';
import type { StartupMode } from '../../core/plan.ts';
import { startAt } from '../../core/startup.ts';
import type { Offsets, PartitionInfo, RecordBatch, Source, TopicInfo } from '../../ports/source.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { lowerBound } from './collections.ts';

/** A record value; null is a tombstone. */
export type MemoryValue = string | Uint8Array | null;

interface MemoryRecord {
  readonly offset: number;
  readonly value: Uint8Array | null;
}

interface MemoryPartition {
  earliest: number;
  end: number;
  records: MemoryRecord[];
}

interface MemoryTopic {
  readonly id: string;
  readonly partitions: MemoryPartition[];
}

export class MemorySource implements Source {
  readonly recordsHave = 'values';
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #offsets: Offsets;
  readonly #runtime: Pick<Runtime, 'randomHex'>;

  constructor(offsets: Offsets, runtime: Pick<Runtime, 'randomHex'>) {
    this.#offsets = offsets;
    this.#runtime = runtime;
  }

  /** Creates a topic, or puts an empty one with a new id in its place (W6). */
  recreate(name: string, partitions: number): void {
    this.#topics.set(name, { id: this.#runtime.randomHex(16), partitions: Array.from({ length: partitions }, emptyPartition) });
  }

  /** Adds empty partitions (11.7). */
  addPartitions(name: string, count: number): void {
    this.#topic(name).partitions.push(...Array.from({ length: count }, emptyPartition));
  }

  /** Appends records to one partition. */
  produce(name: string, values: readonly MemoryValue[], partition = 0): void {
    const target = this.#partition(name, partition);
    for (const value of values) target.records.push({ offset: target.end++, value: bytesOf(value) });
  }

  /** Lets the next `count` offsets hold nothing: transaction markers, compaction (W7). */
  skip(name: string, partition: number, count: number): void {
    this.#partition(name, partition).end += count;
  }

  /** Deletes the records below `earliest`: retention (W7). */
  retain(name: string, partition: number, earliest: number): void {
    const target = this.#partition(name, partition);
    target.earliest = Math.min(Math.max(target.earliest, earliest), target.end);
    target.records = target.records.filter((record) => record.offset >= target.earliest);
  }

  /** Deletes the records from `end` on: a log that lost its tail. */
  truncate(name: string, partition: number, end: number): void {
    const target = this.#partition(name, partition);
    target.end = Math.min(target.end, end);
    target.records = target.records.filter((record) => record.offset < target.end);
  }

  async topic(name: string): Promise<TopicInfo | null> {
    const topic = this.#topics.get(name);
    return topic === undefined ? null : { id: topic.id, partitions: topic.partitions.map(infoOf) };
  }

  async startOffset(topic: string, partition: number, mode: StartupMode): Promise<Offset> {
    const { earliest, end } = infoOf(this.#partition(topic, partition), partition);
    const committed = (group: string): Promise<Offset | null> => this.#offsets.committed(group, topic, partition);
    return startAt(mode, { topic, partition, earliest, end, committed });
  }

  async fetch(topic: string, partition: number, from: Offset, maxBytes: number): Promise<RecordBatch | null> {
    const { records, earliest, end } = this.#partition(topic, partition);
    const details = { topic, partition, from, earliest, end };
    const at = `topic '${topic}' partition ${partition}`;
    if (from > end) throw new SluiceError('TOPIC_TRUNCATED', { message: `${at} ends at ${end}, ${from} was read`, details });
    if (from < earliest) throw new SluiceError('OFFSET_GAP', { message: `${at} begins at ${earliest}, behind ${from}`, details });
    return batchOf(records, lowerBound(records, from, (record) => record.offset), maxBytes);
  }

  #partition(name: string, partition: number): MemoryPartition {
    const found = this.#topic(name).partitions[partition];
    if (found !== undefined) return found;
    throw new SluiceError('TOPIC_UNKNOWN', { message: `topic '${name}' has no partition ${partition}` });
  }

  #topic(name: string): MemoryTopic {
    const found = this.#topics.get(name);
    if (found !== undefined) return found;
    throw new SluiceError('TOPIC_UNKNOWN', { message: `topic '${name}' does not exist`, ...didYouMean(name, this.#topics.keys()) });
  }
}

const emptyPartition = (): MemoryPartition => ({ earliest: 0, end: 0, records: [] });

const infoOf = (partition: MemoryPartition, index: number): PartitionInfo => ({
  partition: index,
  earliest: offset(partition.earliest),
  end: offset(partition.end),
});

const bytesOf = (value: MemoryValue): Uint8Array | null =>
  typeof value === 'string' ? new TextEncoder().encode(value) : (value?.slice() ?? null);

function didYouMean(name: string, names: Iterable<string>): { hint?: string } {
  const other = nearest(name, names);
  return other === undefined ? {} : { hint: `Did you mean '${other}'?` };
}

/** Records from index `first` on: at least one, and no more once `maxBytes` are reached. */
function batchOf(records: readonly MemoryRecord[], first: number, maxBytes: number): RecordBatch | null {
  const taken: MemoryRecord[] = [];
  let bytes = 0;
  for (let i = first; i < records.length && (taken.length === 0 || bytes < maxBytes); i++) {
    const record = records[i];
    if (record === undefined) break;
    taken.push(record);
    bytes += (record.value?.length ?? 0) + 1;
  }
  const last = taken.at(-1);
  return last === undefined ? null : { ...laidOut(taken, bytes), next: offset(last.offset + 1) };
}

/** The values one behind the other, each with its newline byte. */
function laidOut(records: readonly MemoryRecord[], size: number): Omit<RecordBatch, 'next'> {
  const bytes = new Uint8Array(size).fill(NEWLINE);
  const starts: number[] = [];
  const ends: number[] = [];
  let position = 0;
  for (const { value } of records) {
    starts.push(position);
    ends.push(value === null ? TOMBSTONE : position + value.length);
    if (value !== null) bytes.set(value, position);
    position += (value?.length ?? 0) + 1;
  }
  return { bytes, starts, ends, offsets: records.map((record) => record.offset) };
}

const NEWLINE = 10;
const TOMBSTONE = -1;
