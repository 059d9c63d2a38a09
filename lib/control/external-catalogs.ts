/**
 * Catalogs whose tables are outside of the store, as a statement sees them: the names of what is there, and the tables that its text names. What a
 * statement changes in them is done there at once, and seen by everybody.
 */
import { SluiceError } from '../core/errors.ts';
import type { OpenTableCatalog, TableCatalog } from '../ports/table-catalog.ts';
import type { AlterTable, CreateDatabase, CreateTable, DropDatabase, DropTable, Statement } from '../sql/ast.ts';
import { catalogTable, optionRecord } from '../sql/catalog-table.ts';
import { databasePath, named, tablePath, temporaryAt, type Catalog, type Catalogs, type Database } from '../sql/catalog.ts';
import { icebergCatalogOptions } from '../sql/iceberg-options.ts';
import { catalogTableOf, externalTable, nameOnly } from './external-table.ts';

/** A statement loads no more tables. */
const TABLES_MAX = 100;

export const isExternal = ({ type }: Pick<Catalog, 'type'>): boolean => type === 'iceberg';

export class ExternalCatalogs {
  readonly #open: OpenTableCatalog;
  readonly #warehouse: string;
  /** By options: two catalogs of the same name, one after the other, may be different ones. */
  readonly #opened = new Map<string, Promise<TableCatalog>>();

  /** `warehouse`: where catalogs are that name none. */
  constructor(open: OpenTableCatalog, warehouse: string) {
    this.#open = open;
    this.#warehouse = warehouse;
  }

