/** NDJSON lines back into panes and rows. A line that does not fit the schema is refused, never repaired. */
import type { Key } from '../core/key.ts';
import { eventTime } from '../core/numbers.ts';
import { GROUPS, SESSIONS, type PaneColumns } from '../core/window/pane.ts';
import type { JsonValue, SessionWindow, SinkNode, SlicedWindow, WindowAggregateNode, WindowSpec } from '../core/plan.ts';
import { sliceEndOf, sliceStartOf } from '../core/window/slices.ts';
import { fieldOf, parseInstant } from './field.ts';
import { forEachLine, forEachStoredLine } from './lines.ts';
import { isObject, keyFieldsOf, keyReader, named, valueFieldsOf } from './pane-fields.ts';
import { isOfProgram, PANES, ROWS } from './schema.ts';

/** The panes of a file, one set of columns per slice. */
export async function readPanes(node: WindowAggregateNode, texts: AsyncIterable<string>): Promise<PaneColumns[]> {
  const slices = new Map<number, Slice>();
  const read = paneReader(node);
  const forEach = isOfProgram(node) ? forEachStoredLine : forEachLine;
  await forEach(texts, (json) => {
    if (!isObject(json) || json['op'] !== node.uid || json['state'] !== PANES) return `is not a line of ${node.uid}.${PANES}`;
    const place = placeOf(slices, node, json);
    return place === null ? 'names no window of the operator' : read(json, place);
  });
  return [...slices.values()];
}

interface Slice extends PaneColumns {
  readonly keys: Key[];
  readonly rows: number[];
  readonly accumulators: JsonValue[][];
  readonly spans?: [start: number, end: number][];
}

type Json = Readonly<Record<string, unknown>>;

/** Where the pane of a line belongs. */
interface Place {
  readonly slice: Slice;
  readonly span: [start: number, end: number];
}

function placeOf(slices: Map<number, Slice>, node: WindowAggregateNode, line: Json): Place | null {
  const span = node.window.kind === 'unbounded' ? NO_SPAN : spanOf(line);
  const end = span === null ? null : sliceEnd(node.window, span);
  if (span === null || end === null) return null;
  const slice = slices.get(end) ?? emptySlice(node, end);
  slices.set(end, slice);
  return { slice, span };
}

const NO_SPAN: Place['span'] = [0, 0];

/** The "slice end" of the pane; null if the span is no window of the operator. */
function sliceEnd(window: WindowSpec, span: Place['span']): number | null {
  if (window.kind === 'unbounded') return GROUPS;
  if (window.kind === 'session') return isSession(window, span) ? SESSIONS : null;
  return isSlice(window, span) ? span[1] : null;
}

function spanOf(line: Json): [start: number, end: number] | null {
  const [start, end] = [line['window_start'], line['window_end']].map((text) => (typeof text === 'string' ? parseInstant(text) : undefined));
  return start === undefined || end === undefined ? null : [start, end];
}

const isSlice = (window: SlicedWindow, [start, end]: Place['span']): boolean =>
  sliceEndOf(window, eventTime(end - 1)) === end && sliceStartOf(window, eventTime(end)) === start;

const isSession = ({ gapMs }: SessionWindow, [start, end]: Place['span']): boolean => end - start >= gapMs;

function emptySlice(node: WindowAggregateNode, end: number): Slice {
  const slice = { end, keys: [], rows: [], accumulators: valueFieldsOf(node).map((): JsonValue[] => []) };
  return end === SESSIONS ? { ...slice, spans: [] } : slice;
}

/** Adds one pane to its slice, as a whole or not at all; returns what is wrong with it. */
function paneReader(node: WindowAggregateNode): (line: Json, place: Place) => string | null {
  const keyOf = keyReader(keyFieldsOf(node));
  const fields = valueFieldsOf(node);
  return (line, { slice, span }) => {
    const { key: keyJson, value } = line;
    const key = isObject(keyJson) ? keyOf(keyJson) : undefined;
    if (key === undefined) return 'has a key that does not fit the schema';
    if (!isObject(value)) return 'has no value';
    const rows = value[ROWS];
    if (typeof rows !== 'number' || !Number.isSafeInteger(rows)) return `has a value without ${ROWS}`;
    const stored = fields.map((field) => field.read(value[field.name]));
    const bad = stored.indexOf(undefined);
    if (bad >= 0) return `has a value of ${fields[bad]?.name} that does not fit the schema`;
    slice.keys.push(key);
    slice.rows.push(rows);
    slice.spans?.push(span);
    for (let a = 0; a < fields.length; a++) slice.accumulators[a]?.push(stored[a] ?? null);
    return null;
  };
}

/** The inverse of `rowLines`. */
export async function readRows(sink: SinkNode, texts: AsyncIterable<string>): Promise<JsonValue[][]> {
  const fields = sink.columns.map((column) => named(column.name, fieldOf(column.type)));
  const rows: JsonValue[][] = [];
  await forEachLine(texts, (json) => {
    if (!isObject(json)) return 'is not an object';
    const row = fields.map((field) => field.read(json[field.name]));
    const bad = row.indexOf(undefined);
    if (bad >= 0) return `has a value of ${fields[bad]?.name} that does not fit the schema`;
    rows.push(row.map((value) => value ?? null));
    return null;
  });
  return rows;
}
