/**
 * Panes as NDJSON lines (protocol 14.2): one pane a line, fields in the order of the schema, no spaces, sorted by (window_end,
 * window_start, key), so that equal state gives equal bytes.
 */
import { SluiceError } from '../core/errors.ts';
import { compileJsonEncoder } from '../core/format/json-encode.ts';
import { fieldDecoder } from '../core/format/json-fields.ts';
import { NumberText, parseExact } from '../core/format/json-text.ts';
import { keyCodec, sortKeys, type Key } from '../core/key.ts';
import { eventTime } from '../core/numbers.ts';
import type { PaneColumns } from '../core/pane.ts';
import type { AggregateCall, JsonValue, WindowAggregateNode } from '../core/plan.ts';
import type { SqlType, Value } from '../core/types.ts';
import { isoText } from '../core/value-codec.ts';
import { windowStartOf } from '../core/window.ts';
import { PANES, storedCalls } from './schema.ts';

const INSTANT: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };

/** Lines of one slice, in key order, dealt out to files: `fileOf` says which file a key belongs to. */
export function dealLines(node: WindowAggregateNode, columns: PaneColumns, fileOf: (key: Key) => number, files: readonly string[][]): void {
  const keyText = keyEncoder(node);
  const start = windowStartOf(node.window, eventTime(columns.end));
  const head = `{"op":${JSON.stringify(node.uid)},"state":"${PANES}","key":`;
  const middle = `,"window_start":"${isoText(INSTANT, start)}","window_end":"${isoText(INSTANT, columns.end)}","value":{"rows":`;
  const valueText = accumulatorEncoder(storedCalls(node), columns);
  const indexOf = new Map(columns.keys.map((key, i) => [key, i]));
  for (const key of sortKeys([...columns.keys])) {
    const i = indexOf.get(key) ?? -1;
    files[fileOf(key)]?.push(`${head}${keyText(key)}${middle}${columns.rows[i] ?? 0}${valueText(i)}}}`);
  }
}

function keyEncoder(node: WindowAggregateNode): (key: Key) => string {
  const keys = node.columns.slice(0, node.keys.length);
  const codec = keyCodec(keys, node.keys);
  const encode = compileJsonEncoder(keys);
  return (key) => encode(codec.valuesOf(key));
}

function accumulatorEncoder(calls: readonly AggregateCall[], columns: PaneColumns): (i: number) => string {
  const labels = calls.map((call) => `,${JSON.stringify(call.name)}:`);
  return (i) => labels.map((label, a) => label + accumulatorText(calls[a], columns.accumulators[a]?.[i] ?? null)).join('');
}

/** Integers are JSON integers, exact, whatever their size; in entries a large one is a string. */
function accumulatorText(call: AggregateCall | undefined, json: JsonValue): string {
  const isInteger = call?.fn === 'AVG' ? call.argumentType?.kind !== 'DECIMAL' : call?.type.kind === 'BIGINT';
  if (isInteger && typeof json === 'string') return json;
  if (isInteger && json !== null && typeof json === 'object' && 'sum' in json && 'count' in json) {
    return `{"sum":${String(json.sum)},"count":${String(json.count)}}`;
  }
  return JSON.stringify(json);
}

interface Line {
  readonly op: string;
  readonly state: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly window_end: string;
  readonly value: Readonly<Record<string, JsonValue>>;
}

/** Lines back into panes of one operator; one set of columns per window end. */
export function panesOfLines(node: WindowAggregateNode, text: string): PaneColumns[] {
  const calls = storedCalls(node);
  const keyOf = keyDecoder(node);
  const slices = new Map<string, { end: number; keys: Key[]; rows: number[]; accumulators: JsonValue[][] }>();
  for (const line of parseLines(text)) {
    let slice = slices.get(line.window_end);
    if (slice === undefined) {
      slice = { end: instantOf(line.window_end), keys: [], rows: [], accumulators: calls.map(() => []) };
      slices.set(line.window_end, slice);
    }
    slice.keys.push(keyOf(line.key));
    slice.rows.push(Number(line.value['rows']));
    for (const [a, call] of calls.entries()) slice.accumulators[a]?.push(line.value[call.name] ?? null);
  }
  return [...slices.values()];
}

function keyDecoder(node: WindowAggregateNode): (key: Readonly<Record<string, unknown>>) => Key {
  const columns = node.columns.slice(0, node.keys.length);
  const format = { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'ISO-8601' } as const;
  const decoders = columns.map((c) => fieldDecoder(c.type, format));
  const { keyOf } = keyCodec(columns, columns.map((_, i) => i));
  return (key) =>
    keyOf(
      columns.map((c, i): Value => {
        const json = key[c.name] ?? null;
        return json === null ? null : (decoders[i]?.(json) ?? null);
      }),
    );
}

const LONG_NUMBER = /\d{16}/;

/** The file was verified by its hash, so its lines are whole. Where a double would damage a number, numbers are parsed as text. */
function parseLines(text: string): Line[] {
  const array = `[${text.trimEnd().replaceAll('\n', ',')}]`;
  if (!LONG_NUMBER.test(text)) return JSON.parse(array);
  const lines = parseExact(array) as Line[];
  return lines.map((line) => ({ ...line, value: plainNumbers(line.value) as Line['value'] }));
}

/** Numbers as entries hold them: safe ones as numbers, larger integers as strings. */
function plainNumbers(json: unknown): unknown {
  if (json instanceof NumberText) {
    const n = Number(json.text);
    return Number.isSafeInteger(n) || !/^-?\d+$/.test(json.text) ? n : json.text;
  }
  if (Array.isArray(json)) return json.map(plainNumbers);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, plainNumbers(value)]));
}

const readInstant = fieldDecoder(INSTANT, { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'ISO-8601' });

function instantOf(text: string): number {
  const value = readInstant(text);
  if (typeof value === 'number') return value;
  throw new SluiceError('SAVEPOINT_CORRUPT', { message: `'${text}' is not an instant` });
}
