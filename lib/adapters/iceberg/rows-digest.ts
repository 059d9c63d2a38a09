/** A digest of the rows of a FIRE, by which a repetition with other rows is recognised (X4). */
import { createHash } from 'node:crypto';
import type { Row, Value } from '../../core/types.ts';

/** Rows that are joined at once: a string cannot grow beyond 512 MB. */
const ROWS_PER_PIECE = 1000;

/** Lower-case hex. */
export function rowsDigest(rows: readonly Row[]): string {
  const hash = createHash('sha256');
  for (let i = 0; i < rows.length; i += ROWS_PER_PIECE) hash.update(rows.slice(i, i + ROWS_PER_PIECE).map(rowText).join('\n'));
  return hash.digest('hex');
}

const rowText = (row: Row): string => row.map(valueText).join(',');

/** Different for different values: texts, which may hold anything, begin with their length. */
function valueText(value: Value): string {
  if (typeof value === 'string') return `${value.length}"${value}`;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  return Object.is(value, -0) ? '-0' : String(value);
}
