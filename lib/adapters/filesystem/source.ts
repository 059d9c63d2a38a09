/**
 * `'connector' = 'filesystem'` as a source: the lines of all files of a directory, in one partition, in the order in which the files came.
 *
 * Nothing is stored about what was read but the offset, so it has to say all: it is the place of a line in the sequence of all bytes, times 2^16, plus
 * a check of the list of files up to the one that the line is in (path, size and time of modification of each). Whoever goes on from an offset, in
 * this process or in the next one, behind a kill or a savepoint, lists the files again, and either finds the same list up to there, or says that it has
 * changed: one list in 32,000 that has changed is not noticed by the check. A process that has seen a list compares it as a whole.
 *
 * New files come behind all others, as they are ordered by the time of their last change of any kind (`ctime`), which moving a file sets. A
 * directory that is monitored shows a file a second after that, so that the order of those that come at the same time is settled. A bounded table
 * ends with the files that are there when the job is created.
 */
import { SluiceError } from '../../core/errors.ts';
import { offset, type Offset } from '../../core/numbers.ts';
import type { FileTable, StartupMode } from '../../core/plan.ts';
import { startAt } from '../../core/startup.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { PartitionInfo, RecordBatch, RecordMetadata, Source, TopicInfo } from '../../ports/source.ts';
import { changed, linesAt, type FileLines } from './file-lines.ts';
import { CHECKS, listFiles, type ListedFile } from './file-list.ts';
import { fileKey } from './file-key.ts';

const START = offset(0);
/** Values of the check, and one more: an offset behind that of a line means the next one. */
const PER_BYTE = CHECKS + 1;
const BYTES_MAX = Math.floor(Number.MAX_SAFE_INTEGER / PER_BYTE);
/** Files that are monitored are shown so long after they came. */
const SETTLED_MS = 1000;

type FileRuntime = Pick<Runtime, 'now' | 'elapsed'>;

export class FileSource implements Source {
  readonly #topic: string;
  readonly #table: FileTable;
  readonly #runtime: FileRuntime;
  #files: readonly ListedFile[] | null = null;
  #listedAt = 0;
  #listing: Promise<readonly ListedFile[]> | null = null;

  /** The one topic that there is. */
  constructor(topic: string, table: FileTable, runtime: FileRuntime) {
    this.#topic = topic;
    this.#table = table;
    this.#runtime = runtime;
  }

