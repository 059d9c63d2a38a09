/** The topics of a run: what was produced, when, and where nothing is to be read. */
import type { MemorySource } from '../../lib/adapters/memory/source.ts';
import { FILTERED_KEY } from './shape.ts';
import type { Scheduler } from './scheduler.ts';

export interface TopicRecord {
  readonly offset: number;
  readonly key: string;
  /** Different in every record, so that a sum tells which ones are in it. */
  readonly amount: number;
  /** Event time, epoch ms. */
  readonly time: number;
  /** World time at which it was produced. */
  readonly at: number;
  /** Nobody can take it in; absent: it is a good one. */
  readonly bad?: Poison;
}

/** How a record is bad: its text ends in the middle, it has no row time, or a function that runs in the writer fails on it. */
export type Poison = 'torn' | 'timeless' | 'refused';

interface Partition {
  /** Ascending; offsets in between hold nothing. */
  readonly records: TopicRecord[];
  /** Offset of the next record. */
  end: number;
}

export class Topics {
  readonly #topics = new Map<string, Partition[]>();
  /** Topics that were deleted and created again: what they hold now is none of the job's. */
  readonly replaced = new Set<string>();
  readonly #source: MemorySource;
  readonly #scheduler: Scheduler;
  readonly #refuses: (amount: number) => boolean;
  #serial = 0;

  /** `refuses`: what functions in the writer fail on. */
  constructor(source: MemorySource, scheduler: Scheduler, refuses: (amount: number) => boolean) {
    this.#source = source;
    this.#scheduler = scheduler;
    this.#refuses = refuses;
  }

  create(topic: string, partitions: number): void {
    this.#source.recreate(topic, partitions);
    this.#topics.set(topic, Array.from({ length: partitions }, () => ({ records: [], end: 0 })));
  }

  addPartition(topic: string): void {
    this.#source.addPartitions(topic, 1);
    this.#topics.get(topic)?.push({ records: [], end: 0 });
  }

  names(): string[] {
    return [...this.#topics.keys()];
  }

  /** Number of partitions of a topic. */
  width(topic: string): number {
    return this.#topics.get(topic)?.length ?? 0;
  }

  records(topic: string, partition: number): readonly TopicRecord[] {
    return this.#topics.get(topic)?.[partition]?.records ?? [];
  }

  produce(topic: string, partition: number, record: Pick<TopicRecord, 'key' | 'time' | 'bad'>): void {
    if (this.replaced.has(topic)) return this.#source.produce(topic, [textOf({ ...record, amount: 0 })], partition);
    const target = this.#topics.get(topic)?.[partition];
    if (target === undefined) throw new Error(`${topic} has no partition ${partition}`);
    const amount = ++this.#serial;
    const isRefused = record.bad === undefined && record.key !== FILTERED_KEY && this.#refuses(amount);
    target.records.push({ ...record, ...(isRefused && { bad: 'refused' }), amount, offset: target.end++, at: this.#scheduler.now });
    this.#source.produce(topic, [textOf({ ...record, amount })], partition);
  }

  /** Deletes the topic and creates it again, empty, under a new id (W6). */
  replace(topic: string): void {
    this.#source.recreate(topic, this.width(topic));
    this.replaced.add(topic);
  }

  /** Deletes the oldest records of a partition, read or not (W7). */
  retain(topic: string, partition: number, share: number): void {
    const records = this.records(topic, partition);
    const earliest = records[Math.floor(records.length * share)]?.offset ?? 0;
    this.#source.retain(topic, partition, earliest);
  }

  /** Offsets at which no reader sees a record: markers of transactions (W7). */
  skip(topic: string, partition: number, count: number): void {
    const target = this.#topics.get(topic)?.[partition];
    if (target === undefined) return;
    target.end += count;
    this.#source.skip(topic, partition, count);
  }
}

/** The value of a record, as it is produced. */
export function textOf({ key, amount, time, bad }: Pick<TopicRecord, 'key' | 'amount' | 'time' | 'bad'>): string {
  const text = JSON.stringify({ event_type: key, amount, event_time: bad === 'timeless' ? null : new Date(time).toISOString().slice(0, -1) });
  return bad === 'torn' ? text.slice(0, -2) : text;
}
