/** SHOW and DESCRIBE, with Flink's column names. */
import { BOOLEAN, typeText, type Row, type SqlType } from '../core/types.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { Describe, ShowCreateTable, ShowSubject } from '../sql/ast.ts';
import { createTableText, type CatalogColumn, type CatalogTable } from '../sql/catalog-table.ts';
import { catalogNames, databaseNames, resolveTable, tableNames, type Catalogs } from '../sql/catalog.ts';
import { planContext, type Surroundings } from '../sql/plan-catalog.ts';
import { planNamedTable } from '../sql/plan-source.ts';
import { listJobs } from './jobs.ts';
import { listTable, resultColumn, type ResultTable } from './table.ts';

export async function showSubject(what: ShowSubject, catalogs: Catalogs, workshop: Workshop): Promise<ResultTable> {
  switch (what) {
    case 'CATALOGS':
      return listTable('catalog name', catalogNames(catalogs));
    case 'DATABASES':
      return listTable('database name', databaseNames(catalogs));
    case 'TABLES':
      return listTable('table name', tableNames(catalogs));
    case 'CURRENT CATALOG':
      return listTable('current catalog name', [catalogs.currentCatalog]);
    case 'CURRENT DATABASE':
      return listTable('current database name', [catalogs.currentDatabase]);
    case 'JOBS':
      return showJobs(workshop);
  }
}

const START_TIME: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };

async function showJobs(workshop: Workshop): Promise<ResultTable> {
  const jobs = await listJobs(workshop);
  return {
    columns: [resultColumn('job id'), resultColumn('job name'), resultColumn('status'), resultColumn('start time', START_TIME)],
    rows: jobs.map((job) => [job.id, job.name, job.status, job.startedAt]),
  };
}

export function showCreateTable({ name, source }: ShowCreateTable, catalogs: Catalogs): ResultTable {
  const { path, table } = resolveTable(catalogs, name, source);
  return listTable('result', [createTableText([path.catalog, path.database, path.table], table)]);
}

const DESCRIBE_COLUMNS = [
  resultColumn('name'),
  resultColumn('type'),
  resultColumn('null', BOOLEAN),
  resultColumn('key'),
  resultColumn('extras'),
  resultColumn('watermark'),
];

export function describeTable(statement: Describe, catalogs: Catalogs, surroundings: Surroundings): ResultTable {
  const { table } = resolveTable(catalogs, statement.name, statement.source);
  const isComputed = table.columns.some((column) => column.kind === 'computed');
  const types = isComputed ? typesOfFields(statement, catalogs, surroundings) : new Map<string, SqlType>();
  return { columns: DESCRIBE_COLUMNS, rows: table.columns.map((column) => describeColumn(table, column, types)) };
}

function describeColumn({ primaryKey, watermark }: CatalogTable, column: CatalogColumn, types: ReadonlyMap<string, SqlType>): Row {
  const type = column.kind === 'computed' ? types.get(column.name) : column.type;
  const isRowTime = watermark?.column === column.name;
  const isKey = primaryKey?.columns.includes(column.name) === true;
  return [
    column.name,
    type === undefined ? null : typeText(type) + (isRowTime ? ' *ROWTIME*' : ''),
    column.kind === 'computed' || column.nullable,
    isKey ? `PRI(${primaryKey.columns.join(', ')})` : null,
    extrasOf(column),
    isRowTime ? watermark.expression : null,
  ];
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

/** The planner knows the types of computed columns. */
function typesOfFields({ name, source, span }: Describe, catalogs: Catalogs, surroundings: Surroundings): Map<string, SqlType> {
  const context = planContext(catalogs, source, surroundings, {});
  const { fields } = planNamedTable({ kind: 'named-table', name, alias: null, columnAliases: [], hints: [], span }, context);
  return new Map(fields.map((field) => [field.name, field.expression.type]));
}
