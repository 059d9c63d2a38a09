/** Flink's `csv` format (CsvRowDataDeserializationSchema): the first line of a record, without a header. */
import type { CsvReadFormat } from '../plan.ts';
import { typeText, type Column, type Value } from '../types.ts';
import { csvFieldDecoder, type CsvFieldDecoder } from './csv-fields.ts';
import { compileSplitter, CsvError, type CsvSplitter } from './csv-split.ts';
import type { FormatDecoder } from './decoder.ts';
import { excerptOf } from './json-text.ts';

interface Field {
  readonly column: Column;
  /** Position in the record. */
  readonly position: number;
  readonly decode: CsvFieldDecoder;
}

interface RecordReader {
  readonly fields: readonly Field[];
  /** Fields of a record. */
  readonly arity: number;
  readonly split: CsvSplitter;
  readonly ignoreErrors: boolean;
}

/** Wrong UTF-8 becomes U+FFFD, as in Java's InputStreamReader; a byte order mark is left out. */
const UTF8 = new TextDecoder('utf-8');

/** Compiles a decoder for exactly these columns of the record. Empty records are skipped. */
export function compileCsvDecoder(columns: readonly Column[], format: CsvReadFormat): FormatDecoder {
  const fields = columns.map((column): Field => ({ column, position: format.fields.indexOf(column.name), decode: csvFieldDecoder(column.type, format) }));
  const reader: RecordReader = { fields, arity: format.fields.length, split: compileSplitter(format), ignoreErrors: format.ignoreParseErrors };
  const texts: string[] = [];
  const row: Value[] = columns.map(() => null);
  return ({ bytes, starts, ends }, { from, to }, _nonce, visit) => {
    for (let index = from; index < to; index++) {
      const end = ends[index] ?? -1;
      const record = end < 0 ? '' : UTF8.decode(bytes.subarray(starts[index], end));
      try {
        if (record !== '' && reader.split(record, texts) && fill(reader, texts, row)) visit(row, index);
      } catch (error) {
        if (!(error instanceof CsvError)) throw error;
        if (!format.ignoreParseErrors) return { index, message: error.message, excerpt: excerptOf(record) };
      }
    }
    return null;
  };
}

/** False for a record that is left out: one of too many fields. Where errors are ignored, missing and wrong fields are NULL. */
function fill({ fields, arity, ignoreErrors }: RecordReader, texts: readonly string[], row: Value[]): boolean {
  if (texts.length > arity && ignoreErrors) return false;
  if (texts.length !== arity && !ignoreErrors) throw new CsvError(`Row length mismatch. ${arity} fields expected but was ${texts.length}.`);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    const text = field === undefined ? undefined : texts[field.position];
    row[i] = field === undefined || text === undefined ? null : valueOf(field, text, ignoreErrors);
  }
  return true;
}

function valueOf({ column, decode }: Field, text: string, ignoreErrors: boolean): Value {
  const value = decode(text);
  if (value !== undefined) return value;
  if (ignoreErrors) return null;
  throw new CsvError(`Fail to deserialize at field: ${column.name}. '${excerptOf(text)}' cannot be read as ${typeText(column.type)}`);
}
