/**
 * Aggregates as the smallest algebra that works: zero, add, merge, result. A writer adds rows, the firer merges what writers
 * added, and nobody ever needs the rows again. Result types and overflow follow Flink (flink-table-runtime AggFunctions):
 * integers wrap, DECIMAL overflow is NULL, AVG of integers truncates, NULLs are ignored.
 */
import type { AggregateCall, JsonValue } from './plan.ts';
import type { SqlType, Value } from './types.ts';
import { wrapBigint } from './types.ts';
import { assert } from './errors.ts';
import { isItems } from './value-access.ts';
import { decodeValue, encodeValue } from './value-codec.ts';

/** Immutable. null is the zero of every aggregate but COUNT, whose zero is 0. */
export type Accumulator = Value | { readonly sum: Value; readonly count: number };

export interface Aggregate {
  readonly zero: Accumulator;
  /** `value` is not NULL. */
  add(acc: Accumulator, value: Value): Accumulator;
  merge(a: Accumulator, b: Accumulator): Accumulator;
  result(acc: Accumulator): Value;
  /** Readable JSON, lossless; also the form in savepoints. */
  encode(acc: Accumulator): JsonValue;
  decode(json: JsonValue): Accumulator;
}

/** The algebra of one aggregate call; COUNT(*) has none, since every pane counts its rows. */
export function aggregateOf(call: AggregateCall): Aggregate {
  const type = call.argumentType;
  assert(type !== null && call.argument !== null, `${call.fn}(*) has no accumulator`);
  switch (call.fn) {
    case 'COUNT':
      return count;
    case 'SUM':
      return sum(call.type);
    case 'AVG':
      return average(type, call.type);
    case 'MIN':
      return extreme(type, (a, b) => compareValues(a, b) <= 0);
    case 'MAX':
      return extreme(type, (a, b) => compareValues(a, b) >= 0);
  }
}

const count: Aggregate = {
  zero: 0,
  add: (acc) => Number(acc) + 1,
  merge: (a, b) => Number(a) + Number(b),
  result: (acc) => BigInt(Number(acc)),
  encode: (acc) => Number(acc),
  decode: (json) => Number(json),
};

/** An aggregate whose accumulator is one nullable value of `type`, combined pairwise. */
function fold(type: SqlType, combine: (a: Value, b: Value) => Value): Aggregate {
  const both = (a: Accumulator, b: Accumulator): Accumulator => {
    if (a === null) return b;
    return b === null ? a : combine(plain(a), plain(b));
  };
  return {
    zero: null,
    add: (acc, value) => (acc === null ? value : combine(plain(acc), value)),
    merge: both,
    result: plain,
    encode: (acc) => encodeValue(type, plain(acc)),
    decode: (json) => decodeValue(type, json),
  };
}

const extreme = (type: SqlType, wins: (a: Value, b: Value) => boolean): Aggregate =>
  fold(type, (a, b) => (wins(a, b) ? a : b));

/**
 * SUM keeps a DECIMAL sum exact and unbounded and turns overflow into NULL only in the result, so that merging in another order
 * cannot change it.
 */
function sum(type: SqlType): Aggregate {
  const plus = adder(type);
  const aggregate = fold(type, plus);
  return type.kind === 'DECIMAL' ? { ...aggregate, result: (acc) => withinPrecision(type.precision, plain(acc)) } : aggregate;
}

/** AVG: exact sum and count; integers truncate toward zero, DECIMAL rounds half up to the result scale. */
function average(type: SqlType, resultType: SqlType): Aggregate {
  const sumType: SqlType = isInteger(type) ? { kind: 'BIGINT' } : type.kind === 'FLOAT' ? { kind: 'DOUBLE' } : type;
  const plus = adder(sumType);
  const widen = (v: Value): Value => (sumType.kind === 'BIGINT' ? BigInt(asNumeric(v)) : v);
  return {
    zero: null,
    add: (acc, value) => {
      const before = pair(acc);
      const next = widen(value);
      return before === null ? { sum: next, count: 1 } : { sum: plus(before.sum, next), count: before.count + 1 };
    },
    merge: (a, b) => {
      const [left, right] = [pair(a), pair(b)];
      if (left === null || right === null) return left ?? right;
      return { sum: plus(left.sum, right.sum), count: left.count + right.count };
    },
    result: (acc) => {
      const total = pair(acc);
      return total === null ? null : divide(total.sum, total.count, sumType, resultType);
    },
    encode: (acc) => {
      const total = pair(acc);
      return total === null ? null : { sum: encodeValue(sumType, total.sum), count: total.count };
    },
    decode: (json) => {
      if (json === null || typeof json !== 'object' || Array.isArray(json)) return null;
      const fields = json as { readonly [key: string]: JsonValue };
      return { sum: decodeValue(sumType, fields['sum'] ?? null), count: Number(fields['count']) };
    },
  };
}

function adder(type: SqlType): (a: Value, b: Value) => Value {
  switch (type.kind) {
    case 'TINYINT':
      return (a, b) => ((Number(a) + Number(b)) << 24) >> 24;
    case 'SMALLINT':
      return (a, b) => ((Number(a) + Number(b)) << 16) >> 16;
    case 'INT':
      return (a, b) => (Number(a) + Number(b)) | 0;
    case 'BIGINT':
      return (a, b) => wrapBigint(BigInt(asNumeric(a)) + BigInt(asNumeric(b)));
    case 'DECIMAL':
      return (a, b) => BigInt(asNumeric(a)) + BigInt(asNumeric(b));
    case 'FLOAT':
      return (a, b) => Math.fround(Number(a) + Number(b));
    default:
      return (a, b) => Number(a) + Number(b);
  }
}

function divide(total: Value, n: number, sumType: SqlType, resultType: SqlType): Value {
  if (typeof total !== 'bigint') return resultType.kind === 'FLOAT' ? Math.fround(Number(total) / n) : Number(total) / n;
  if (resultType.kind === 'BIGINT') return total / BigInt(n);
  if (resultType.kind !== 'DECIMAL' || sumType.kind !== 'DECIMAL') return Number(total / BigInt(n));
  const scaled = total * 10n ** BigInt(resultType.scale - sumType.scale);
  const half = BigInt(n) * (scaled < 0n ? -1n : 1n);
  return withinPrecision(resultType.precision, (2n * scaled + half) / (2n * BigInt(n)));
}

function withinPrecision(precision: number, value: Value): Value {
  if (typeof value !== 'bigint') return value;
  const limit = 10n ** BigInt(precision);
  return value < limit && value > -limit ? value : null;
}

/** SQL order of two values of one type; strings by code point, as Flink compares their UTF-8 bytes. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a === b || a === null || b === null) return 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if (isItems(a) && isItems(b)) return compareItems(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareText(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
  }
  return a.length - b.length;
}

/** Part by part; NULL comes first. */
function compareItems(a: readonly Value[], b: readonly Value[]): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i] ?? null, b[i] ?? null];
    const d = x === null || y === null ? Number(x !== null) - Number(y !== null) : compareValues(x, y);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}

const isInteger = (type: SqlType): boolean => ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'].includes(type.kind);

function pair(acc: Accumulator): { readonly sum: Value; readonly count: number } | null {
  return acc !== null && typeof acc === 'object' && 'sum' in acc ? acc : null;
}

function plain(acc: Accumulator): Value {
  assert(pair(acc) === null, 'the accumulator of AVG where a plain value belongs');
  return acc as Value;
}

function asNumeric(v: Value): number | bigint {
  assert(typeof v === 'number' || typeof v === 'bigint', `a number was expected, not ${typeof v}`);
  return v;
}
