/** A digest of the rows of a FIRE or of one of its files, by which a repetition with other rows is recognised (X4), whatever wrote the bytes. */
import { createHash } from 'node:crypto';
import type { Row, Value } from '../core/types.ts';

/** More rows are sampled: the engine has compared the whole result of a FIRE with its digest before, and here every row costs time. */
const SAMPLE_ROWS = 1000;

/** Of the number of rows, and of the rows themselves or a thousand of them, evenly spread. Lower-case hex. */
export function rowsDigest(rows: readonly Row[]): string {
  const hash = createHash('sha256').update(`${rows.length}`);
  const step = Math.max(1, rows.length / SAMPLE_ROWS);
  for (let at = 0; at < rows.length; at += step) hash.update(`\n${rowText(rows[Math.floor(at)] ?? [])}`);
  return hash.digest('hex');
}

const rowText = (row: Row): string => row.map(valueText).join(',');

/** Different for different values: texts, which may hold anything, begin with their length. */
function valueText(value: Value): string {
  if (typeof value === 'string') return `${value.length}"${value}`;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  return Object.is(value, -0) ? '-0' : String(value);
}
