/** Records to rows of a source: values, and for plans that read them, keys and metadata, put together as Flink does. */
import { assert } from '../errors.ts';
import { requireCode } from '../process/code.ts';
import { begin } from '../process/watchdog.ts';
import type { Program } from '../transforms.ts';
import { compileCodeDecoder } from './code.ts';
import type { KeyColumn, RecordFormat, SourceNode } from '../plan.ts';
import type { Column, Value } from '../types.ts';
import { METADATA, type Beside } from './beside.ts';
import { compileDecoder, type IndexRange, type RecordError, type RowVisitor } from './decoder.ts';
import type { RecordBytes } from './record-bytes.ts';

/** As `FormatDecoder`; `beside` is what `besideOf` gives for the batch. */
export type SourceDecoder = (records: RecordBytes, range: IndexRange, nonce: string, visit: RowVisitor, beside: Beside | null) => RecordError | null;

/** Keys are decoded this many records ahead of the values: what is decoded in vain behind a bad value stays small. */
const AHEAD = 512;

/** Compiles a decoder for all columns of a source; of values alone it is the decoder of their format itself. */
export function compileSourceDecoder(node: SourceNode, { code, call }: Pick<Program, 'code' | 'call'>): SourceDecoder {
  const { key, metadata = [], format } = node;
  if (format.kind === 'code') return compileCodeDecoder(requireCode(code.decoders, node.uid), () => begin(call, node.uid));
  if (key === undefined && metadata.length === 0) return compileDecoder(node.columns, format);
  const decode = compileParts(node);
  return (records, { from, to }, nonce, visit, beside) => {
    assert(beside !== null, 'the batch comes with what is beside its values');
    for (let at = from; at < to; at += AHEAD) {
      const error = decode(records, { from: at, to: Math.min(at + AHEAD, to) }, nonce, visit, beside);
      if (error !== null) return error;
    }
    return null;
  };
}

/** A row for every row of the key and every row of the value, as Flink's OutputProjectionCollector makes them. */
function compileParts(node: SourceNode) {
  const { columns, format, key, metadata = [] } = node;
  const elsewhere = new Set([...(key?.columns ?? []), ...metadata].map(({ column }) => column));
  const ofValue = columns.map((_, i) => i).filter((i) => !elsewhere.has(i));
  assert(format.kind !== 'code', 'a program decodes whole records');
  const decodeValues = compileDecoder(columns.filter((_, i) => !elsewhere.has(i)), format);
  const ofKey = key?.columns.map(({ column }) => column) ?? [];
  const decodeKeys = key === undefined ? null : compileKeys(keyColumns(columns, key.columns), key.format);
  const row: Value[] = columns.map(() => null);

  return (records: RecordBytes, range: IndexRange, nonce: string, visit: RowVisitor, beside: Beside): RecordError | null => {
    const keys = decodeKeys === null || beside.stored === null ? NO_KEYS : decodeKeys(beside.stored.keys, range, nonce);
    // Of one record the key is decoded before the value.
    const good = keys.error === null ? range : { from: range.from, to: keys.error.index };
    const error = decodeValues(records, good, nonce, (value, index) => {
      put(value, ofValue, row);
      for (const { column, key: name } of metadata) row[column] = METADATA[name].read(beside, index);
      if (keys.rows === null) visit(row, index);
      for (const keyRow of keys.rows?.[index - range.from] ?? []) {
        put(keyRow, ofKey, row);
        visit(row, index);
      }
    });
    return error ?? keys.error;
  };
}

/** Writes `values[i]` to `positions[i]` of the row. */
function put(values: readonly Value[], positions: readonly number[], row: Value[]): void {
  for (let i = 0; i < positions.length; i++) row[positions[i] ?? 0] = values[i] ?? null;
}

interface Keys {
  /** Rows of the keys, per record of the range; null if keys are not read. */
  readonly rows: readonly (readonly Value[])[][] | null;
  readonly error: RecordError | null;
}

const NO_KEYS: Keys = { rows: null, error: null };

const keyColumns = (columns: readonly Column[], fields: readonly KeyColumn[]): Column[] =>
  fields.map(({ column, field }) => {
    const found = columns[column];
    assert(found, `the source has no column ${column}`);
    return { ...found, name: field };
  });

/** A record without a key has a row of NULLs; one whose key is ignored as malformed has none, and is left out. */
function compileKeys(columns: readonly Column[], format: RecordFormat): (keys: RecordBytes, range: IndexRange, nonce: string) => Keys {
  assert(format.kind !== 'code', 'a program decodes whole records');
  const decode = compileDecoder(columns, format);
  const absent = columns.map(() => null);
  return (keys, range, nonce) => {
    const rows = Array.from({ length: range.to - range.from }, (): Value[][] => []);
    const error = decode(keys, range, nonce, (row, index) => rows[index - range.from]?.push([...row]));
    for (const [i, found] of rows.entries()) if (found.length === 0 && (keys.ends[range.from + i] ?? -1) < 0) found.push(absent);
    return { rows, error: error === null ? null : { ...error, part: 'key' } };
  };
}
