/** AVG (Flink's AvgAggFunction): an exact sum and a count; integers truncate toward zero, a DECIMAL rounds half up. */
import { assert } from '../errors.ts';
import { divideHalfUp, fitsPrecision, pow10 } from '../decimal.ts';
import { isFloating, isInteger } from '../functions/type-rules.ts';
import type { JsonValue } from '../plan.ts';
import { BIGINT, DOUBLE, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf } from '../value-access.ts';
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { Aggregate, AggregateFunction } from './aggregate.ts';
import { numeric } from './signature.ts';
import { adder } from './sum.ts';

/** null without rows. */
type Average = { readonly sum: Value; readonly count: number } | null;

/** The type in which AVG of a type is summed up: no integer or FLOAT overflows in it. */
function averageSumType(type: SqlType): SqlType {
  if (isInteger(type)) return BIGINT;
  return type.kind === 'FLOAT' ? DOUBLE : type;
}

/** findAvgAggType. */
export const averageType = (type: SqlType): SqlType =>
  type.kind === 'DECIMAL' ? { ...type, precision: 38, scale: Math.max(6, type.scale) } : type;

/** The sum begins with 0, to which -0.0 adds up to 0.0. */
const fromZero = (value: Value): Value => (value === 0 ? 0 : value);

function averageOf(type: SqlType, resultType: SqlType): Aggregate<Average> {
  const sumType = averageSumType(type);
  const plus = adder(sumType);
  const widened = isInteger(type) && type.kind !== 'BIGINT' ? (v: Value): Value => BigInt(numberOf(v)) : (v: Value): Value => v;
  const quotient = divider(sumType, resultType);
  return {
    ...(isFloating(sumType) ? {} : { commutes: true }),
    zero: null,
    stored: sumType,
    add: (acc, value) => (acc === null ? { sum: fromZero(widened(value)), count: 1 } : { sum: plus(acc.sum, widened(value)), count: acc.count + 1 }),
    merge: (a, b) => {
      if (a === null || b === null) return a ?? b;
      return { sum: plus(a.sum, b.sum), count: a.count + b.count };
    },
    result: (acc) => (acc === null ? null : quotient(acc.sum, acc.count)),
    encode: (acc) => (acc === null ? null : { sum: encodeValue(sumType, acc.sum), count: acc.count }),
    decode: (json) => decodeAverage(sumType, json),
  };
}

function decodeAverage(sumType: SqlType, json: JsonValue): Average {
  if (json === null || typeof json !== 'object' || !('sum' in json)) return null;
  return { sum: decodeValue(sumType, json['sum'] ?? null), count: Number(json['count']) };
}

function divider(sumType: SqlType, type: SqlType): (sum: Value, n: number) => Value {
  if (type.kind === 'FLOAT') return (sum, n) => Math.fround(numberOf(sum) / n);
  if (type.kind === 'DOUBLE') return (sum, n) => numberOf(sum) / n;
  if (type.kind === 'BIGINT') return (sum, n) => bigintOf(sum) / BigInt(n);
  if (sumType.kind !== 'DECIMAL') return (sum, n) => Number(bigintOf(sum) / BigInt(n));
  assert(type.kind === 'DECIMAL', 'the average of decimals is a decimal');
  return (sum, n) => {
    if (!fitsPrecision(bigintOf(sum), 38)) return null;
    const average = divideHalfUp(bigintOf(sum) * pow10(type.scale - sumType.scale), BigInt(n));
    return fitsPrecision(average, type.precision) ? average : null;
  };
}

export const AVG: AggregateFunction = {
  name: 'AVG',
  resolve: (args) => numeric('AVG', args, averageType),
  open: ({ argumentType, type }) => {
    assert(argumentType !== null, 'AVG has an argument');
    return averageOf(argumentType, type);
  },
};
