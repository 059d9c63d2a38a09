/** Partition transforms (https://iceberg.apache.org/spec/#partition-transforms). */
import { civilFromDays } from '../../core/calendar.ts';
import { bigintOf, bytesOf, numberOf, type Present, stringOf } from '../../core/value-access.ts';
import { murmur3 } from './murmur3.ts';
import { longBytes, singleValue } from './single-value.ts';
import { floorDivide, type PrimitiveType } from './types.ts';

export interface Transform {
  /** Of the partition value. */
  readonly type: PrimitiveType;
  /** null stays null. `void` makes null of everything. */
  readonly apply: (value: Present) => Present | null;
}

const INT: PrimitiveType = { kind: 'int' };
const MICROS_PER_HOUR = 3_600_000_000n;
const HOURS_PER_DAY = 24;

/** The transform of that name over a column of `source`; null: there is none, or not for this type. */
export function transform(name: string, source: PrimitiveType): Transform | null {
  const [, base = '', parameter = ''] = /^(\w+)(?:\[(\d+)\])?$/.exec(name) ?? [];
  switch (base) {
    case 'identity':
      return { type: source, apply: (value) => value };
    case 'void':
      return { type: source, apply: () => null };
    case 'bucket':
      return bucket(source, Number(parameter));
    case 'truncate':
      return truncate(source, Number(parameter));
    case 'year':
    case 'month':
    case 'day':
    case 'hour':
      return calendar(base, source);
    default:
      return null;
  }
}

function bucket(source: PrimitiveType, count: number): Transform | null {
  const hash = hashOf(source);
  if (hash === null || count < 1) return null;
  return { type: INT, apply: (value) => (hash(value) & 0x7fffffff) % count };
}

/** A signed 32-bit integer. `int` and `date` hash as `long` does, so that a promotion moves no row. */
export function hashOf(source: PrimitiveType): ((value: Present) => number) | null {
  switch (source.kind) {
    case 'boolean':
    case 'float':
    case 'double':
      return null;
    case 'int':
    case 'date':
      return (value) => murmur3(longBytes(BigInt(numberOf(value))));
    default:
      return (value) => murmur3(singleValue(source, value));
  }
}

function truncate(source: PrimitiveType, width: number): Transform | null {
  if (width < 1) return null;
  switch (source.kind) {
    case 'int':
      return { type: source, apply: (value) => Math.floor(numberOf(value) / width) * width };
    case 'long':
    case 'decimal':
      return { type: source, apply: (value) => floorDivide(bigintOf(value), BigInt(width)) * BigInt(width) };
    case 'string':
      return { type: source, apply: (value) => firstCodePoints(stringOf(value), width) };
    case 'binary':
      return { type: source, apply: (value) => bytesOf(value).slice(0, width) };
    default:
      return null;
  }
}

export function firstCodePoints(text: string, count: number): string {
  if (text.length <= count) return text;
  let end = 0;
  for (let n = 0; n < count && end < text.length; n++) end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

type Calendar = 'year' | 'month' | 'day' | 'hour';

/** Years, months, days or hours since 1970-01-01; a day is a date. */
function calendar(unit: Calendar, source: PrimitiveType): Transform | null {
  const type: PrimitiveType = unit === 'day' ? { kind: 'date' } : INT;
  if (source.kind === 'date') return unit === 'hour' ? null : { type, apply: (value) => sinceEpoch(unit, numberOf(value) * HOURS_PER_DAY) };
  if (source.kind !== 'timestamp' && source.kind !== 'timestamptz') return null;
  return { type, apply: (value) => sinceEpoch(unit, Number(floorDivide(bigintOf(value), MICROS_PER_HOUR))) };
}

function sinceEpoch(unit: Calendar, hours: number): number {
  if (unit === 'hour') return hours;
  const days = Math.floor(hours / HOURS_PER_DAY);
  if (unit === 'day') return days;
  const { year, month } = civilFromDays(days);
  return unit === 'year' ? year - 1970 : (year - 1970) * 12 + month - 1;
}