  of(catalog: Catalog): Promise<TableCatalog> {
    const options = { 'catalog-name': catalog.name, ...icebergCatalogOptions(catalog, this.#warehouse) };
    const key = JSON.stringify(options);
    const opened = this.#opened.get(key) ?? this.#open(options);
    this.#opened.set(key, opened);
    return opened;
  }

  /**
   * The catalogs with what `text` names in external ones: the current catalog and those that it names, their databases, and the tables of the
   * current database and of those that it names. Tables that it does not name have a name and nothing else.
   */
  async seenBy(text: string, catalogs: Catalogs): Promise<Catalogs> {
    const budget = { tables: TABLES_MAX };
    const seen: Catalog[] = [];
    for (const catalog of catalogs.catalogs) {
      const isWanted = isExternal(catalog) && (catalog.name === catalogs.currentCatalog || mentions(text, catalog.name));
      seen.push(isWanted ? { ...catalog, databases: await this.#databases(catalog, text, catalogs, budget) } : catalog);
    }
    return { ...catalogs, catalogs: seen };
  }

  async #databases(catalog: Catalog, text: string, catalogs: Catalogs, budget: { tables: number }): Promise<Database[]> {
    const external = await this.of(catalog);
    const databases: Database[] = [];
    for (const name of await external.databases()) {
      const isCurrent = catalog.name === catalogs.currentCatalog && name === catalogs.currentDatabase;
      const tables = isCurrent || mentions(text, name) ? await tablesOf(external, name, text, budget) : [];
      databases.push({ name, comment: null, options: {}, tables });
    }
    return databases;
  }

  /** Makes the default database if there is none, as Flink does when it opens a catalog; where the catalog cannot be reached, this says so. */
  async begin(catalog: Catalog): Promise<void> {
    const external = await this.of(catalog);
    const databases = await external.databases();
    if (!databases.includes(catalog.defaultDatabase)) await external.createDatabase(catalog.defaultDatabase, {});
  }

  /**
   * Carries out a statement that `changeCatalogs` has accepted on `seenBy`. False: somebody else was faster, so that the statement is to be
   * looked at again; null: it is about no external catalog.
   */
  async carryOut(statement: Statement, catalogs: Catalogs): Promise<boolean | null> {
    const target = targetOf(statement, catalogs);
    if (target === null) return null;
    const external = await this.of(target.catalog);
    switch (target.statement.kind) {
      case 'create-database':
        return (await external.createDatabase(target.database, databaseOptions(target.statement))) === 'created';
      case 'drop-database':
        return dropDatabase(external, target.database, target.statement.cascade);
      case 'create-table':
        return (await external.createTable(target.database, target.table, externalTable(catalogTable(target.statement)))) === 'created';
      case 'alter-table':
        return (await external.alterTable(target.database, target.table, changeOf(target.statement))) === 'altered';
      case 'drop-table':
        await external.dropTable(target.database, target.table);
        return true;
    }
  }
}

/** The catalogs with what has been seen in the external ones. */
export const withExternal = (catalogs: Catalogs, seen: Catalogs): Catalogs => ({
  ...catalogs,
  catalogs: catalogs.catalogs.map((catalog) => (isExternal(catalog) ? (named(seen.catalogs, catalog.name) ?? catalog) : catalog)),
});

async function tablesOf(external: TableCatalog, database: string, text: string, budget: { tables: number }): Promise<Database['tables']> {
  const tables: Database['tables'][number][] = [];
  for (const name of await external.tables(database)) {
    const isNamed = mentions(text, name);
    if (isNamed && --budget.tables < 0) throw new SluiceError('SQL_UNSUPPORTED', { message: `a statement that names more than ${TABLES_MAX} tables of Iceberg catalogs`, hint: 'Make several statements of it.' });
    const table = isNamed ? await external.table(database, name) : null;
    tables.push(table === null ? nameOnly(name) : catalogTableOf(name, table));
  }
  return tables;
}

/** Whatever the dialect quotes names with, they stand in the text, and not as part of a longer one. */
const mentions = (text: string, name: string): boolean => new RegExp(`(?<!${WORD})${name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?!${WORD})`, 'iu').test(text);

const WORD = '[\\p{L}\\p{N}_]';

type Change = CreateDatabase | DropDatabase | CreateTable | AlterTable | DropTable;

interface Target {
  readonly catalog: Catalog;
  readonly statement: Change;
  readonly database: string;
  /** Empty where the statement is about a database. */
  readonly table: string;
}

/** What a statement changes in an external catalog; null if it changes nothing there. */
function targetOf(statement: Statement, catalogs: Catalogs): Target | null {
  const { kind } = statement;
  if (kind === 'create-database' || kind === 'drop-database') {
    const path = databasePath(catalogs, statement.name, statement.source);
    return targetIn(catalogs, { ...path, table: '' }, statement);
  }
  if (kind !== 'create-table' && kind !== 'alter-table' && kind !== 'drop-table') return null;
  const path = tablePath(catalogs, statement.name, statement.source);
  const isTemporary = kind === 'alter-table' ? temporaryAt(catalogs, path) !== undefined : statement.temporary;
  return isTemporary ? null : targetIn(catalogs, path, statement);
}

function targetIn(catalogs: Catalogs, { catalog: name, database, table }: { catalog: string; database: string; table: string }, statement: Change): Target | null {
  const catalog = named(catalogs.catalogs, name);
  return catalog !== undefined && isExternal(catalog) ? { catalog, statement, database, table } : null;
}

const databaseOptions = ({ options, comment }: CreateDatabase): Record<string, string> => ({ ...optionRecord(options), ...(comment === null ? {} : { comment: comment.value }) });

/** `changeCatalogs` has refused all other changes. */
const changeOf = ({ change }: AlterTable) => ({
  set: change.kind === 'set' ? optionRecord(change.options) : {},
  reset: change.kind === 'reset' ? change.keys.map(({ value }) => value) : [],
});

/** False: somebody has made a table in it. */
async function dropDatabase(external: TableCatalog, database: string, cascade: boolean): Promise<boolean> {
  if (cascade) for (const table of await external.tables(database)) await external.dropTable(database, table);
  return (await external.dropDatabase(database)) !== 'not-empty';
}
