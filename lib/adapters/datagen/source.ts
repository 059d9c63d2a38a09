/**
 * `'connector' = 'datagen'`: rows that are made up, as JSON. Nothing is stored. The record at an offset is a function of the topic, the partition and
 * the offset, so that a writer that was killed, or a job that goes on from a savepoint, reads what was there before. The topic is named for the table
 * of the plan: another job over the same table reads the same rows. Times alone come from the clock, as in Flink: they are those at which a record is
 * read, and what counts of them is what a log holds.
 *
 * A partition has all rows from the beginning on; `fetch` gives those that are due.
 */
import { SluiceError } from '../../core/errors.ts';
import type { GeneratedRows } from '../../core/generated-rows.ts';
import { offset, type Offset } from '../../core/numbers.ts';
import type { StartupMode } from '../../core/plan.ts';
import { startAt } from '../../core/startup.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { PartitionInfo, RecordBatch, Source, TopicInfo } from '../../ports/source.ts';
import { Pace } from './pace.ts';
import { rowText, type RowAt } from './values.ts';

const START = offset(0);
const ENDLESS = offset(Number.MAX_SAFE_INTEGER);

type GeneratorRuntime = Pick<Runtime, 'now' | 'elapsed' | 'sleep'>;

export class GeneratedSource implements Source {
  readonly recordsHave = 'values';
  readonly #topic: string;
  readonly #rows: GeneratedRows;
  readonly #runtime: GeneratorRuntime;
  readonly #textOf: (at: RowAt) => string;
  readonly #paces: readonly Pace[];

  /** The one topic that there is. */
  constructor(topic: string, rows: GeneratedRows, runtime: GeneratorRuntime) {
    this.#topic = topic;
    this.#rows = rows;
    this.#runtime = runtime;
    this.#textOf = rowText(topic, rows.fields);
    this.#paces = Array.from({ length: rows.partitions }, () => new Pace(runtime, rows.rowsPerSecond / rows.partitions));
  }

  async topic(name: string): Promise<TopicInfo | null> {
    if (name !== this.#topic) return null;
    return { id: name, partitions: this.#paces.map((_, partition) => this.#info(partition)) };
  }

  async startOffset(topic: string, partition: number, mode: StartupMode): Promise<Offset> {
    this.#paceOf(topic, partition);
    return startAt(mode, { topic, ...this.#info(partition), committed: async () => null });
  }

  async fetch(topic: string, partition: number, from: Offset, maxBytes: number): Promise<RecordBatch | null> {
    const pace = this.#paceOf(topic, partition);
    const { end } = this.#info(partition);
    if (from > end) throw truncated({ topic, partition, from, end });
    if (from === end) return null;
    const due = await pace.due(from);
    return due === null ? null : this.#batch(partition, from, Math.min(end, due), maxBytes);
  }

  async hasMore(topic: string, partition: number, from: Offset): Promise<boolean> {
    this.#paceOf(topic, partition);
    return from < this.#info(partition).end;
  }

  #batch(partition: number, from: Offset, end: number, maxBytes: number): RecordBatch {
    const { partitions } = this.#rows;
    const now = this.#runtime.now();
    const values = [];
    let size = 0;
    for (let at: number = from; at < end && (values.length === 0 || size < maxBytes); at++) {
      const value = Buffer.from(this.#textOf({ row: at * partitions + partition, now }));
      values.push(value, NEWLINE);
      size += value.length + 1;
    }
    return batchOf(values, from);
  }

  /** Rows are dealt to the partitions in turn. */
  #info(partition: number): PartitionInfo {
    const { count, partitions } = this.#rows;
    const end = count === null ? ENDLESS : offset(Math.max(0, Math.ceil((count - partition) / partitions)));
    return { partition, earliest: START, end };
  }

  #paceOf(topic: string, partition: number): Pace {
    const pace = topic === this.#topic ? this.#paces[partition] : undefined;
    if (pace !== undefined) return pace;
    throw new SluiceError('TOPIC_UNKNOWN', { message: `generated rows: there is no partition ${partition} of '${topic}'` });
  }
}

const NEWLINE = Buffer.from('\n');

/** `values`: each with its newline behind it. */
function batchOf(values: readonly Buffer[], from: Offset): RecordBatch {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const [i, { length }] of values.entries()) {
    if (i % 2 === 0) starts.push(at);
    if (i % 2 === 0) ends.push(at + length);
    at += length;
  }
  return { bytes: Buffer.concat(values, at), starts, ends, offsets: starts.map((_, i) => from + i), next: offset(from + starts.length) };
}

const truncated = (details: { readonly topic: string; readonly partition: number; readonly from: Offset; readonly end: Offset }): SluiceError =>
  new SluiceError('TOPIC_TRUNCATED', {
    message: `${details.topic}-${details.partition}: the table generates ${details.end} rows, but was read up to ${details.from}`,
    hint: "Its 'number-of-rows', or a sequence, has become shorter: set it back, or start a new job.",
    details,
  });
