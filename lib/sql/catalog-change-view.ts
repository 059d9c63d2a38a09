/** CREATE, ALTER and DROP VIEW. */
import type { AlterView, CreateView, DropView, Identifier, NamedTable, Query, QualifiedName, Span, Statement, Wildcard } from './ast.ts';
import { alreadyThere } from './catalog-change-table.ts';
import { databaseFor, refuse, replaced, withDatabase, without } from './catalog-edit.ts';
import { pathText, permanentAt, samePath, tablePath, temporaryAt, viewNames, type Catalogs, type CatalogView, type TablePath } from './catalog.ts';
import { didYouMean } from './diagnostic.ts';
import { planContext, type Surroundings } from './plan-catalog.ts';
import { locating } from './plan-context.ts';
import { planFrom } from './plan-from.ts';
import { planRelation } from './plan-relation.ts';

/** What the query of a view is planned with when it is created. */
export interface ViewSession extends Surroundings {
  readonly options: Readonly<Record<string, string>>;
}

export function createView(catalogs: Catalogs, statement: CreateView, session: ViewSession): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const view = { name: path.table, comment: statement.comment?.value ?? null, ...checkedQuery(catalogs, statement, statement, session) };
  const created = statement.temporary ? createTemporary(catalogs, statement, path, view) : createPermanent(catalogs, statement, path, view);
  return created === catalogs ? catalogs : readable(created, statement, session);
}

interface ViewQuery {
  readonly query: Query;
  readonly querySpan: Span;
  readonly columns: readonly Identifier[] | null;
}

/** A query that cannot be planned is refused when the view is created, not when it is read; the view keeps the columns that it has now, as Flink expands the query. */
function checkedQuery(catalogs: Catalogs, { source }: Pick<Statement, 'source'>, { query, querySpan, columns }: ViewQuery, session: ViewSession): Pick<CatalogView, 'columns' | 'query' | 'catalog' | 'database'> {
  const expansions = new Map<Wildcard, string>();
  const { fields } = locating(source, () => planRelation(query, { ...planContext(catalogs, source, session, session.options), expansions }, 'outermost'));
  const names = fields.map(({ name }) => name);
  const [first] = columns ?? [];
  if (columns !== null && first !== undefined && columns.length !== names.length) {
    const message = `VIEW definition and input fields not match:\n\tDef fields: [${columns.map(({ name }) => name).join(', ')}].\n\tInput fields: [${names.join(', ')}].`;
    throw refuse({ source }, { span: { start: first.span.start, end: columns.at(-1)?.span.end ?? first.span.end } }, message);
  }
  return { columns: columns?.map(({ name }) => name) ?? names, query: expandedQuery(source, querySpan, expansions), catalog: catalogs.currentCatalog, database: catalogs.currentDatabase };
}

/** The text with columns in the place of its wildcards; `TABLE t` has one as well, which is the word itself. */
function expandedQuery(source: string, { start, end }: Span, expansions: ReadonlyMap<Wildcard, string>): string {
  const wildcards = [...expansions].sort(([a], [b]) => b.span.start - a.span.start);
  return wildcards.reduce((text, [{ span }, columns]) => {
    const [from, to] = [span.start - start, span.end - start];
    const isWord = /^table$/i.test(text.slice(from, to));
    return `${text.slice(0, from)}${isWord ? `SELECT ${columns} FROM` : columns}${text.slice(to)}`;
  }, source.slice(start, end));
}

/** The catalogs, in which the view is read once as it is kept: so it is seen to be a query still, and one that does not read itself. */
function readable(catalogs: Catalogs, { source, name }: CreateView | AlterView, session: ViewSession): Catalogs {
  const view: NamedTable = { kind: 'named-table', name, hints: [], alias: null, columnAliases: [], span: name.span };
  locating(source, () => planFrom(view, planContext(catalogs, source, session, session.options), planRelation));
  return catalogs;
}

