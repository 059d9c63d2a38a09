/** SQLite does not check its pages: rows whose readers would notice nothing carry a checksum over their other columns. */
import type { SQLOutputValue } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import type { SqlRow } from './columns.ts';

/** CRC-32 of the values in their order; every connection has it as the SQL function `checksum`. */
export const checksum = (...values: readonly SQLOutputValue[]): number =>
  values.reduce((sum: number, value) => crc32(`${String(value)}\0`, sum), 0);

/** The row, whose column `sum` must be the checksum of `columns`; `key` names it in STORE_CORRUPT. */
export function verified(row: SqlRow, columns: readonly string[], key: string): SqlRow {
  const values = columns.map((column) => row[column] ?? null);
  if (row['sum'] === BigInt(checksum(...values))) return row;
  throw new SluiceError('STORE_CORRUPT', { message: `${key} does not match its checksum`, details: { key } });
}
