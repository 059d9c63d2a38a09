/** `sluice query "SELECT …"`: DuckDB over the tables of the catalogs, files and savepoints. */
import { join } from 'node:path';
import { CatalogStore } from '../control/catalog-store.ts';
import { ExternalCatalogs } from '../control/external-catalogs.ts';
import type { QueryScope } from '../control/query.ts';
import { withScans } from '../control/scans.ts';
import { databasesOf, fileTables } from '../control/tables.ts';
import type { Catalogs } from '../sql/catalog.ts';
import { contextOf, printTable, withPlace, type AddCommand } from './context.ts';
import { openTableCatalog } from './scripts.ts';

export const addQuery: AddCommand = (program, console) => {
  program
    .command('query')
    .description("query tables, files and savepoints with DuckDB; a savepoint's state is savepoint('PATH', 'operator', 'state')")
    .argument('<sql>', 'a query in the dialect of DuckDB; names may stand in backticks')
    .action(async (sql: string, _options: object, command) => {
      const context = contextOf(command, console);
      // The store is closed again before any file is opened (see runQuery).
      const kept = await withPlace(context, { create: false }, ({ ports }) => new CatalogStore(ports).read());
      const warehouse = join(context.dir, 'warehouse');
      const external = new ExternalCatalogs(openTableCatalog, warehouse);
      const catalogs = await external.seenBy(sql, kept);
      const { runQuery } = await import('../control/query.ts');
      printTable(context, await withScans(catalogs, external, (scans) => runQuery(sql, { ...scopeOf(catalogs, warehouse), scans })));
    });
};

function scopeOf(catalogs: Catalogs, warehouse: string): QueryScope {
  const { currentCatalog: catalog, currentDatabase: database } = catalogs;
  return { databases: databasesOf(catalogs), tables: fileTables(catalogs, warehouse), current: { catalog, database }, access: 'files' };
}
