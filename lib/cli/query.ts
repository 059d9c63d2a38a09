/** `sluice query "SELECT …"`: DuckDB over the tables of the catalogs, files and savepoints. */
import { join } from 'node:path';
import { CatalogStore } from '../control/catalog-store.ts';
import type { QueryScope } from '../control/query.ts';
import { databasesOf, fileTables } from '../control/tables.ts';
import { contextOf, printTable, withPlace, type AddCommand, type Context, type Place } from './context.ts';

export const addQuery: AddCommand = (program, console) => {
  program
    .command('query')
    .description("query tables, files and savepoints with DuckDB; a savepoint's state is savepoint('PATH', 'operator', 'state')")
    .argument('<sql>', 'a query in the dialect of DuckDB; names may stand in backticks')
    .action(async (sql: string, _options: object, command) => {
      const context = contextOf(command, console);
      // The store is closed again before any file is opened (see runQuery).
      const scope = await withPlace(context, { create: false }, (place) => scopeOf(context, place));
      const { runQuery } = await import('../control/query.ts');
      printTable(context, await runQuery(sql, scope));
    });
};

async function scopeOf({ dir }: Context, { ports }: Place): Promise<QueryScope> {
  const catalogs = await new CatalogStore(ports).read();
  const { currentCatalog: catalog, currentDatabase: database } = catalogs;
  return { databases: databasesOf(catalogs), tables: fileTables(catalogs, join(dir, 'warehouse')), current: { catalog, database }, openDirectory: ports.openDirectory, access: 'files' };
}