function createTemporary(catalogs: Catalogs, statement: CreateView, path: TablePath, view: CatalogView): Catalogs {
  if (temporaryAt(catalogs, path) === undefined) return { ...catalogs, temporaryViews: [...catalogs.temporaryViews, { path, view }] };
  if (statement.ifNotExists) return catalogs;
  throw refuse(statement, statement.name, `Temporary table '${pathText(path)}' already exists`, 'Tables and views share their names.');
}

function createPermanent(catalogs: Catalogs, statement: CreateView, path: TablePath, view: CatalogView): Catalogs {
  const { catalog, database } = databaseFor(catalogs, statement, path);
  if (catalog.type === 'iceberg') throw refuse(statement, statement.name, 'Views of Iceberg catalogs are not supported', 'Create it in default_catalog, or in a filesystem catalog.');
  if (permanentAt(catalogs, path) === undefined) return withDatabase(catalogs, catalog, { ...database, views: [...(database.views ?? []), view] });
  if (statement.ifNotExists) return catalogs;
  throw refuse(statement, statement.name, alreadyThere(path), 'CREATE VIEW IF NOT EXISTS leaves what is there.');
}

export function alterView(catalogs: Catalogs, statement: AlterView, session: ViewSession): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const found = permanentAt(catalogs, path);
  if (found?.kind === 'table') throw refuse(statement, statement.name, 'ALTER VIEW for a table is not allowed', 'Write ALTER TABLE.');
  if (found === undefined || temporaryAt(catalogs, path) !== undefined) {
    throw refuse(statement, statement.name, `View ${pathText(path)} does not exist or is a temporary view.`, nearestView(catalogs, path));
  }
  const { change } = statement;
  if (change.kind === 'rename') return renameView(catalogs, statement, { path, view: found.view, to: change.to });
  const { catalog, database } = databaseFor(catalogs, statement, path);
  const view = { ...found.view, ...checkedQuery(catalogs, statement, { ...change, columns: null }, session) };
  return readable(withDatabase(catalogs, catalog, { ...database, views: replaced(database.views ?? [], view) }), statement, session);
}

/** Flink renames within a database, and takes the last part of the new name. */
function renameView(catalogs: Catalogs, statement: AlterView, { path, view, to }: { path: TablePath; view: CatalogView; to: QualifiedName }): Catalogs {
  const name = tablePath(catalogs, to, statement.source).table;
  const { catalog, database } = databaseFor(catalogs, statement, path);
  if (permanentAt(catalogs, { ...path, table: name }) !== undefined) throw refuse(statement, to, alreadyThere({ ...path, table: name }));
  return withDatabase(catalogs, catalog, { ...database, views: [...without(database.views ?? [], path.table), { ...view, name }] });
}

export function dropView(catalogs: Catalogs, statement: DropView): Catalogs {
  const path = tablePath(catalogs, statement.name, statement.source);
  const isTemporary = temporaryAt(catalogs, path)?.kind === 'view';
  if (statement.temporary && isTemporary) {
    return { ...catalogs, temporaryViews: catalogs.temporaryViews.filter((other) => !samePath(other.path, path)) };
  }
  if (isTemporary) {
    const message = `Temporary view with identifier '${pathText(path)}' exists. Drop it first before removing the permanent view.`;
    throw refuse(statement, statement.name, message, 'Write DROP TEMPORARY VIEW.');
  }
  if (!statement.temporary && permanentAt(catalogs, path)?.kind === 'view') {
    const { catalog, database } = databaseFor(catalogs, statement, path);
    return withDatabase(catalogs, catalog, { ...database, views: without(database.views ?? [], path.table) });
  }
  if (statement.ifExists) return catalogs;
  const what = statement.temporary ? 'Temporary view' : 'View';
  throw refuse(statement, statement.name, `${what} with identifier '${pathText(path)}' does not exist.`, nearestView(catalogs, path));
}

const nearestView = (catalogs: Catalogs, path: TablePath): string | undefined => didYouMean(path.table, viewNames(catalogs, path.catalog, path.database));
