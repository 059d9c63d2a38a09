/** Formats: bytes of records to rows. */
import type { CodeFormat, RecordFormat } from '../plan.ts';
import type { Column, Value } from '../types.ts';
import { compileCsvDecoder } from './csv.ts';
import { compileJsonDecoder } from './json.ts';
import { compileRawDecoder } from './raw.ts';
import type { RecordBytes } from './record-bytes.ts';

/** The first record that cannot be decoded. */
export interface RecordError {
  readonly index: number;
  readonly message: string;
  /** The beginning of the record, or of its key. */
  readonly excerpt: string;
  /** Absent: it is the value that cannot be decoded. */
  readonly part?: 'key';
}

/** Takes a row and the index of its record. The array is used again for the next row: copy what is kept. */
export type RowVisitor = (row: Value[], index: number) => void;

export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Decodes records `[from, to)` in order. Stops at the first bad record: all rows before it were visited once, none of its
 * own and none after it. The nonce must be one that the author of a record cannot know.
 */
export type FormatDecoder = (records: RecordBytes, range: IndexRange, nonce: string, visit: RowVisitor) => RecordError | null;

/** Compiles a decoder for exactly these columns. */
export function compileDecoder(columns: readonly Column[], format: Exclude<RecordFormat, CodeFormat>): FormatDecoder {
  switch (format.kind) {
    case 'json':
      return compileJsonDecoder(columns, format);
    case 'csv':
      return compileCsvDecoder(columns, format);
    case 'raw':
      return compileRawDecoder(columns, format);
  }
}
