/** How aggregate functions resolve their arguments, with the messages of Calcite (SqlOperator) and Flink (AggFunctionFactory). */
import { calciteTypeText } from '../functions/calcite-text.ts';
import { expecting } from '../functions/operands.ts';
import { isInterval, isNumeric } from '../functions/type-rules.ts';
import type { SqlType } from '../types.ts';
import type { AggregateSignature, Argument } from './aggregate.ts';

export const typesOf = (args: readonly Argument[]): SqlType[] => args.map(({ expression }) => expression.type);

/** `Cannot apply 'SUM' to arguments of type 'SUM(<BOOLEAN>)'. Supported form(s): 'SUM(<NUMERIC>)'`. */
export function cannotApply(name: string, args: readonly Argument[], forms: readonly string[]): string {
  const given = args.map(({ expression, isRowTime }) => `<${calciteTypeText(expression.type)}${isRowTime === true ? ' *ROWTIME*' : ''}>`);
  return `Cannot apply '${name}' to arguments of type '${name}(${given.join(', ')})'. Supported form(s): ${forms.map((form) => `'${name}(${form})'`).join('\n')}`;
}

export const wrongCount = expecting;

/** The root of a type as Flink names it (LogicalTypeRoot). */
function typeRoot(type: SqlType): string {
  switch (type.kind) {
    case 'INT':
      return 'INTEGER';
    case 'TIME':
    case 'TIMESTAMP':
      return `${type.kind}_WITHOUT_TIME_ZONE`;
    case 'TIMESTAMP_LTZ':
      return 'TIMESTAMP_WITH_LOCAL_TIME_ZONE';
    default:
      return isInterval(type) ? (type.kind === 'INTERVAL_DAY' ? 'INTERVAL_DAY_TIME' : 'INTERVAL_YEAR_MONTH') : type.kind;
  }
}

/** A type that the function has no implementation for. */
export const noSuchType = (what: string, type: SqlType): string =>
  `${what} aggregate function does not support type: ''${typeRoot(type)}''.\nPlease re-check the data type.`;

/** The signature of a function of one number. */
export function numeric(name: string, args: readonly Argument[], result: (type: SqlType) => SqlType): AggregateSignature | string {
  const [type, second] = typesOf(args);
  if (type === undefined || second !== undefined) return wrongCount(name, 1);
  return isNumeric(type) ? { args: [type], type: result(type), nullable: 'if-argument' } : cannotApply(name, args, ['<NUMERIC>']);
}
