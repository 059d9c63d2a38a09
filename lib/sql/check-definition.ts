/** What CREATE TABLE computes is checked when the table is created: computed columns and the watermark. */
import { columnAt, isNullable } from '../core/expression.ts';
import type { Column } from '../core/types.ts';
import type * as ast from './ast.ts';
import { tableDefinition, type CatalogTable } from './catalog-table.ts';
import { didYouMean } from './diagnostic.ts';
import { locating } from './plan-context.ts';
import { translate, type Scope } from './plan-expression.ts';
import type { Field } from './plan-scope.ts';
import { rowTimeOf } from './plan-source.ts';
import { invalid } from './refusal.ts';

/** Throws SQL_VALIDATE or SQL_UNSUPPORTED for what `statement` itself computes; `table` is what it makes. */
export function checkDefinition(statement: ast.CreateTable, table: CatalogTable): void {
  const given = givenColumns(table);
  const fields = given.map((column, index): Field => ({ ...fieldOf(column), expression: columnAt(index, column.type) }));
  const computed = (column: ast.ComputedColumn): Field => {
    const expression = translate(column.expression, scopeOf(fields));
    return { name: column.name.name, qualifier: null, expression, nullable: isNullable(expression, given), timeAttribute: false };
  };
  locating(statement.source, () => statement.columns.forEach((column) => column.kind === 'computed-column' && computed(column)));
  const { watermark } = statement;
  if (watermark === null) return;
  const definition = tableDefinition([table.name], table);
  const all = locating(definition.source, () => [...fields, ...definition.columns.flatMap((column) => (column.kind === 'computed-column' ? [computed(column)] : []))]);
  locating(statement.source, () => rowTimeOf(watermark, all, scopeOf(all)));
}

const fieldOf = ({ name, nullable }: Column): Omit<Field, 'expression'> => ({ name, qualifier: null, nullable, timeAttribute: false });

/** Columns that are not computed. */
const givenColumns = ({ columns }: CatalogTable): Column[] => columns.flatMap((column) => (column.kind === 'computed' ? [] : [{ name: column.name, type: column.type, nullable: column.nullable }]));

/** Flink calls a name that it does not know in a definition an identifier. */
const scopeOf = (fields: readonly Field[]): Scope => ({
  fields,
  intercept: (e) => {
    if (e.kind !== 'column') return null;
    const [{ name }] = e.name.parts;
    const names = fields.map((field) => field.name);
    return names.includes(name) ? null : invalid(e.span, `Unknown identifier '${name}'`, didYouMean(name, names));
  },
});
