/** The `filesystem` connector: a table as files in a directory or below a prefix of a bucket (protocol section 7, "Files"). */
import { ERRORS, isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import { extensionOf, fireName, manifestKey, partitionPath, type FireManifest, type ManifestFile, type TableFormat } from '../../core/table-files.ts';
import type { Column, Row } from '../../core/types.ts';
import type { Blob, BlobInfo } from '../../ports/blob.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Draft, Drafts } from './drafts.ts';

/** Files of one FIRE that are in memory at once, in number and in bytes; one that is larger is alone. */
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
  /** The digest of the rows of a stored file; null if it has none. */
  readonly digestIn: (bytes: number, read: (start: number, end: number) => Promise<Uint8Array>) => Promise<string | null>;
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
      throw mended(error);
    }
    return { kind: 'durable' };
  }

  async fence(): Promise<SinkPosition | null> {
    return null;
  }

  /** One request for a FIRE that fits into one file; else one per file, and the manifest. That is the commit: files that none names do not count. */
  async #write(fire: string, files: Iterable<Placed>): Promise<void> {
    const written: ManifestFile[] = [];
    for (const batch of batches(files)) {
      if (batch[0]?.isOnly === true) return void (await this.#put(this.#nameOf(fire, 0, batch[0]), batch[0]));
      const first = written.length + 1;
      written.push(...(await Promise.all(batch.map(async (file, i): Promise<ManifestFile> => {
        const path = this.#nameOf(fire, first + i, file);
        return { path, rows: file.rows, bytes: await this.#put(path, file) };
      }))));
    }
    const manifest: FireManifest = { files: written };
    await this.#put(manifestKey(fire), { bytes: Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`), digest: null });
  }

  #nameOf(fire: string, k: number, { partition }: Placed): string {
    return `${partition}${fire}-${k}.${extensionOf(this.#table.format)}`;
  }

  *#files(rows: readonly Row[]): Iterable<Placed> {
    const { drafts, fileBytes } = this.#table;
    const parts = this.#partitioned(rows);
    for (const [partition, part] of parts) {
      for (const draft of drafts(part, fileBytes)) yield { partition, ...draft, isOnly: draft.isOnly && parts.size === 1 };
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

  /** Bytes that the file has: those that an earlier emission wrote, if there are any. */
  async #put(key: string, draft: Pick<Draft, 'bytes' | 'digest'>): Promise<number> {
    const put = await this.#table.blob.put(key, draft.bytes);
    if (put.kind === 'created') return draft.bytes.length;
    if (!(await this.#isSame(put.info, draft))) {
      throw new SluiceError('REPLAY_DIFFERS', { message: `${key} of ${this.#table.place} exists with other rows (X4)`, details: { place: this.#table.place, file: key } });
    }
    return put.info.bytes;
  }

  async #isSame({ key, bytes: length }: BlobInfo, { bytes, digest }: Pick<Draft, 'bytes' | 'digest'>): Promise<boolean> {
    if (digest !== null) return (await this.#table.digestIn(length, (start, end) => this.#stored(key, { start, end }))) === digest;
    return length === bytes.length && Buffer.compare(await this.#stored(key, { start: 0, end: length }), bytes) === 0;
  }

  async #stored(key: string, range: { start: number; end: number }): Promise<Uint8Array> {
    const stored = await this.#table.blob.get(key, range);
    if (stored !== null) return stored;
    throw new SluiceError('SINK_UNAVAILABLE', { message: `${key} of ${this.#table.place} vanished while it was compared`, hint: 'look for who removes it' });
  }
}

/** What the operator can do something about: the store, and values that an encoder does not take. */
function mended(error: unknown): unknown {
  if (isError(error, 'STORE_FAILED')) return unavailable(error);
  if (isError(error)) return error;
  return new SluiceError('SINK_UNAVAILABLE', { message: `the rows cannot be encoded: ${error instanceof Error ? error.message : String(error)}`, cause: error });
}

/** The hint of a store speaks of commands where it knows nothing better. */
function unavailable(cause: SluiceError): SluiceError {
  const hint = cause.hint === ERRORS.STORE_FAILED.hint ? undefined : cause.hint;
  return new SluiceError('SINK_UNAVAILABLE', { message: `cannot write the table: ${cause.message}`, cause, details: cause.details, ...(hint === undefined ? {} : { hint }) });
}

/** Files that may be written at once; the next file is expected to have the size of the one before it. */
function* batches(files: Iterable<Placed>): Iterable<readonly Placed[]> {
  let batch: Placed[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.bytes.length;
    if (batch.length < PARALLEL && bytes + file.bytes.length <= PARALLEL_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