  async topic(name: string): Promise<TopicInfo | null> {
    if (name !== this.#topic) return null;
    return { id: this.#table.path, partitions: [await this.#info()] };
  }

  async startOffset(topic: string, partition: number, mode: StartupMode): Promise<Offset> {
    this.#require(topic, partition);
    return startAt(mode, { topic, ...(await this.#info()), committed: async () => null });
  }

  async fetch(topic: string, partition: number, from: Offset, maxBytes: number): Promise<RecordBatch | null> {
    this.#require(topic, partition);
    const files = await this.#list();
    const begin = await placeOf(files, from);
    if (begin === null) throw this.#truncated(from, files);
    for (let { index, at } = begin; index < files.length; index++, at = 0) {
      const file = files[index];
      if (file === undefined) break;
      while (at < file.size) {
        const lines = await linesAt(file, at, maxBytes);
        const batch = batchOf(file, lines, this.#table.blankLines === true);
        if (batch !== null) return batch;
        at = lines.next;
      }
    }
    return null;
  }

  async verify(topic: string, partition: number, at: Offset): Promise<void> {
    this.#require(topic, partition);
    const files = await this.#list();
    if ((await placeOf(files, at)) === null) throw this.#truncated(at, files);
  }

  async #info(): Promise<PartitionInfo> {
    const last = (await this.#list()).at(-1);
    return { partition: 0, earliest: START, end: last === undefined ? START : offsetAt(last, last.size) };
  }

  /** As it was, unless the directory is to be looked at again; those who ask at once look once. */
  #list(): Promise<readonly ListedFile[]> {
    const interval = this.#table.monitorIntervalMs;
    if (this.#files !== null && (interval === null || this.#runtime.elapsed() - this.#listedAt < interval)) return Promise.resolve(this.#files);
    this.#listing ??= this.#look().finally(() => {
      this.#listing = null;
    });
    return this.#listing;
  }

  async #look(): Promise<readonly ListedFile[]> {
    const files = await listFiles(this.#table, this.#table.monitorIntervalMs === null ? Infinity : this.#runtime.now() - SETTLED_MS);
    requireSame(this.#files ?? [], files);
    const end = files.at(-1);
    if (end !== undefined && end.begin + end.size > BYTES_MAX) throw tooMuch(this.#table.path);
    this.#files = files;
    this.#listedAt = this.#runtime.elapsed();
    return files;
  }

  #truncated(from: Offset, files: readonly ListedFile[]): SluiceError {
    const last = files.at(-1);
    const details = { topic: this.#topic, partition: 0, from, end: last === undefined ? START : offsetAt(last, last.size) };
    return changed(`the files in '${this.#table.path}' are not those that were read up to offset ${from}: one was changed, moved or removed`, details);
  }

  #require(topic: string, partition: number): void {
    if (topic === this.#topic && partition === 0) return;
    throw new SluiceError('TOPIC_UNKNOWN', { message: `files: there is no partition ${partition} of '${topic}'` });
  }
}

const offsetAt = ({ begin, check }: ListedFile, at: number): Offset => offset((begin + at) * PER_BYTE + check);

interface Place {
  /** Of the file. */
  readonly index: number;
  /** Of the line in it. */
  readonly at: number;
}

/** The line that an offset means; null if the files up to it are not those that it was made of. */
async function placeOf(files: readonly ListedFile[], from: Offset): Promise<Place | null> {
  if (from === START) return { index: 0, at: 0 };
  const place = Math.floor(from / PER_BYTE);
  const index = files.findLastIndex(({ begin }) => begin <= place);
  const file = files[index];
  if (file === undefined || place > file.begin + file.size) return null;
  const at = place - file.begin;
  if (from === offsetAt(file, at)) return { index, at };
  const isBehind = from === offsetAt(file, at) + 1 && at < file.size;
  return isBehind ? { index, at: await behindLine(file, at) } : null;
}

async function behindLine(file: ListedFile, at: number): Promise<number> {
  const lines = await linesAt(file, at, 1);
  return lines.starts.length > 1 ? at + (lines.starts[1] ?? 0) : lines.next;
}

function requireSame(before: readonly ListedFile[], files: readonly ListedFile[]): void {
  for (const [i, { path, size, modifiedAt }] of before.entries()) {
    const file = files[i];
    if (file?.path !== path || file.size !== size || file.modifiedAt !== modifiedAt) throw changed(`'${path}' was changed, moved or removed`);
  }
}

/** null: the lines are blank, and blank ones are no records. */
function batchOf(file: ListedFile, { bytes, starts, ends, at, next }: FileLines, withBlank: boolean): RecordBatch | null {
  const records = starts.map((start, i) => ({ start, end: ends[i] ?? start })).filter(({ start, end }) => withBlank || end > start);
  if (records.length === 0) return null;
  const texts = records.map(({ start, end }) => bytes.subarray(start, end));
  return {
    ...laidOut(texts),
    offsets: records.map(({ start }) => offsetAt(file, at + start)),
    next: offsetAt(file, next),
    metadata: () => metadataOf(file, records.length),
    nameOf: (index) => `'${file.path}' at byte ${at + (records[index]?.start ?? 0)}`,
  };
}

/** One behind the other, each with its newline. */
function laidOut(values: readonly Uint8Array[]): Pick<RecordBatch, 'bytes' | 'starts' | 'ends'> {
  const bytes = new Uint8Array(values.reduce((sum, { length }) => sum + length + 1, 0)).fill(NEWLINE);
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const value of values) {
    bytes.set(value, at);
    starts.push(at);
    ends.push(at + value.length);
    at += value.length + 1;
  }
  return { bytes, starts, ends };
}

const NEWLINE = 10;

/** What is known of a file stands in the keys of its records. */
function metadataOf(file: ListedFile, count: number): RecordMetadata {
  const key = new TextEncoder().encode(fileKey(file));
  const time = Number(file.modifiedAt / 1_000_000n);
  const each = <T>(value: T): T[] => Array.from({ length: count }, () => value);
  return { keys: laidOut(each(key)), timestamps: each(time), timestampTypes: each('NoTimestampType'), headers: each([]), leaderEpochs: each(-1) };
}

const tooMuch = (path: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `the files in '${path}' hold more than ${BYTES_MAX} bytes, which is all that an offset can count`, hint: 'Read them directory by directory.' });
