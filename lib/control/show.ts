/** SHOW and DESCRIBE, with Flink's column names. */
import { NANOS_PER_MS } from '../core/calendar.ts';
import { BOOLEAN, typeText, type Row, type SqlType } from '../core/types.ts';
import { assert } from '../core/errors.ts';
import { isProcessingTime } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { Describe, QualifiedName, Show, ShowCreate, ShowPattern } from '../sql/ast.ts';
import { createTableText, createViewText, type CatalogColumn, type CatalogTable } from '../sql/catalog-table.ts';
import { catalogNames, databaseAt, databaseNames, databasePath, named, pathText, resolveObject, tableNames, temporaryAt, viewNames, type Catalogs } from '../sql/catalog.ts';
import { declaredFields } from '../sql/check-definition.ts';
import { didYouMean, sqlError } from '../sql/diagnostic.ts';
import { planContext, type Surroundings } from '../sql/plan-catalog.ts';
import { locating } from '../sql/plan-context.ts';
import { FUNCTION_NAMES } from '../sql/plan-expression.ts';
import type { Field } from '../sql/plan-scope.ts';
import { planFrom } from '../sql/plan-from.ts';
import { planRelation } from '../sql/plan-relation.ts';
import { listJobs } from './jobs.ts';
import type { JobSummary } from './summary.ts';
import { listTable, resultColumn, type ResultTable } from './table.ts';

/** The rows of a SHOW, as far as they match its pattern. */
export async function showSubject(statement: Show, catalogs: Catalogs, parts: Surroundings & { readonly workshop: Workshop }): Promise<ResultTable> {
  const { what } = statement;
  if (what === 'JOBS') return jobsTable(await listJobs(parts.workshop));
  if (what === 'COLUMNS') return showColumns(statement, catalogs, parts);
  const [title, names] = namesOf({ ...statement, what }, catalogs);
  return listTable(title, names.filter(matches(statement.like)));
}

function namesOf(statement: Show & { readonly what: Exclude<Show['what'], 'JOBS' | 'COLUMNS'> }, catalogs: Catalogs): [title: string, names: readonly string[]] {
  const database = (): [string, string] => databaseOf(statement, catalogs);
  switch (statement.what) {
    case 'CATALOGS':
      return ['catalog name', catalogNames(catalogs)];
    case 'DATABASES':
      return ['database name', databaseNames(catalogs, catalogOf(statement, catalogs))];
    case 'TABLES':
      return ['table name', tableNames(catalogs, ...database())];
    case 'VIEWS':
      return ['view name', viewNames(catalogs, ...database())];
    case 'FUNCTIONS':
      return ['function name', FUNCTION_NAMES];
    case 'USER FUNCTIONS':
      return ['function name', []];
    case 'CURRENT CATALOG':
      return ['current catalog name', [catalogs.currentCatalog]];
    case 'CURRENT DATABASE':
      return ['current database name', [catalogs.currentDatabase]];
  }
}

/** The catalog behind FROM, which must be there. */
function catalogOf({ from, source }: Show, catalogs: Catalogs): string {
  const name = from?.parts.at(-1)?.name ?? catalogs.currentCatalog;
  if (named(catalogs.catalogs, name) !== undefined || from === null) return name;
  throw sqlError('SQL_VALIDATE', source, from.span, `Catalog ${name} does not exist`, didYouMean(name, catalogNames(catalogs)));
}

function databaseOf({ from, source }: Show, catalogs: Catalogs): [catalog: string, database: string] {
  if (from === null) return [catalogs.currentCatalog, catalogs.currentDatabase];
  const { catalog, database } = databasePath(catalogs, from, source);
  if (databaseAt(catalogs, catalog, database) !== undefined) return [catalog, database];
  throw sqlError('SQL_VALIDATE', source, from.span, `Database '${catalog}'.'${database}' doesn't exist`, didYouMean(database, databaseNames(catalogs, catalog)));
}

/** Of SQL's LIKE: % for any characters, _ for one. */
function matches(like: ShowPattern | null): (name: string) => boolean {
  if (like === null) return () => true;
  const text = like.pattern.value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('%', '.*').replaceAll('_', '.');
  const pattern = new RegExp(`^${text}$`, like.ignoresCase ? 'isu' : 'su');
  return (name) => pattern.test(name) !== like.negated;
}

function showColumns(statement: Show, catalogs: Catalogs, surroundings: Surroundings): ResultTable {
  const { from, like } = statement;
  if (from === null) throw sqlError('SQL_VALIDATE', statement.source, statement.span, 'SHOW COLUMNS needs a table', 'Write SHOW COLUMNS FROM the table.');
  const { columns, rows } = describeTable({ ...statement, name: from }, catalogs, surroundings);
  const isWanted = matches(like);
  return { columns, rows: rows.filter(([name]) => isWanted(String(name))) };
}

