/**
 * Topics as append-only files, one record a line. An offset is the byte position at which a line starts. Records are values
 * only: no keys, headers, times or tombstones. Any process may produce or read. What was produced carries checksums
 * (`block-sums.ts`): a reader that meets damage gets STORE_CORRUPT.
 */
import { join } from 'node:path';
import { SluiceError, StoreError } from '../../core/errors.ts';
import { offset, type Offset } from '../../core/numbers.ts';
import type { StartupMode } from '../../core/plan.ts';
import { startAt } from '../../core/startup.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Offsets, PartitionInfo, RecordBatch, Source, TopicInfo } from '../../ports/source.ts';
import { verifyBlocks } from './block-sums.ts';
import { createTopic, deleteTopic } from './create-topic.ts';
import { attempt } from './files.ts';
import { committedEnd, MAX_LINE_BYTES, readLines, type Lines } from './lines.ts';
import { OpenFiles, type FileNow } from './open-files.ts';
import { appendRecords, nodeAppendCalls, recordsIn, type AppendCalls } from './producer.ts';
import type { Store } from './store.ts';
import { checkTopicName, partitionFile, partitionsOf, topicId, topicNames, unknownTopic } from './topic-files.ts';

/** Partitions that are read in turn without opening files again. */
const OPEN_FILES = 256;
const EARLIEST = offset(0);

export interface TopicsParts {
  /** Data directory; topics lie in `<dir>/topics`. */
  readonly dir: string;
  /** Its lock orders the producers of all processes. */
  readonly store: Store;
  readonly offsets: Offsets;
  readonly runtime: Pick<Runtime, 'randomHex'>;
  readonly appendCalls?: AppendCalls;
}

/** What `produce` appended to one partition. */
export interface Produced {
  readonly partition: number;
  readonly records: number;
  /** Offset that the next record will have. */
  readonly next: Offset;
}

export class EmbeddedTopics implements Source {
  readonly recordsHave = 'values';
  readonly #root: string;
  readonly #parts: TopicsParts;
  readonly #files = new OpenFiles(OPEN_FILES);

  constructor(parts: TopicsParts) {
    this.#root = join(parts.dir, 'topics');
    this.#parts = parts;
  }

