/** The rows of a FIRE cut into files, lazily: one file is encoded at a time, and a piece of the next one. Equal rows are cut equally (X4). */
import type { Row } from '../../core/types.ts';

/** A file to be. */
export interface Draft {
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Of the rows, where the same rows may become other bytes; null: the bytes speak for themselves. */
  readonly digest: string | null;
  /** No other file holds rows of the same FIRE. */
  readonly isOnly: boolean;
}

/** Rows as files of about `limit` bytes, at least one row each. */
export type Drafts = (rows: readonly Row[], limit: number) => Iterable<Draft>;

/** A piece ends with so many rows, or with the row that reaches so many bytes: a string cannot grow beyond 512 MB. */
const PIECE_ROWS = 1000;
const PIECE_BYTES = 2 ** 20;

/** Consecutive rows, encoded or not, and the bytes that they add to a file, roughly. */
interface Piece<T> {
  readonly content: T;
  readonly rows: number;
  readonly bytes: number;
}

/** A file under way. */
export interface OpenFile<T> {
  add(content: T): void;
  /** Once. */
  finish(): Pick<Draft, 'bytes' | 'digest'>;
}

/** Lines with their newlines. */
export const lineDrafts =
  (lineOf: (row: Row) => string): Drafts =>
  (rows, limit) =>
    filesOf(piecesOf(rows, lineOf, ({ length }) => length, (lines) => Buffer.from(`${lines.join('\n')}\n`)), () => new Lines(), limit);

/** Files that take rows as they are; `sizeOf` estimates what a row adds. */
export const rowDrafts =
  (open: () => OpenFile<readonly Row[]>, sizeOf: (row: Row) => number): Drafts =>
  (rows, limit) =>
    filesOf(piecesOf(rows, (row) => row, sizeOf, (piece) => piece), open, limit);

class Lines implements OpenFile<Buffer> {
  readonly #pieces: Buffer[] = [];

  add(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  finish(): Pick<Draft, 'bytes' | 'digest'> {
    return { bytes: Buffer.concat(this.#pieces), digest: null };
  }
}

function* piecesOf<E, T>(rows: readonly Row[], encode: (row: Row) => E, sizeOf: (encoded: E) => number, contentOf: (encoded: readonly E[]) => T): Iterable<Piece<T>> {
  let piece: E[] = [];
  let size = 0;
  const closed = (): Piece<T> => {
    const content = contentOf(piece);
    const done = { content, rows: piece.length, bytes: Buffer.isBuffer(content) ? content.length : size };
    piece = [];
    size = 0;
    return done;
  };
  for (const row of rows) {
    const encoded = encode(row);
    piece.push(encoded);
    size += sizeOf(encoded);
    if (piece.length >= PIECE_ROWS || size >= PIECE_BYTES) yield closed();
  }
  if (piece.length > 0) yield closed();
}

/** A file is closed before the piece that would take it beyond the limit. */
function* filesOf<T>(pieces: Iterable<Piece<T>>, open: () => OpenFile<T>, limit: number): Iterable<Draft> {
  let file = open();
  let [rows, bytes, isOnly] = [0, 0, true];
  const closed = (): Draft => {
    const done = { ...file.finish(), rows, isOnly };
    file = open(); // nothing of the finished one is kept
    [rows, bytes] = [0, 0];
    return done;
  };
  for (const piece of pieces) {
    if (rows > 0 && bytes + piece.bytes > limit) {
      isOnly = false;
      yield closed();
    }
    file.add(piece.content);
    rows += piece.rows;
    bytes += piece.bytes;
  }
  if (rows > 0) yield closed();
}
