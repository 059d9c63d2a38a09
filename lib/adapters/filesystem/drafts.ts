/** The rows of a FIRE cut into files, lazily: one file is in memory at a time, whatever the FIRE holds. Equal rows give equal files (X4). */
import type { Row } from '../../core/types.ts';

/** A file to be. */
export interface Draft {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

/** Rows as files of about `limit` bytes, at least one row each. */
export type Drafts = (rows: readonly Row[], limit: number) => Iterable<Draft>;

/** Rows between two looks at the size of the file; a string cannot grow beyond 512 MB. */
const PIECE_ROWS = 1000;

/** Rows of a piece, and the bytes that they add to a file. */
interface Piece<T> {
  readonly content: T;
  readonly rows: number;
  readonly bytes: number;
}

/** Lines with their newlines. */
export const lineDrafts =
  (lineOf: (row: Row) => string): Drafts =>
  function* (rows, limit) {
    const pieceOf = (piece: readonly Row[]): Buffer => Buffer.from(`${piece.map(lineOf).join('\n')}\n`);
    for (const pieces of grouped(measured(rows, pieceOf, ({ length }) => length), limit)) {
      yield { bytes: Buffer.concat(pieces.map(({ content }) => content)), rows: rowsIn(pieces) };
    }
  };

/** Files that are encoded as a whole; `sizeOf` estimates what a row adds. */
export const wholeDrafts =
  (fileOf: (rows: readonly Row[]) => Uint8Array, sizeOf: (row: Row) => number): Drafts =>
  function* (rows, limit) {
    const bytesOf = (piece: readonly Row[]): number => piece.reduce((sum, row) => sum + sizeOf(row), 0);
    for (const pieces of grouped(measured(rows, (piece) => piece, bytesOf), limit)) {
      yield { bytes: fileOf(pieces.flatMap(({ content }) => content)), rows: rowsIn(pieces) };
    }
  };

function* measured<T>(rows: readonly Row[], contentOf: (piece: readonly Row[]) => T, bytesOf: (content: T) => number): Iterable<Piece<T>> {
  for (let i = 0; i < rows.length; i += PIECE_ROWS) {
    const piece = rows.slice(i, i + PIECE_ROWS);
    const content = contentOf(piece);
    yield { content, rows: piece.length, bytes: bytesOf(content) };
  }
}

/** Pieces of one file after the other: a file is closed before the piece that would take it beyond the limit. */
function* grouped<T>(pieces: Iterable<Piece<T>>, limit: number): Iterable<readonly Piece<T>[]> {
  let group: Piece<T>[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    if (group.length > 0 && bytes + piece.bytes > limit) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(piece);
    bytes += piece.bytes;
  }
  if (group.length > 0) yield group;
}

const rowsIn = (pieces: readonly Piece<unknown>[]): number => pieces.reduce((sum, { rows }) => sum + rows, 0);
