/** What is in the files of a `filesystem` table, read by nobody who wrote it: the files that count, in the order of their positions. */
import { DuckDBInstance } from '@duckdb/node-api';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { manifestKey, MANIFESTS, visibleFiles, type FireManifest, type TableFormat } from '../../lib/core/table-files.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { temporaryDirectory } from './temporary.ts';

/** Every key of a small blob. */
export const keysOf = async (blob: Blob): Promise<string[]> => (await blob.list('', { after: '', limit: 10_000 })).map(({ key }) => key);

const byPosition = (a: string, b: string): number => a.replace(/.*\//, '').localeCompare(b.replace(/.*\//, ''), 'en', { numeric: true });

/** Keys of the files that count. */
export async function countedFiles(blob: Blob, format: TableFormat): Promise<string[]> {
  const known = (await blob.list(MANIFESTS, { after: '', limit: 10_000 })).map(({ key }) => key);
  const { files, several } = visibleFiles(await keysOf(blob), known, format);
  const manifests = await Promise.all(several.map((fire) => blob.get(manifestKey(fire))));
  const named = manifests.flatMap((bytes): string[] => {
    const manifest: FireManifest = JSON.parse(Buffer.from(bytes ?? []).toString());
    return manifest.files.map(({ path }) => path);
  });
  return [...files, ...named].toSorted(byPosition);
}

/** The texts of the files that count. */
export async function textsIn(blob: Blob, format: TableFormat): Promise<string[]> {
  const keys = await countedFiles(blob, format);
  return Promise.all(keys.map(async (key) => Buffer.from((await blob.get(key)) ?? []).toString()));
}

/** Rows of Parquet files, one after the other, as DuckDB reads them. */
export async function parquetRows(files: readonly Uint8Array[], select = '*'): Promise<Record<string, unknown>[]> {
  if (files.length === 0) return [];
  const dir = temporaryDirectory();
  const paths = await Promise.all(files.map(async (bytes, i) => {
    const path = join(dir, `${i}.parquet`);
    await fs.writeFile(path, bytes);
    return path;
  }));
  return duckDb(`SELECT ${select} FROM read_parquet([${paths.map((path) => `'${path}'`).join(', ')}])`);
}

export async function duckDb(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
