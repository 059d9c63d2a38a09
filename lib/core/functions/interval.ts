/** Dates, times and timestamps plus or minus an interval, and intervals among themselves. */
import { MS_PER_DAY, NANOS_PER_MS, addMonths } from '../calendar.ts';
import type { Expression } from '../plan.ts';
import { SluiceError } from '../errors.ts';
import { BIGINT, isNanos, typeText, type SqlType, type Value } from '../types.ts';
import { bigintOf, numberOf, type Present } from '../value-access.ts';
import { epochMs } from './cast-time.ts';
import type { CallExpression, Signature } from './function.ts';
import { isDatetime, isInteger, isInterval } from './type-rules.ts';

/** The signature of an operator with an interval in it; null if there is none and numbers are to be tried. */
export function resolveDatetime(operator: string, args: readonly Expression[]): Signature | null {
  const [a, b] = args.map((argument) => argument.type);
  if (a === undefined || b === undefined || args.length !== 2) return null;
  if (operator === '*') return resolveMultiple(a, b);
  if (operator !== '+' && operator !== '-') return null;
  if (isInterval(b) && (isDatetime(a) || a.kind === b.kind)) return { args: [a, b], type: a };
  return operator === '+' && isInterval(a) && isDatetime(b) ? { args: [a, b], type: b } : null;
}

function resolveMultiple(a: SqlType, b: SqlType): Signature | null {
  if (isInterval(a) && isInteger(b)) return { args: [a, BIGINT], type: a };
  return isInteger(a) && isInterval(b) ? { args: [BIGINT, b], type: b } : null;
}

/** What such a call does; null for a call on numbers. */
export function shiftedBy(call: CallExpression): ((a: Present, b: Present) => Value) | null {
  const [a, b] = call.args.map((argument) => argument.type);
  if (a === undefined || b === undefined || !(isInterval(a) || isInterval(b))) return null;
  if (call.fn === '*') return (x, y) => Number(x) * Number(y);
  const sign = call.fn === '-' ? -1 : 1;
  if (isDatetime(b)) return (x, y) => shift(b, y, a, numberOf(x));
  if (isDatetime(a)) return (x, y) => shift(a, x, b, sign * numberOf(y));
  return (x, y) => numberOf(x) + sign * numberOf(y);
}

function shift(type: SqlType, value: Present, interval: SqlType, amount: number): Value {
  return interval.kind === 'INTERVAL_DAY' ? shiftByMs(type, value, amount) : shiftByMonths(type, value, amount);
}

/** A DATE takes whole days only, and a TIME goes round the clock. Throws EXPRESSION_FAILED for what no value stands for: it could not be read again. */
export function shiftByMs(type: SqlType, value: Present, ms: number): Value {
  if (!Number.isSafeInteger(ms)) throw outOfRange(type, ms);
  if (isNanos(type)) return bigintOf(value) + BigInt(ms) * NANOS_PER_MS;
  if (type.kind === 'DATE') return numberOf(value) + Math.trunc(ms / MS_PER_DAY);
  const sum = numberOf(value) + ms;
  if (!Number.isSafeInteger(sum)) throw outOfRange(type, ms);
  return type.kind === 'TIME' ? sum - Math.floor(sum / MS_PER_DAY) * MS_PER_DAY : sum;
}

const outOfRange = (type: SqlType, ms: number): SluiceError =>
  new SluiceError('EXPRESSION_FAILED', { message: `a ${typeText(type)} that is ${ms} ms away is out of range` });

/** A day that the month does not have becomes its last one. */
export function shiftByMonths(type: SqlType, value: Present, months: number): Value {
  if (type.kind === 'DATE') return addMonths(numberOf(value), months);
  if (type.kind === 'TIME') return value;
  const ms = epochMs(type, value);
  const change = shiftTimestamp(ms, months) - ms;
  return shiftByMs(type, value, change);
}

function shiftTimestamp(ms: number, months: number): number {
  const days = Math.floor(ms / MS_PER_DAY);
  return ms + (addMonths(days, months) - days) * MS_PER_DAY;
}
