/** What a definition computes is checked when a table is created or altered: computed columns, the watermark, and the primary key. */
import type { SluiceError } from '../core/errors.ts';
import { columnAt } from '../core/expression.ts';
import type * as ast from './ast.ts';
import { tableDefinition, type CatalogTable } from './catalog-table.ts';
import { sqlError } from './diagnostic.ts';
import { locating } from './plan-context.ts';
import type { Field } from './plan-scope.ts';
import { Refusal } from './refusal.ts';
import { fieldsOfTable, rowTimeOf } from './table-columns.ts';

/** The columns of a table as declared, whatever its connector. Throws SQL_VALIDATE or SQL_UNSUPPORTED. */
export function declaredFields(table: CatalogTable): Field[] {
  const definition = tableDefinition([table.name], table);
  return locating(definition.source, () => fieldsOfTable(definition.columns, givenFields(table), table.columns.filter(isGiven)));
}

/** Throws SQL_VALIDATE or SQL_UNSUPPORTED for what `statement` itself computes; `table` is what it makes. */
export function checkDefinition(statement: ast.CreateTable, table: CatalogTable): void {
  const given = givenFields(table);
  const base = table.columns.filter(isGiven);
  locating(statement.source, () => fieldsOfTable(statement.columns.filter(({ kind }) => kind === 'computed-column'), given, base));
  checkKey(table, refusing(statement.source, '', () => statement.primaryKey?.span ?? statement.span));
  if (statement.like !== null) checkResolved(table, refusing(statement.source, '', () => statement.like?.span ?? statement.span));
  const { watermark } = statement;
  if (watermark !== null) locating(statement.source, () => rowTimeOf(watermark, declaredFields(table), base));
}

/** Throws SQL_VALIDATE or SQL_UNSUPPORTED where the table that ALTER TABLE makes does not fit together, as Flink's AlterSchemaConverter does. */
export function checkAltered({ source, span, change }: ast.AlterTable, table: CatalogTable): void {
  if (change.kind !== 'add' && change.kind !== 'modify') return;
  const placeOf = (part: Part): ast.Span => {
    if (part.kind === 'column') return change.columns.find(({ column }) => column.name.name === part.name)?.column.span ?? span;
    return (part.kind === 'watermark' ? change.watermark?.span : change.primaryKey?.span) ?? span;
  };
  checkResolved(table, refusing(source, 'Failed to execute ALTER TABLE statement.\n', placeOf));
}

/** What of a table is wrong. */
type Part = { readonly kind: 'column'; readonly name: string } | { readonly kind: 'watermark' } | { readonly kind: 'key' };

type Refuse = (part: Part, message: string, cause?: Refusal) => SluiceError;

const refusing =
  (source: string, prefix: string, placeOf: (part: Part) => ast.Span): Refuse =>
  (part, message, cause) => {
    const reason = cause === undefined || cause.message === message ? [] : [cause.message];
    return sqlError(cause?.code ?? 'SQL_VALIDATE', source, placeOf(part), prefix + message, [...reason, cause?.hint ?? ''].join(' ').trim() || undefined);
  };

/** The whole table, parts of which no statement may have written as they are now. */
function checkResolved(table: CatalogTable, refuse: Refuse): void {
  const { columns, watermark, source } = tableDefinition([table.name], table);
  const given = givenFields(table);
  const base = table.columns.filter(isGiven);
  const fields = fieldsOfTable(columns, given, base, ({ name: { name } }, compute) =>
    resolved(compute, (cause) => refuse({ kind: 'column', name }, `Invalid expression for computed column '${name}'.`, cause)),
  );
  if (watermark !== null) {
    const text = `WATERMARK FOR \`${watermark.column.name}\` AS [${source.slice(watermark.expression.span.start, watermark.expression.span.end)}]`;
    const isRule = ({ message }: Refusal): boolean => /^(Invalid (column name|data type)|The watermark declaration|A watermark can not)/.test(message);
    resolved(() => rowTimeOf(watermark, fields, base), (cause) => refuse({ kind: 'watermark' }, isRule(cause) ? cause.message : `Invalid expression for watermark '${text}'.`, cause));
  }
  checkKey(table, refuse);
}

function checkKey({ columns, primaryKey }: CatalogTable, refuse: Refuse): void {
  if (primaryKey === null) return;
  const { columns: keys } = primaryKey;
  const name = primaryKey.name ?? `PK_${keys.join('_')}`;
  const again = keys.find((key, i) => keys.indexOf(key) < i);
  if (again !== undefined) throw refuse({ kind: 'key' }, `Invalid primary key '${name}'. A primary key must not contain duplicate columns. Found: [${again}]`);
  for (const key of keys) {
    const column = columns.find((candidate) => candidate.name === key);
    if (column?.kind === 'physical') continue;
    throw refuse({ kind: 'key' }, `Invalid primary key '${name}'. Column '${key}' ${column === undefined ? 'does not exist' : 'is not a physical column'}.`);
  }
}

function resolved<T>(resolve: () => T, refuse: (cause: Refusal) => SluiceError): T {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof Refusal) throw refuse(error);
    throw error;
  }
}

type Given = Exclude<CatalogTable['columns'][number], { readonly kind: 'computed' }>;

const isGiven = (column: CatalogTable['columns'][number]): column is Given => column.kind !== 'computed';

/** Columns that are not computed, as declared. */
const givenFields = ({ columns }: CatalogTable): Field[] =>
  columns.filter(isGiven).map(({ name, type, nullable }, index) => ({ name, qualifier: null, nullable, timeAttribute: false, expression: columnAt(index, type) }));
