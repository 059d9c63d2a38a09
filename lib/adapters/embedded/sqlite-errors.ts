/** What an SQLite error says about its statement. */
import { SluiceError, StoreError, type ErrorParts } from '../../core/errors.ts';

/** Primary result codes after which a statement has surely been rolled back, or was not begun. */
const NOT_HAPPENED: Readonly<Record<number, string>> = {
  5: 'another process holds the lock',
  6: 'a table is locked',
  8: 'the file is read-only',
  13: 'the disk is full',
  14: 'the file cannot be opened',
  18: 'the value is too large',
};
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED = [11, 26];
/** The low byte of an extended result code. */
const PRIMARY = 0xff;

/**
 * The error to throw instead of `error`. An I/O error, or a lack of memory, may have struck after the commit record was written (a
 * recovery of the WAL finds it then), so they and everything unknown are `maybe`. Errors that do not come from SQLite are returned as they are.
 */
export function sqliteError(path: string, error: unknown): unknown {
  if (isClosed(error)) return new StoreError('no', { message: `${path} is closed`, cause: error });
  const result = resultOf(error);
  if (result === null) return error;
  const parts: ErrorParts = { message: `${path}: ${result.message}`, cause: error, details: { path, sqlite: result.code } };
  const primary = result.code & PRIMARY;
  if (DAMAGED.includes(primary)) return new SluiceError('STORE_CORRUPT', parts);
  const reason = NOT_HAPPENED[primary];
  if (reason === undefined) return new StoreError('maybe', parts);
  return new StoreError('no', { ...parts, message: `${path}: ${reason} (${result.message})` });
}

function resultOf(error: unknown): { code: number; message: string } | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return { code: error.errcode, message: error.message };
}

const isClosed = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE';
