/** The files of the Iceberg tables that a query names, where DuckDB can open them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SluiceError } from '../core/errors.ts';
import { pathOfLocation } from '../core/file-location.ts';
import type { TableCatalog, TableScan } from '../ports/table-catalog.ts';
import type { Catalogs } from '../sql/catalog.ts';
import type { LocalFile, ScannedTable } from './duckdb-scans.ts';
import { isExternal, type ExternalCatalogs } from './external-catalogs.ts';

/** Of the files that are copied for one query. */
const COPIED_BYTES_MAX = 4 * 1024 ** 3;

/** `use` is given the tables that `seen` has in full, as they are now. Files that are not on this machine are copied for as long as it runs. */
export async function withScans<T>(seen: Catalogs, external: ExternalCatalogs, use: (tables: readonly ScannedTable[]) => Promise<T>): Promise<T> {
  const copies = new Copies();
  try {
    return await use(await scannedTables(seen, external, copies));
  } finally {
    await copies.remove();
  }
}

async function scannedTables(seen: Catalogs, external: ExternalCatalogs, copies: Copies): Promise<ScannedTable[]> {
  const tables: ScannedTable[] = [];
  for (const catalog of seen.catalogs.filter(isExternal)) {
    for (const database of catalog.databases) {
      for (const { name, columns } of database.tables) {
        const open = await external.of(catalog);
        const scan = columns.length === 0 ? null : await open.scan(database.name, name);
        if (scan !== null) tables.push({ catalog: catalog.name, database: database.name, name, ...(await localScan(scan, open, copies)) });
      }
    }
  }
  return tables;
}

async function localScan({ columns, files, positionDeletes }: TableScan, catalog: TableCatalog, copies: Copies): Promise<Pick<ScannedTable, 'columns' | 'files' | 'positionDeletes'>> {
  const data: LocalFile[] = [];
  for (const file of files) data.push({ ...file, path: await copies.pathOf(file.location, catalog) });
  const deletes: string[] = [];
  for (const location of positionDeletes) deletes.push(await copies.pathOf(location, catalog));
  return { columns, files: data, positionDeletes: deletes };
}

class Copies {
  #directory: string | null = null;
  #count = 0;
  #bytes = 0;

  async pathOf(location: string, catalog: TableCatalog): Promise<string> {
    return pathOfLocation(location) ?? this.#copy(location, await catalog.read(location));
  }

  async remove(): Promise<void> {
    if (this.#directory !== null) await rm(this.#directory, { recursive: true, force: true });
  }

  async #copy(location: string, bytes: Uint8Array): Promise<string> {
    this.#bytes += bytes.length;
    if (this.#bytes > COPIED_BYTES_MAX) throw new SluiceError('QUERY_FAILED', { message: `the files of the tables are larger than ${COPIED_BYTES_MAX} bytes together (${location})`, hint: 'query them with an engine that reads from where they are' });
    this.#directory ??= await mkdtemp(join(tmpdir(), 'sluice-query-'));
    const path = join(this.#directory, `${this.#count++}.parquet`);
    await writeFile(path, bytes);
    return path;
  }
}
