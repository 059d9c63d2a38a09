/**
 * Flink's `json` format, many records at a time. One JSON.parse of a thousand records costs half of a thousand JSON.parse
 * (measured), so the records of a block are joined into one array. Joining alone would not be safe, since malformed records
 * can complete each other (`{"a":1` and `"b":2}`); therefore a separator that nobody can know stands between them, and the
 * block counts only if exactly the odd elements are separators. All other blocks are read record by record.
 *
 * One difference to Flink: of two fields with the same name the last one counts, as JSON.parse has it, and as Flink has it
 * with `json.decode.json-parser.enabled = false`.
 */
import type { JsonFormat } from '../plan.ts';
import type { Column } from '../types.ts';
import type { FormatDecoder, RecordError, RowVisitor } from './decoder.ts';
import { losesDigits } from './json-fields.ts';
import { compileRows, type RowReader } from './json-rows.ts';
import { excerptOf } from './json-text.ts';
import type { RecordBytes } from './record-bytes.ts';

/** Bytes of records that are joined into one text; larger blocks were slower, as their objects outlive the young generation. */
const BLOCK_BYTES = 1 << 16;

/** A number of 16 or more digits, which a double may not hold; strings have a quote in front. */
const LONG_NUMBER = /[:[,]\s*-?\d[\d.]{15}/;

/** Invalid UTF-8 is an error, as in Jackson; a byte order mark is left to the record. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LOOSE_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Compiles a decoder for exactly these columns; the other fields of a record are not looked at. */
export function compileJsonDecoder(columns: readonly Column[], format: JsonFormat): FormatDecoder {
  const reader = compileRows(columns, format);
  const exact = columns.some((column) => losesDigits(column.type));
  return (records, range, nonce, visit) => {
    for (let from = range.from; from < range.to; ) {
      const to = blockEnd(records, from, range.to);
      const block: Block = { records, from, to, exact, ignoreErrors: format.ignoreParseErrors };
      const error = visitBlock(reader, block, nonce, visit);
      if (error !== null) return error;
      from = to;
    }
    return null;
  };
}

interface Block {
  readonly records: RecordBytes;
  readonly from: number;
  readonly to: number;
  /** Long numbers must not go through a double. */
  readonly exact: boolean;
  readonly ignoreErrors: boolean;
}

/** The end of the block that begins at `from`: at least one record, then as many as fit. */
function blockEnd(records: RecordBytes, from: number, limit: number): number {
  const start = records.starts[from] ?? 0;
  let to = from + 1;
  while (to < limit && (records.ends[to] ?? 0) - start <= BLOCK_BYTES) to++;
  return to;
}

function visitBlock(reader: RowReader, block: Block, nonce: string, visit: RowVisitor): RecordError | null {
  const text = blockText(block);
  const values = text === null ? null : joinedValues(text, block.to - block.from, nonce);
  // The values are 2n - 1 only if the text has n lines, so line i is record i.
  const lines = values !== null && text !== null && block.exact && LONG_NUMBER.test(text) ? text.split('\n') : null;
  for (let i = 0; i < block.to - block.from; i++) {
    const quick = values !== null && !(lines !== null && LONG_NUMBER.test(lines[i] ?? ''));
    if (quick && reader.fill(values[2 * i])) visit(reader.row, block.from + i);
    else {
      const error = visitRecord(reader, block, block.from + i, visit);
      if (error !== null) return error;
    }
  }
  return null;
}

/** The records from the first to the last, or null if they are not UTF-8 or one of them has no value. */
function blockText({ records, from, to }: Block): string | null {
  const last = records.ends[to - 1] ?? -1;
  return last < 0 ? null : decode(UTF8, records.bytes.subarray(records.starts[from], last));
}

function decode(decoder: typeof UTF8, bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Values and separators in turn, or null unless there is exactly one value per record. */
function joinedValues(text: string, count: number, nonce: string): readonly unknown[] | null {
  const values = parse(`[${text.replaceAll('\n', `,${JSON.stringify(nonce)},`)}]`);
  if (!Array.isArray(values) || values.length !== 2 * count - 1) return null;
  for (let i = 1; i < values.length; i += 2) if (values[i] !== nonce) return null;
  return values;
}

/** The JSON value of a text; undefined if it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function visitRecord(reader: RowReader, block: Block, index: number, visit: RowVisitor): RecordError | null {
  const bytes = block.records.bytes.subarray(block.records.starts[index], block.records.ends[index]);
  if ((block.records.ends[index] ?? -1) < 0 || bytes.length === 0) return null;
  const text = decode(UTF8, bytes);
  if (text === null) return block.ignoreErrors ? null : errorOf(index, 'the record is not UTF-8', bytes);
  if (!(block.exact && LONG_NUMBER.test(text)) && reader.fill(parse(text))) {
    visit(reader.row, index);
    return null;
  }
  const rows = reader.readRecord(text);
  if (typeof rows === 'string') return errorOf(index, rows, bytes);
  for (const row of rows) visit(row, index);
  return null;
}

function errorOf(index: number, message: string, bytes: Uint8Array): RecordError {
  return { index, message, excerpt: excerptOf(decode(LOOSE_UTF8, bytes.subarray(0, 1000)) ?? '') };
}
