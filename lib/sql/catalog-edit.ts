/** Catalogs with a part of them exchanged, and refusals of statements that cannot change them. */
import type { SluiceError } from '../core/errors.ts';
import type { Node, Span, Statement } from './ast.ts';
import { catalogNames, databaseNames, named, type Catalog, type Catalogs, type Database, type TablePath } from './catalog.ts';
import { didYouMean, sqlError } from './diagnostic.ts';

/** A statement about something that has a name. */
export type Named = Pick<Statement, 'source'> & { readonly name: Node };

/** A statement that does not fit what is there. */
export const refuse = ({ source }: Pick<Statement, 'source'>, { span }: { readonly span: Span }, message: string, hint?: string): SluiceError =>
  sqlError('SQL_VALIDATE', source, span, message, hint);

/** All but the item of this name. */
export const without = <T extends { readonly name: string }>(items: readonly T[], name: string): T[] =>
  items.filter((item) => item.name !== name);

/** Puts the item into the place of the one with its name. */
export const replaced = <T extends { readonly name: string }>(items: readonly T[], item: T): T[] =>
  items.map((old) => (old.name === item.name ? item : old));

export const withCatalog = (catalogs: Catalogs, catalog: Catalog): Catalogs => ({
  ...catalogs,
  catalogs: replaced(catalogs.catalogs, catalog),
});

export function withDatabase(catalogs: Catalogs, catalog: Catalog, database: Database): Catalogs {
  return withCatalog(catalogs, { ...catalog, databases: replaced(catalog.databases, database) });
}

/** The catalog that a statement works in. */
export function catalogFor(catalogs: Catalogs, statement: Named, name: string): Catalog {
  const catalog = named(catalogs.catalogs, name);
  if (catalog !== undefined) return catalog;
  const hint = didYouMean(name, catalogNames(catalogs));
  throw refuse(statement, statement.name, `Catalog ${name} does not exist.`, hint);
}

/** The database that a statement works in, and its catalog. */
export function databaseFor(catalogs: Catalogs, statement: Named, path: Omit<TablePath, 'table'>): { readonly catalog: Catalog; readonly database: Database } {
  const catalog = catalogFor(catalogs, statement, path.catalog);
  const database = named(catalog.databases, path.database);
  if (database !== undefined) return { catalog, database };
  const message = `Database ${path.database} does not exist in Catalog ${path.catalog}.`;
  throw refuse(statement, statement.name, message, didYouMean(path.database, databaseNames(catalogs, path.catalog)));
}
