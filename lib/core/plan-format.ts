/** How records are read and written, as data. */
import type { Charset } from './charset.ts';
import type { CsvFormat } from './format/csv-format.ts';

export type RecordFormat = JsonFormat | CsvReadFormat | RawFormat | CodeFormat;

/** The program decodes records (`Code.decoders`), into the columns of `STREAM_ROW`. */
export interface CodeFormat {
  readonly kind: 'code';
}

/** Flink's `raw` format: the bytes as one column. */
export interface RawFormat {
  readonly kind: 'raw';
  /** Of texts; absent: UTF-8. */
  readonly charset?: Charset;
  readonly endianness: 'big-endian' | 'little-endian';
}

/** Flink's `csv` format, as it is read; characters are single ones. */
export interface CsvReadFormat {
  readonly kind: 'csv';
  /** Names of all fields of a record, in order, whether they are read or not. */
  readonly fields: readonly string[];
  readonly delimiter: string;
  /** null: quotes are characters like others. */
  readonly quote: string | null;
  readonly escape: string | null;
  /** null: no text stands for NULL. */
  readonly nullLiteral: string | null;
  /** Between the elements of an array and the fields of a row. */
  readonly arrayDelimiter: string;
  /** Lines that begin with '#' are skipped. */
  readonly allowComments: boolean;
  readonly ignoreParseErrors: boolean;
}

/** Flink's `json` format. */
export interface JsonFormat {
  readonly kind: 'json';
  readonly failOnMissingField: boolean;
  readonly ignoreParseErrors: boolean;
  readonly timestampStandard: 'SQL' | 'ISO-8601';
  /** `decode.json-parser.enabled` = `false`: values become text by way of Jackson's tree; absent: by way of its parser. */
  readonly usesTree?: boolean;
}

export type WriteFormat = JsonWriteFormat | CsvWriteFormat | RawFormat;

/** Flink's `csv` format, as it writes. */
export interface CsvWriteFormat extends CsvFormat {
  readonly kind: 'csv';
}

/** Flink's `json` format, as it writes. */
export interface JsonWriteFormat {
  readonly kind: 'json';
  readonly timestampStandard: 'SQL' | 'ISO-8601';
  /** `encode.decimal-as-plain-number`; otherwise 1000 is written as 1E+3. */
  readonly plainDecimals: boolean;
  /** `encode.ignore-null-fields`. */
  readonly omitsNulls: boolean;
  /** `map-null-key.mode`: what becomes of an entry of a MAP whose key is NULL; absent: the row cannot be written. */
  readonly nullKeys?: 'DROP' | { readonly literal: string };
}
