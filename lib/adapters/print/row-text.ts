/** A row as Flink's print connector writes it: `+I[2026-11-20T10:00, click, 2]`, values as Java's `toString` gives them. */
import type { Column, Row, SqlType, Value } from '../../core/types.ts';
import { isoText, valueText } from '../../core/value-text.ts';

/** Date, hours and minutes; seconds; fraction; zone. */
const ISO_TIME = /^(.*\d\d:\d\d):(\d\d)(?:\.(\d+))?(Z?)$/;

/** An insert; Sluice's sinks get no other kind of change yet. */
export function rowText(columns: readonly Column[], row: Row): string {
  return `+I[${columns.map(({ type }, i) => textOf(type, row[i] ?? null)).join(', ')}]`;
}

function textOf(type: SqlType, value: Value): string {
  if (value === null) return 'null';
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
