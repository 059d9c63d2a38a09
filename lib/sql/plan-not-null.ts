/** NOT NULL columns of a sink: `table.exec.sink.not-null-enforcer` says whether a row that breaks one fails or is left out (SinkOperator's enforcer). */
import { callFunction, isNullable, literal } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { STRING, type Column } from '../core/types.ts';
import { columnsOfBase } from './plan-base.ts';
import { allOf, type Field, type Pipeline } from './plan-scope.ts';
import { orInvalid } from './refusal.ts';
import type { Span } from './ast.ts';

interface Written {
  readonly query: Pipeline;
  readonly fields: readonly Field[];
}

/** The query and its fields with what keeps NULL out of these columns. */
export function enforceNotNull({ query, fields }: Written, columns: readonly Column[], options: Readonly<Record<string, string>>, span: Span): Written {
  const isChecked = (field: Field, i: number): boolean => columns[i]?.nullable === false && mayBeNull(field.expression, query);
  const call = (name: string, ...args: Expression[]): Expression => orInvalid(callFunction(name, args), span);
  if (options['table.exec.sink.not-null-enforcer']?.toUpperCase() !== 'DROP') {
    const enforced = (field: Field): Field => ({ ...field, expression: call('ENFORCE NOT NULL', field.expression, literal(STRING, field.name)), nullable: false });
    return { query, fields: fields.map((field, i) => (isChecked(field, i) ? enforced(field) : field)) };
  }
  const present = fields.filter(isChecked).map(({ expression }) => call('IS NOT NULL', expression));
  return { query: { ...query, where: present.reduce<Expression | null>((where, e) => allOf(where, e), query.where) }, fields };
}

/** What a record gives may be NULL whatever its table says: formats do not look at NOT NULL. */
function mayBeNull(expression: Expression, { base }: Pipeline): boolean {
  return isNullable(expression, base.kind === 'source' ? base.columns.map(() => ({ nullable: true })) : columnsOfBase({ base }));
}
