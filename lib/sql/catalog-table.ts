/** Tables as a catalog keeps them: names, types and texts, from which the statement can be written again. */
import { assert, type SluiceError } from '../core/errors.ts';
import { typeText, type SqlType } from '../core/types.ts';
import type { ColumnDefinition, CreateTable, Identifier, Option, Span } from './ast.ts';
import { mergedTable } from './catalog-like.ts';
import type { CatalogView } from './catalog.ts';
import { didYouMean, positionOf, sqlError } from './diagnostic.ts';
import { parseStatement } from './parse.ts';

interface CatalogColumnBase {
  readonly name: string;
  readonly comment: string | null;
}

/** Expressions are kept as text, so that their meaning stays the parser's. */
export type CatalogColumn =
  | (CatalogColumnBase & { readonly kind: 'physical'; readonly type: SqlType; readonly nullable: boolean })
  | (CatalogColumnBase & { readonly kind: 'computed'; readonly expression: string })
  | (CatalogColumnBase & {
      readonly kind: 'metadata';
      readonly type: SqlType;
      readonly nullable: boolean;
      /** null: the name of the column. */
      readonly key: string | null;
      readonly virtual: boolean;
    });

export interface CatalogTable {
  readonly name: string;
  readonly columns: readonly CatalogColumn[];
  readonly watermark: { readonly column: string; readonly expression: string } | null;
  readonly primaryKey: { readonly name: string | null; readonly columns: readonly string[] } | null;
  readonly partitionedBy: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly comment: string | null;
}

/** The table that the statement describes, over `base` where it says LIKE; throws SQL_VALIDATE if its parts do not fit together. */
export function catalogTable(statement: CreateTable, base: CatalogTable | null = null): CatalogTable {
  const table = mergedTable(statement, base);
  checkNames(statement, table);
  return table;
}

export const optionRecord = (options: readonly Option[]): Record<string, string> =>
  Object.fromEntries(options.map(({ key, value }) => [key.value, value.value]));

/** A column of the primary key is NOT NULL whether it says so or not; `cut` gives the text of a span. */
export function catalogColumn(column: ColumnDefinition, isKey: boolean, cut: (span: Span) => string): CatalogColumn {
  const base = { name: column.name.name, comment: column.comment?.value ?? null };
  if (column.kind === 'computed-column') return { ...base, kind: 'computed', expression: cut(column.expression.span) };
  const typed = { ...base, type: column.type.type, nullable: column.type.nullable && !isKey };
  if (column.kind === 'physical-column') return { ...typed, kind: 'physical' };
  return { ...typed, kind: 'metadata', key: column.key?.value ?? null, virtual: column.virtual };
}

/** Keys, partitions and row time are columns of the table, in the words of Flink's SchemaBuilderUtil. */
function checkNames(statement: CreateTable, { columns }: CatalogTable): void {
  const names = columns.map(({ name }) => name);
  const listed = `[${names.map((name) => `'${name}'`).join(', ')}]`;
  const of = ({ name }: Identifier): CatalogColumn | undefined => columns.find((column) => column.name === name);
  for (const column of statement.partitionedBy) {
    if (of(column) === undefined) throw missing(statement, column, `Partition column '${column.name}' not defined in the table schema. Available columns: ${listed}`, names);
  }
  for (const column of statement.primaryKey?.columns ?? []) checkKey(statement, column, of(column), names);
  const rowTime = statement.watermark?.column;
  if (rowTime === undefined || of(rowTime) !== undefined) return;
  throw missing(statement, rowTime, `The rowtime attribute field '${rowTime.name}' is not defined in the table schema, at ${placeOf(statement, rowTime)}\nAvailable fields: ${listed}`, names);
}

function checkKey(statement: CreateTable, column: Identifier, found: CatalogColumn | undefined, names: readonly string[]): void {
  const place = placeOf(statement, column);
  if (found === undefined) throw missing(statement, column, `Primary key column '${column.name}' is not defined in the schema at ${place}`, names);
  if (found.kind === 'physical') return;
  throw refuse(statement, column.span, `Could not create a PRIMARY KEY with column '${column.name}' at ${place}.\nA PRIMARY KEY constraint must be declared on physical columns.`);
}

function placeOf({ source }: CreateTable, { span }: Identifier): string {
  const { line, column } = positionOf(source, span);
  return `line ${line}, column ${column}`;
}

const missing = (statement: CreateTable, { name, span }: Identifier, message: string, names: readonly string[]): SluiceError => refuse(statement, span, message, didYouMean(name, names));

const refuse = (statement: CreateTable, span: Span, message: string, hint?: string): SluiceError =>
  sqlError('SQL_VALIDATE', statement.source, span, message, hint);

/** The statement that makes the table again, as SHOW CREATE TABLE prints it; `name` is its path, in backticks where needed. */
export function createTableText(name: readonly string[], table: CatalogTable): string {
  const { watermark, primaryKey, partitionedBy, options } = table;
  const elements = table.columns.map(columnText);
  if (watermark !== null) elements.push(`WATERMARK FOR ${quoted(watermark.column)} AS ${watermark.expression}`);
  if (primaryKey !== null) elements.push(keyText(primaryKey));
  const lines = [`CREATE TABLE ${name.map(quoted).join('.')} (`, indented(elements), ')'];
  if (table.comment !== null) lines.push(`COMMENT ${text(table.comment)}`);
  if (partitionedBy.length > 0) lines.push(`PARTITIONED BY (${partitionedBy.map(quoted).join(', ')})`);
  const pairs = Object.entries(options).map(([key, value]) => `${text(key)} = ${text(value)}`);
  if (pairs.length > 0) lines.push('WITH (', indented(pairs), ')');
  return lines.join('\n');
}

/** The statement that makes the view again, as SHOW CREATE VIEW prints it. */
export function createViewText(name: readonly string[], { columns, query, comment }: CatalogView): string {
  const head = `CREATE VIEW ${name.map(quoted).join('.')}`;
  const listed = columns === null ? '' : ` (\n${indented(columns.map(quoted))}\n)`;
  return [`${head}${listed}`, ...(comment === null ? [] : [`COMMENT ${text(comment)}`]), `AS ${query}`].join('\n');
}

/** The table as a statement again, for the planner: its spans refer to its own `source`. */
export function tableDefinition(path: readonly string[], table: CatalogTable): CreateTable {
  const statement = parseStatement(createTableText(path, table));
  assert(statement.kind === 'create-table', 'the text of a table is a CREATE TABLE statement');
  return statement;
}

const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join(',\n');
/** A name in backticks. */
export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function columnText(column: CatalogColumn): string {
  const comment = column.comment === null ? '' : ` COMMENT ${text(column.comment)}`;
  return `${quoted(column.name)} ${definitionText(column)}${comment}`;
}

function definitionText(column: CatalogColumn): string {
  if (column.kind === 'computed') return `AS ${column.expression}`;
  const type = `${typeText(column.type)}${column.nullable ? '' : ' NOT NULL'}`;
  if (column.kind === 'physical') return type;
  const from = column.key === null ? '' : ` FROM ${text(column.key)}`;
  return `${type} METADATA${from}${column.virtual ? ' VIRTUAL' : ''}`;
}

function keyText({ name, columns }: NonNullable<CatalogTable['primaryKey']>): string {
  const constraint = name === null ? '' : `CONSTRAINT ${quoted(name)} `;
  return `${constraint}PRIMARY KEY (${columns.map(quoted).join(', ')}) NOT ENFORCED`;
}
