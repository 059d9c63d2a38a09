/** `sluice query "SELECT …"`: DuckDB over the tables of the catalogs, files and savepoints. */
import { join } from 'node:path';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { CatalogStore } from '../control/catalog-store.ts';
import { ExternalCatalogs } from '../control/external-catalogs.ts';
import type { QueryScope } from '../control/query.ts';
import { withScans } from '../control/scans.ts';
import { databasesOf, fileTables } from '../control/tables.ts';
import { openDirectory } from '../place/directories.ts';
import type { Catalogs } from '../sql/catalog.ts';
import { contextOf, printTable, withPlace, type AddCommand } from './context.ts';
import { examples } from './examples.ts';
import { openTableCatalog } from './scripts.ts';

export const addQuery: AddCommand = (program, console) => {
  program
    .command('query')
    .description("query tables, files and savepoints with DuckDB; a savepoint's state is savepoint('PATH', 'operator', 'state')")
    .summary('query tables, files and savepoints with DuckDB')
    .argument('<sql>', 'a query in the dialect of DuckDB; names may stand in backticks')
    .addHelpText(
      'after',
      examples(
        ["query 'SELECT * FROM `iceberg_catalog`.`demo`.`results`'", 'a table that a job writes'],
        [`query "SELECT count(*) FROM read_parquet('out/*.parquet')"`, 'files'],
        [`query "SELECT * FROM savepoint('savepoints/savepoint-3f9a21-0c1d2e3f4a5b', 'tumble-event_type-d7dc8b4f6e72', 'acc')"`, 'state that a savepoint holds'],
      ),
    )
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
  return { databases: databasesOf(catalogs), tables: fileTables(catalogs, warehouse), current: { catalog, database }, openDirectory: (url) => openDirectory(url, nodeRuntime), access: 'files' };
}
