/** Tables of the catalogs as DuckDB needs them. */
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
      const { connector, path } = optionsOf(catalogs, { catalog, database, table: table.name }, table, warehouse);
      const isFiles = connector === 'filesystem' && path !== undefined;
      return isFiles ? [{ catalog, database, name: table.name, columns: table.columns.flatMap(storedColumn), directory: path }] : [];
    }),
  );
}

const storedColumn = (column: CatalogColumn): Column[] =>
  column.kind === 'physical' ? [{ name: column.name, type: column.type, nullable: column.nullable }] : [];
