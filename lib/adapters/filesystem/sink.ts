/** The `filesystem` connector: a table as files in a directory or below a prefix of a bucket (protocol section 7, "Files"). */
import { ERRORS, isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import { extensionOf, fireName, manifestKey, partitionPath, type FireManifest, type ManifestFile, type TableFormat } from '../../core/table-files.ts';
import type { Column, Row } from '../../core/types.ts';
import type { Blob } from '../../ports/blob.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Draft, Drafts } from './drafts.ts';

/** Files of one FIRE that are written at once, in number and in bytes. */
const PARALLEL = 8;
const PARALLEL_BYTES = 64 * 1024 * 1024;

/** A table as its sink writes it. */
export interface FileTable {
  /** For messages: the directory or the address. */
  readonly place: string;
  readonly blob: Blob;
  readonly format: TableFormat;
  readonly columns: readonly Column[];
  /** Positions of the columns that are in the path, and not in the files. */
  readonly partitions: readonly number[];
  /** The partition of NULL and of the empty text. */
  readonly nullName: string;
  /** Of the columns that are in the files. */
  readonly drafts: Drafts;
  /** Bytes of a file, roughly. */
  readonly fileBytes: number;
}

/** A file of a FIRE, which has no number yet. */
interface Placed extends Draft {
  /** '' or `column=value/`. */
  readonly partition: string;
}

/**
 * The names of a FIRE's files follow from its position, and its rows decide their content, so it takes effect once (X1), and a file of the
 * same name with other content is REPLAY_DIFFERS (X4). There is no fence: after a restore from an older base the files of both generations
 * remain, as in Flink. What cannot be written is SINK_UNAVAILABLE.
 */
export class FilesystemSink implements Sink {
  readonly fences = false;
  readonly #table: FileTable;
  readonly #job: JobId;
  readonly #node: Pick<SinkNode, 'uid'>;

  constructor(table: FileTable, job: JobId, node: Pick<SinkNode, 'uid'>) {
    this.#table = table;
    this.#job = job;
    this.#node = node;
  }

  async emit(emission: Emission): Promise<EmitResult> {
    try {
      if (emission.rows.length > 0) await this.#write(fireName(this.#job, this.#node, emission), this.#files(emission.rows));
    } catch (error) {
      throw isError(error, 'STORE_FAILED') ? unavailable(error) : error;
    }
    return { kind: 'durable' };
  }

  async fence(): Promise<SinkPosition | null> {
    return null;
  }

  /** One request for a FIRE that fits into one file; else one per file, and the manifest. */
  async #write(fire: string, files: Iterator<Placed>): Promise<void> {
    const first = files.next();
    if (first.done === true) return;
    const second = files.next();
    if (second.done === true) await this.#put(this.#nameOf(fire, 0, first.value), first.value.bytes);
    else await this.#writeSeveral(fire, withFirst([first.value, second.value], files));
  }

  /** The manifest is the commit: files that none names do not count. */
  async #writeSeveral(fire: string, files: Iterable<Placed>): Promise<void> {
    const written: ManifestFile[] = [];
    for (const batch of batches(files)) {
      const named = batch.map((file, i) => ({ path: this.#nameOf(fire, written.length + i + 1, file), ...file }));
      await Promise.all(named.map(({ path, bytes }) => this.#put(path, bytes)));
      written.push(...named.map(({ path, rows, bytes }) => ({ path, rows, bytes: bytes.length })));
    }
    const manifest: FireManifest = { files: written };
    await this.#put(manifestKey(fire), Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`));
  }

  #nameOf(fire: string, k: number, { partition }: Placed): string {
    return `${partition}${fire}-${k}.${extensionOf(this.#table.format)}`;
  }

  *#files(rows: readonly Row[]): Iterator<Placed> {
    const { drafts, fileBytes } = this.#table;
    for (const [partition, part] of this.#partitioned(rows)) {
      for (const draft of drafts(part, fileBytes)) yield { partition, ...draft };
    }
  }

  /** Rows by partition, without its columns, both in the order in which they come. */
  #partitioned(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
    const { columns, partitions, nullName } = this.#table;
    if (partitions.length === 0) return new Map([['', rows]]);
    const parts = new Map<string, Row[]>();
    for (const row of rows) {
      const path = partitionPath(columns, partitions, row, nullName);
      const part = parts.get(path) ?? [];
      part.push(row.filter((_, i) => !partitions.includes(i)));
      parts.set(path, part);
    }
    return parts;
  }

  async #put(key: string, bytes: Uint8Array): Promise<void> {
    const put = await this.#table.blob.put(key, bytes);
    if (put.kind === 'created') return;
    const stored = put.info.bytes === bytes.length ? await this.#table.blob.get(key) : new Uint8Array();
    if (stored === null) throw new SluiceError('SINK_UNAVAILABLE', { message: `${key} of ${this.#table.place} vanished while it was compared`, hint: 'look for who removes it' });
    if (Buffer.compare(stored, bytes) !== 0) {
      throw new SluiceError('REPLAY_DIFFERS', { message: `${key} of ${this.#table.place} exists with other rows (X4)`, details: { place: this.#table.place, file: key } });
    }
  }
}

/** The hint of a store speaks of commands where it knows nothing better. */
function unavailable(cause: SluiceError): SluiceError {
  const hint = cause.hint === ERRORS.STORE_FAILED.hint ? undefined : cause.hint;
  return new SluiceError('SINK_UNAVAILABLE', { message: `cannot write the table: ${cause.message}`, cause, details: cause.details, ...(hint === undefined ? {} : { hint }) });
}

function* withFirst<T>(first: readonly T[], rest: Iterator<T>): Iterable<T> {
  yield* first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/** Files that may be written at once. */
function* batches(files: Iterable<Placed>): Iterable<readonly Placed[]> {
  let batch: Placed[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.bytes.length;
    if (batch.length < PARALLEL && bytes < PARALLEL_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
