/** Where the rows of tables are, for a query: the files that count, on this machine. */
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../core/errors.ts';
import { isS3 } from '../core/s3-url.ts';
import { manifestKey, MANIFESTS, partitionValues, visibleFiles, type FireManifest } from '../core/table-files.ts';
import type { Blob, BlobInfo } from '../ports/blob.ts';
import { type FileTable, type ReadableTable, type TableFile } from './duckdb-views.ts';

/** Files of one table, manifests included. */
const FILES_MAX = 100_000;
/** Objects of a bucket that are copied for one query. */
const COPY_BYTES_MAX = 4 * 2 ** 30;
const PARALLEL = 8;
/** Bytes of an object that are in memory at once. */
const PIECE_BYTES = 8 * 2 ** 20;

export type OpenDirectory = (url: string) => Blob;

/** Copies of objects, until the query is over. */
export interface Located {
  readonly tables: readonly ReadableTable[];
  remove(): Promise<void>;
}

/** Looks only at the tables that the query may mean, by their names; the others are empty to it. Throws StoreError, QUERY_FAILED. */
export async function locateTables(sql: string, tables: readonly FileTable[], open: OpenDirectory): Promise<Located> {
  const copies = new Copies();
  try {
    const located: ReadableTable[] = [];
    for (const table of tables) located.push({ ...table, files: isNamed(sql, table) ? await filesOf(table, open(table.directory), copies) : [] });
    return { tables: located, remove: () => copies.remove() };
  } catch (error) {
    await copies.remove();
    throw error;
  }
}

/** As a word; a name that is none stands in quotes, of one kind or the other. Case does not count. */
function isNamed(sql: string, { name }: FileTable): boolean {
  const [text, wanted] = [sql.toLowerCase(), name.toLowerCase()];
  if (/^[\p{L}\p{N}_]+$/u.test(wanted)) return new Set(text.match(/[\p{L}\p{N}_]+/gu)).has(wanted);
  return [wanted, wanted.replaceAll('"', '""'), wanted.replaceAll('`', '``')].some((each) => text.includes(each));
}

async function filesOf(table: FileTable, blob: Blob, copies: Copies): Promise<readonly TableFile[]> {
  const manifests = await listed(blob, MANIFESTS);
  const infos = await listed(blob, '');
  const counted = await countedKeys(infos, manifests, table, blob);
  const keys = counted.filter((key) => infos.has(key));
  const isLocal = !isS3(table.directory);
  const paths = isLocal ? keys.map((key) => join(localPath(table.directory), key)) : await copies.of(blob, keys.flatMap((key) => infos.get(key) ?? []));
  return keys.map((key, i) => ({ path: paths[i] ?? '', partition: partitionValues(key, table.partitionedBy, table.nullName) }));
}

/** As the files of the table were written: `x/../y` is `y`, whether or not there is an x. */
const localPath = (url: string): string => resolve(/^file:/i.test(url) ? fileURLToPath(new URL(url)) : url);

type Infos = ReadonlyMap<string, BlobInfo>;

async function listed(blob: Blob, prefix: string): Promise<Infos> {
  const found = await blob.list(prefix, { after: '', limit: FILES_MAX + 1 });
  if (found.length > FILES_MAX) throw new SluiceError('QUERY_FAILED', { message: `the table has more than ${FILES_MAX} files`, hint: 'read it with another engine' });
  return new Map(found.map((info) => [info.key, info]));
}

/** Files that count by themselves, then those that a manifest names. */
async function countedKeys(infos: Infos, known: Infos, { format }: FileTable, blob: Blob): Promise<readonly string[]> {
  const { files, several } = visibleFiles([...infos.keys()], [...known.keys()], format);
  const manifests = await inBatches(several, async (fire) => blob.get(manifestKey(fire)));
  return [...files, ...manifests.flatMap((bytes) => (bytes === null ? [] : pathsIn(bytes)))].toSorted();
}

function pathsIn(bytes: Uint8Array): string[] {
  const manifest: FireManifest = JSON.parse(new TextDecoder().decode(bytes));
  return manifest.files.map(({ path }) => path);
}

/** In pieces: objects may be larger than memory, and eight are copied at once. */
async function copy(blob: Blob, { key, bytes: length }: BlobInfo, path: string): Promise<void> {
  const file = await fs.open(path, 'wx');
  try {
    for (let start = 0; start < length; start += PIECE_BYTES) {
      const piece = await blob.get(key, { start, end: Math.min(start + PIECE_BYTES, length) });
      if (piece === null) throw new SluiceError('QUERY_FAILED', { message: `${key} was removed while the table was read`, hint: 'repeat the query' });
      await file.appendFile(piece);
    }
  } finally {
    await file.close();
  }
}

class Copies {
  #directory: string | null = null;
  #bytes = 0;
  #count = 0;

  /** Names are numbers: keys of objects may hold anything. */
  async of(blob: Blob, infos: readonly BlobInfo[]): Promise<readonly string[]> {
    this.#bytes += infos.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#bytes > COPY_BYTES_MAX) {
      throw new SluiceError('QUERY_FAILED', { message: `the tables have ${this.#bytes} bytes in S3, and a query copies ${COPY_BYTES_MAX} at most`, hint: 'read them with an engine in the cloud, or query fewer tables' });
    }
    this.#directory ??= await fs.mkdtemp(join(tmpdir(), 'sluice-query-'));
    const directory = this.#directory;
    return inBatches(infos, async (info) => {
      const path = join(directory, `${this.#count++}${/\.[a-z]+$/.exec(info.key)?.[0] ?? ''}`);
      await copy(blob, info, path);
      return path;
    });
  }

  async remove(): Promise<void> {
    if (this.#directory !== null) await fs.rm(this.#directory, { recursive: true, force: true });
  }
}

async function inBatches<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += PARALLEL) results.push(...(await Promise.all(items.slice(i, i + PARALLEL).map(action))));
  return results;
}
