/**
 * Values as Java's `toString` gives them: what Flink prints, and what it puts into the names of partitions; but DECIMAL is in plain digits there as well, where
 * Flink has `1E-7` for less than a millionth.
 */
import { innerTypes, isNested, type NestedType, type SqlType, type Value } from './types.ts';
import { entriesOf, itemsOf, type Present } from './value-access.ts';
import { isoText, valueText } from './value-text.ts';

/** Date, hours and minutes; seconds; fraction; zone. */
const ISO_TIME = /^(.*\d\d:\d\d):(\d\d)(?:\.(\d+))?(Z?)$/;

export function javaText(type: SqlType, value: Present): string {
  if (typeof value === 'boolean') return String(value);
  if (isNested(type)) return nestedText(type, value);
  if (value instanceof Uint8Array) return `[${new Int8Array(value).join(', ')}]`;
  const isTime = type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ' || type.kind === 'TIME';
  return isTime ? javaTime(isoText(type, value)) : valueText(type, value);
}

/** `[1, null]`, `{k=v}`, `+I[1, a]`. */
function nestedText(type: NestedType, value: Present): string {
  if (type.kind === 'ARRAY') return `[${itemsOf(value).map((item) => orNull(type.element.type, item)).join(', ')}]`;
  const types = innerTypes(type);
  const texts = (parts: readonly Value[]): string[] => types.map((inner, i) => orNull(inner, parts[i] ?? null));
  if (type.kind === 'ROW') return `+I[${texts(itemsOf(value)).join(', ')}]`;
  return `{${entriesOf(value).map((entry) => texts(entry).join('=')).join(', ')}}`;
}

const orNull = (type: SqlType, value: Value): string => (value === null ? 'null' : javaText(type, value));

/** LocalDateTime, LocalTime and Instant: fraction in groups of three digits; a local time without seconds ends with its minutes. */
function javaTime(iso: string): string {
  const [, minutes = iso, seconds = '00', digits = '', zone = ''] = ISO_TIME.exec(iso) ?? [];
  const fraction = inThrees(digits.replace(/0+$/, ''));
  if (fraction === '' && seconds === '00' && zone === '') return minutes;
  return `${minutes}:${seconds}${fraction}${zone}`;
}

const inThrees = (digits: string): string => (digits === '' ? '' : `.${digits.padEnd(Math.ceil(digits.length / 3) * 3, '0')}`);
