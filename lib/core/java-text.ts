/**
 * Values as Java's `toString` gives them: what Flink prints, and what it puts into the names of partitions; but DECIMAL is in plain digits there as well, where
 * Flink has `1E-7` for less than a millionth.
 */
import type { SqlType } from './types.ts';
import type { Present } from './value-access.ts';
import { isoText, valueText } from './value-text.ts';

/** Date, hours and minutes; seconds; fraction; zone. */
const ISO_TIME = /^(.*\d\d:\d\d):(\d\d)(?:\.(\d+))?(Z?)$/;

export function javaText(type: SqlType, value: Present): string {
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return `[${new Int8Array(value).join(', ')}]`;
  const isTime = type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ' || type.kind === 'TIME';
  return isTime ? javaTime(isoText(type, value)) : valueText(type, value);
}

/** LocalDateTime, LocalTime and Instant: fraction in groups of three digits; a local time without seconds ends with its minutes. */
function javaTime(iso: string): string {
  const [, minutes = iso, seconds = '00', digits = '', zone = ''] = ISO_TIME.exec(iso) ?? [];
  const fraction = inThrees(digits.replace(/0+$/, ''));
  if (fraction === '' && seconds === '00' && zone === '') return minutes;
  return `${minutes}:${seconds}${fraction}${zone}`;
}

const inThrees = (digits: string): string => (digits === '' ? '' : `.${digits.padEnd(Math.ceil(digits.length / 3) * 3, '0')}`);
