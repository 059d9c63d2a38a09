/** Rows of SQL as objects of a program. Nothing is lost: BIGINT is a bigint, and DECIMAL its text. */
// oxlint-disable no-restricted-globals -- a Date is a value here, never a clock
import { decimalText } from '../../core/decimal.ts';
import type { TransformRow } from '../../core/process/code.ts';
import { isNanos, Raw, type Column, type SqlType, type Value } from '../../core/types.ts';
import { itemsOf } from '../../core/value-access.ts';
import { refuse } from '../refusal.ts';

/** Objects with the names of the columns; `time` is that of the event time. Throws JOB_DEFINITION where there is no such column, or it is no time. */
export function objectsTransform(columns: readonly Column[], time: string | null): TransformRow {
  const timeColumn = time === null ? -1 : timeColumnOf(columns, time);
  return (row, next) => next([new Raw(objectOf(columns, row)), row[timeColumn] ?? null]);
}

function timeColumnOf(columns: readonly Column[], time: string): number {
  const at = columns.findIndex(({ name }) => name === time);
  const type = columns[at]?.type;
  if (type !== undefined && (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && !isNanos(type)) return at;
  return refuse('job.query', `'${time}' is no column of type TIMESTAMP(3) or TIMESTAMP_LTZ(3)`, `Its columns are ${columns.map(({ name }) => name).join(', ')}.`);
}

const objectOf = (fields: readonly { readonly name: string; readonly type: SqlType }[], values: readonly Value[]): object =>
  Object.fromEntries(fields.map(({ name, type }, i) => [name, plainValue(type, values[i] ?? null)]));

/**
 * Numbers, texts, booleans and bytes are themselves; DATE and TIMESTAMP are Dates, those of more than milliseconds bigints of epoch nanoseconds; TIME is
 * milliseconds of the day; ARRAY, MAP, MULTISET and ROW are arrays, Maps and objects.
 */
function plainValue(type: SqlType, value: Value): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'DECIMAL':
      return typeof value === 'bigint' ? decimalText(value, type.scale) : value;
    case 'DATE':
      return new Date(Number(value) * DAY_MS);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return typeof value === 'number' ? new Date(value) : value;
    case 'ARRAY':
      return itemsOf(value).map((item) => plainValue(type.element.type, item));
    case 'MAP':
      return new Map(itemsOf(value).map((entry) => [plainValue(type.key.type, itemsOf(entry)[0] ?? null), plainValue(type.value.type, itemsOf(entry)[1] ?? null)]));
    case 'MULTISET':
      return new Map(itemsOf(value).map((entry) => [plainValue(type.element.type, itemsOf(entry)[0] ?? null), itemsOf(entry)[1] ?? 0]));
    case 'ROW':
      return objectOf(type.fields, itemsOf(value));
    default:
      return value;
  }
}

const DAY_MS = 86_400_000;
