/** TYPEOF: the type of an expression as text, a constant of the plan. */
import { isNullable, literal, literalValue } from '../core/expression.ts';
import { expecting } from '../core/functions/operands.ts';
import type { Expression } from '../core/plan.ts';
import { STRING, typeText, type SqlType } from '../core/types.ts';
import type { Field } from './plan-scope.ts';

/** `TYPEOF(x)`, `TYPEOF(x, TRUE)`: with TRUE the text can be read as a type again. Returns the reason for what is no such call. */
export function typeOf(args: readonly Expression[], fields: readonly Field[]): Expression | string {
  const [operand, force] = args;
  if (operand === undefined || args.length > 2) return expecting('TYPEOF', 1);
  if (operand.type.kind === 'NULL') return literal(STRING, 'NULL');
  const isSerializable = force !== undefined && literalValue(force) === true;
  const text = isSerializable ? serializable(operand.type) : typeText(operand.type);
  return literal(STRING, isNullable(operand, columnsOf(fields)) ? text : `${text} NOT NULL`);
}

/** STRING and BYTES by the names that they stand for. */
const serializable = (type: SqlType): string =>
  typeText(type)
    .replaceAll(/\bSTRING\b/g, 'VARCHAR(2147483647)')
    .replaceAll(/\bBYTES\b/g, 'VARBINARY(2147483647)');

/** Nullability of the columns of the base, as far as fields are nothing else. */
function columnsOf(fields: readonly Field[]): { readonly nullable: boolean }[] {
  const columns: { readonly nullable: boolean }[] = [];
  for (const { expression, nullable } of fields) if (expression.op === 'column') columns[expression.index] = { nullable };
  return columns;
}
