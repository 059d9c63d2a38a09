/**
 * Columns of a row as the types that the schema declares; anything else means that the file is damaged. Integers come as bigints
 * (`Store.reader`), or a damaged one could not be read at all. `key` names the row in STORE_CORRUPT.
 */
import type { SQLOutputValue } from 'node:sqlite';
import { SluiceError } from '../../core/errors.ts';

export type SqlRow = Readonly<Record<string, SQLOutputValue>>;

export function textOf(row: SqlRow, column: string, key: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : refuse(column, value, key);
}

export function integerOf(row: SqlRow, column: string, key: string): number {
  const value = row[column];
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : refuse(column, value, key);
}

export function bytesOf(row: SqlRow, column: string, key: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : refuse(column, value, key);
}

export const bytesOrNull = (row: SqlRow, column: string, key: string): Uint8Array | null =>
  row[column] === null ? null : bytesOf(row, column, key);

function refuse(column: string, value: SQLOutputValue | undefined, key: string): never {
  throw new SluiceError('STORE_CORRUPT', { message: `${key}: column ${column} holds ${typeof value} ${String(value)}`, details: { key } });
}
