/** SUM (Flink's SumAggFunction): integers wrap, and a DECIMAL has 38 digits. */
import { isFloating, isInteger } from '../functions/type-rules.ts';
import { wrapTo } from '../functions/wrap.ts';
import { fitsPrecision } from '../decimal.ts';
import { wrapBigint, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf } from '../value-access.ts';
import type { Aggregate, AggregateFunction } from './aggregate.ts';
import { foldOf } from './fold.ts';
import { numeric } from './signature.ts';

/** findSumAggType. */
export const sumType = (type: SqlType): SqlType => (type.kind === 'DECIMAL' ? { ...type, precision: 38 } : type);

/** Addition of two values of a numeric type. That of decimals is unbounded. */
export function adder(type: SqlType): (a: Value, b: Value) => Value {
  if (type.kind === 'BIGINT') return (a, b) => wrapBigint(bigintOf(a) + bigintOf(b));
  if (type.kind === 'INT') return (a, b) => (numberOf(a) + numberOf(b)) | 0;
  if (isInteger(type)) return (a, b) => wrapTo(type, BigInt(numberOf(a) + numberOf(b)));
  if (type.kind === 'FLOAT') return (a, b) => Math.fround(numberOf(a) + numberOf(b));
  return isFloating(type) ? (a, b) => numberOf(a) + numberOf(b) : (a, b) => bigintOf(a) + bigintOf(b);
}

/**
 * A DECIMAL sum is kept exact and unbounded, and overflow becomes NULL only in the result, so that merging in another order cannot change
 * it. (In Flink the sum begins anew with the value behind the overflow.)
 */
function sumOf(type: SqlType): Aggregate<Value> {
  const sum = { ...foldOf(type, adder(type)), ...(isFloating(type) ? {} : { commutes: true as const }) };
  if (type.kind !== 'DECIMAL') return sum;
  return { ...sum, result: (acc) => (acc === null || fitsPrecision(bigintOf(acc), type.precision) ? acc : null) };
}

export const SUM: AggregateFunction = {
  name: 'SUM',
  resolve: (args) => numeric('SUM', args, sumType),
  open: ({ type }) => sumOf(type),
};
