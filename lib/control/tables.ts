/** Tables of the catalogs as DuckDB needs them. */
import { isError } from '../core/errors.ts';
import { DEFAULT_PARTITION, tableFormatOf, type TableFormat } from '../core/table-files.ts';
import type { Column } from '../core/types.ts';
import type { CatalogColumn } from '../sql/catalog-table.ts';
import { databaseAt, type Catalogs } from '../sql/catalog.ts';
import { optionsOf } from '../sql/plan-catalog.ts';
import type { DatabaseName, FileTable } from './duckdb-views.ts';

/** All databases, also those without a table that can be queried. */
export const databasesOf = ({ catalogs }: Catalogs): DatabaseName[] =>
  catalogs.flatMap((catalog) => catalog.databases.map((database) => ({ catalog: catalog.name, database: database.name })));

/** All tables whose rows lie in files. */
export function fileTables(catalogs: Catalogs, warehouse: string): FileTable[] {
  return databasesOf(catalogs).flatMap(({ catalog, database }) =>
    (databaseAt(catalogs, catalog, database)?.tables ?? []).flatMap((table): FileTable[] => {
      const options = optionsOf(catalogs, { catalog, database, table: table.name }, table, warehouse);
      const { connector, path } = options;
      const format = knownFormat(options);
      if (connector !== 'filesystem' || path === undefined || format === null) return [];
      const { name, partitionedBy } = table;
      return [{ catalog, database, name, columns: table.columns.flatMap(storedColumn), directory: path, format, partitionedBy, nullName: options['partition.default-name'] ?? DEFAULT_PARTITION }];
    }),
  );
}

/** Null for a table with a mistake in its options: its INSERT says so, and the others can be queried. */
function knownFormat(options: Readonly<Record<string, string>>): TableFormat | null {
  try {
    return tableFormatOf(options);
  } catch (error) {
    if (isError(error, 'OPTION_INVALID')) return null;
    throw error;
  }
}

const storedColumn = (column: CatalogColumn): Column[] =>
  column.kind === 'physical' ? [{ name: column.name, type: column.type, nullable: column.nullable }] : [];