const START_TIME: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 6 };

/** Jobs as SHOW JOBS and DESCRIBE JOB give them. */
export function jobsTable(jobs: readonly JobSummary[]): ResultTable {
  return {
    columns: [resultColumn('job id'), resultColumn('job name'), resultColumn('status'), resultColumn('start time', START_TIME)],
    rows: jobs.map((job) => [job.id, job.name, job.status, BigInt(job.startedAt) * NANOS_PER_MS]),
  };
}

/** The statement that makes a table or a view again. */
export function showCreate({ what, name, source }: ShowCreate, catalogs: Catalogs): ResultTable {
  const found = resolveObject(catalogs, name, source);
  const { catalog, database, table } = found.path;
  if (what === 'table' && found.kind === 'view') {
    throw sqlError('SQL_VALIDATE', source, name.span, `SHOW CREATE TABLE is only supported for tables, but ${pathText(found.path)} is a view. Please use SHOW CREATE VIEW instead.`);
  }
  if (what === 'view' && found.kind === 'table') {
    throw sqlError('SQL_VALIDATE', source, name.span, `SHOW CREATE VIEW is only supported for views, but ${pathText(found.path)} is a table. Please use SHOW CREATE TABLE instead.`);
  }
  const isTemporary = temporaryAt(catalogs, found.path) !== undefined;
  const text = found.kind === 'table' ? createTableText([catalog, database, table], found.table) : createViewText([catalog, database, table], found.view);
  return listTable('result', [isTemporary ? text.replace('CREATE', 'CREATE TEMPORARY') : text]);
}

const DESCRIBE_COLUMNS = [
  resultColumn('name'),
  resultColumn('type'),
  resultColumn('null', BOOLEAN),
  resultColumn('key'),
  resultColumn('extras'),
  resultColumn('watermark'),
];

/** The columns of a table or a view. */
export function describeTable(statement: Pick<Describe, 'name' | 'source' | 'span'>, catalogs: Catalogs, surroundings: Surroundings): ResultTable {
  const found = resolveObject(catalogs, statement.name, statement.source);
  if (found.kind === 'view') return { columns: DESCRIBE_COLUMNS, rows: fieldsOf(statement, catalogs, surroundings).map(describeField) };
  const { table } = found;
  const fields = declaredFields(table);
  const rows = table.columns.map((column, i) => describeColumn(table, column, fields[i]));
  if (table.columns.every(({ comment }) => comment === null)) return { columns: DESCRIBE_COLUMNS, rows };
  return { columns: [...DESCRIBE_COLUMNS, resultColumn('comment')], rows: rows.map((row, i) => [...row, table.columns[i]?.comment ?? null]) };
}

/** A column of a view has no key and no watermark of its own. */
const describeField = ({ name, expression, nullable, timeAttribute }: Field): Row => [name, typeText(expression.type) + timeKind(expression, timeAttribute), nullable, null, null, null];

function describeColumn({ primaryKey, watermark }: CatalogTable, column: CatalogColumn, field: Field | undefined): Row {
  assert(field, 'every column of a table is a field');
  const { expression, nullable } = field;
  const isRowTime = watermark?.column === column.name;
  const isKey = primaryKey?.columns.includes(column.name) === true;
  return [
    column.name,
    typeText(expression.type) + timeKind(expression, isRowTime),
    nullable,
    isKey ? `PRI(${primaryKey.columns.join(', ')})` : null,
    extrasOf(column),
    isRowTime ? watermark.expression : null,
  ];
}

/** What makes a type that of a time attribute, as Flink writes it. */
function timeKind(expression: Expression, isAttribute: boolean): string {
  if (isProcessingTime(expression)) return ' *PROCTIME*';
  return isAttribute ? ' *ROWTIME*' : '';
}

function extrasOf(column: CatalogColumn): string | null {
  switch (column.kind) {
    case 'physical':
      return null;
    case 'computed':
      return `AS ${column.expression}`;
    case 'metadata':
      return `METADATA${column.key === null ? '' : ` FROM '${column.key}'`}${column.virtual ? ' VIRTUAL' : ''}`;
  }
}

/** The columns of `SELECT * FROM name`. */
function fieldsOf({ name, source, span }: { readonly name: QualifiedName; readonly source: string; readonly span: Describe['span'] }, catalogs: Catalogs, surroundings: Surroundings): readonly Field[] {
  const context = planContext(catalogs, source, surroundings, {});
  return locating(source, () => planFrom({ kind: 'named-table', name, alias: null, columnAliases: [], hints: [], span }, context, planRelation).fields);
}
