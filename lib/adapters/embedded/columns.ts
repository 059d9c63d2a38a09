/** Columns of a row as the types that the schema declares; anything else means that the file is damaged. */
import type { SQLOutputValue } from 'node:sqlite';
import { SluiceError } from '../../core/errors.ts';

export type SqlRow = Readonly<Record<string, SQLOutputValue>>;

export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : refuse(column, value);
}

export function integerOf(row: SqlRow, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : refuse(column, value);
}

export function bytesOf(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : refuse(column, value);
}

export const bytesOrNull = (row: SqlRow, column: string): Uint8Array | null =>
  row[column] === null ? null : bytesOf(row, column);

function refuse(column: string, value: SQLOutputValue | undefined): never {
  throw new SluiceError('STORE_CORRUPT', { message: `column ${column} of the store holds a ${typeof value}` });
}