  /** Throws TOPIC_EXISTS; OPTION_INVALID for a bad name or number. */
  async createTopic(name: string, partitions: number): Promise<void> {
    createTopic(this.#root, name, partitions, this.#parts.runtime);
  }

  /** Its groups forget their offsets in it. Throws TOPIC_UNKNOWN. */
  async deleteTopic(name: string): Promise<void> {
    deleteTopic(this.#root, name, this.#parts.runtime);
    const { store } = this.#parts;
    const forget = store.prepare('DELETE FROM consumer_offset WHERE topic = ?');
    store.attempt(() => forget.run(name));
  }

  /** Names in order. */
  async listTopics(): Promise<string[]> {
    return topicNames(this.#root);
  }

  /**
   * Appends one record per line, in order, durably: to `partition`, or to all in turn, beginning with the shortest. Blank lines
   * are skipped; a bad line refuses all of them (RECORD_MALFORMED with the line number). After a StoreError `maybe` some are there.
   */
  async produce(topic: string, lines: readonly string[], { partition }: { partition?: number } = {}): Promise<Produced[]> {
    const records = recordsIn(lines);
    const partitions = this.#targets(topic, partition);
    if (records.length === 0) return [];
    return this.#parts.store.locked(() => this.#append(topic, dealt(records, this.#fromShortest(topic, partitions))));
  }

  async topic(name: string): Promise<TopicInfo | null> {
    const partitions = partitionsOf(this.#root, name);
    if (partitions === null) return null;
    return { id: topicId(this.#root, name), partitions: partitions.map((partition) => this.#info(name, partition)) };
  }

  async startOffset(topic: string, partition: number, mode: StartupMode): Promise<Offset> {
    const { earliest, end } = this.#info(topic, partition);
    const committed = (group: string): Promise<Offset | null> => this.#parts.offsets.committed(group, topic, partition);
    return startAt(mode, { topic, partition, earliest, end, committed });
  }

  async fetch(topic: string, partition: number, from: Offset, maxBytes: number): Promise<RecordBatch | null> {
    const result = this.#read(topic, partition, ({ fd, size }) => {
      const found = readLines(fd, size, from, maxBytes);
      if (found.kind === 'none' && from === size) return found;
      // The byte before `from` counts: a record begins behind a newline.
      verifyBlocks(partitionFile(this.#root, topic, partition), fd, from - 1, found.kind === 'lines' ? found.next : size);
      return found;
    });
    switch (result.kind) {
      case 'lines':
        return batchOf(result);
      case 'none':
        return null;
      case 'behind-end':
        throw truncated(topic, partition, from, this.#info(topic, partition).end);
      case 'too-long':
        throw tooLong(topic, partition, from);
    }
  }

  /** Closes the files. */
  close(): void {
    this.#files.close();
  }

  #info(topic: string, partition: number): PartitionInfo {
    const end = this.#read(topic, partition, ({ fd, size }) => committedEnd(fd, size));
    return { partition, earliest: EARLIEST, end: offset(end) };
  }

  #read<T>(topic: string, partition: number, use: (file: FileNow) => T): T {
    checkTopicName(topic);
    return attempt(`read topic '${topic}' partition ${partition}`, () => {
      const file = this.#files.open(partitionFile(this.#root, topic, partition));
      if (file === null) throw unknownTopic(this.#root, topic, partition);
      return use(file);
    });
  }

  #targets(topic: string, partition: number | undefined): number[] {
    const partitions = partitionsOf(this.#root, topic);
    if (partitions === null) throw unknownTopic(this.#root, topic);
    if (partition === undefined) return partitions;
    if (!partitions.includes(partition)) throw unknownTopic(this.#root, topic, partition);
    return [partition];
  }

  /** So that many small calls, each from a process of its own, fill all partitions too. */
  #fromShortest(topic: string, partitions: readonly number[]): number[] {
    const ends = partitions.map((partition) => this.#info(topic, partition).end);
    const first = ends.indexOf(offset(Math.min(...ends)));
    return [...partitions.slice(first), ...partitions.slice(0, first)];
  }

  #append(topic: string, shares: ReadonlyMap<number, readonly string[]>): Produced[] {
    const produced: Produced[] = [];
    for (const [partition, records] of shares) {
      if (records.length === 0) continue;
      produced.push({ partition, records: records.length, next: this.#appendTo(topic, partition, records, produced) });
    }
    return produced;
  }

  #appendTo(topic: string, partition: number, records: readonly string[], produced: readonly Produced[]): Offset {
    try {
      return appendRecords(partitionFile(this.#root, topic, partition), records, this.#parts.appendCalls ?? nodeAppendCalls);
    } catch (error) {
      if (!(error instanceof StoreError) || produced.length === 0) throw error;
      throw new StoreError('maybe', { message: error.message, cause: error, details: { ...error.details, produced } });
    }
  }
}

/** Records dealt to the partitions in turn. */
function dealt(records: readonly string[], partitions: readonly number[]): Map<number, string[]> {
  const shares = partitions.map((partition): [number, string[]] => [partition, []]);
  for (const [i, record] of records.entries()) shares[i % shares.length]?.[1].push(record);
  return new Map(shares);
}

const batchOf = ({ bytes, starts, ends, first, next }: Lines): RecordBatch => ({
  bytes,
  starts,
  ends,
  offsets: starts.map((start) => first + start),
  next: offset(next),
});

const truncated = (topic: string, partition: number, from: Offset, end: Offset): SluiceError =>
  new SluiceError('TOPIC_TRUNCATED', {
    message: `topic '${topic}' partition ${partition} ends at ${end}, but was read up to ${from}`,
    hint: 'Its file was cut or replaced: put the records back, or start a new job.',
    details: { topic, partition, from, end },
  });

const tooLong = (topic: string, partition: number, from: Offset): SluiceError =>
  new SluiceError('RECORD_MALFORMED', {
    message: `topic '${topic}' partition ${partition}: the line at ${from} is longer than ${MAX_LINE_BYTES} bytes`,
    details: { topic, partition, offset: from },
  });
