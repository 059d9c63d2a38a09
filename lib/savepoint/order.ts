/** The order of lines: by window, then by key, so that equal state gives equal bytes (protocol 14.2). */
import { KEY_GROUPS, keyGroupOf, type Key } from '../core/key.ts';
import { assert } from '../core/errors.ts';
import type { Uid } from '../core/numbers.ts';
import type { WindowAggregateNode } from '../core/plan.ts';
import { isNested } from '../core/types.ts';
import type { PaneColumns } from '../core/window/pane.ts';
import { keyFields } from './schema.ts';

export type GroupRange = readonly [lo: number, hi: number];

/** Some panes of a slice, as indexes into its columns, in the order of their keys. */
export interface SortedPanes {
  readonly columns: PaneColumns;
  readonly order: readonly number[];
}

/** The panes that one file holds. */
export interface FilePanes {
  readonly keyGroups: GroupRange;
  readonly slices: readonly SortedPanes[];
  readonly count: number;
}

/** Lines of one file, about. */
const FILE_LINES = 100_000;
/** 11.2 step 4: at most this many ranges, so that an export can be resumed range by range. */
const RANGES_MAX = 40;

/** The keys of an operator, in their order; two that differ are never equal in it. */
export interface KeyOrder {
  readonly uid: Uid;
  readonly compare: (a: Key, b: Key) => number;
}

/** All panes of an operator, file by file; a range without panes has no file. */
export function splitPanes(keys: KeyOrder, panes: readonly PaneColumns[]): FilePanes[] {
  const slices = joinSlices(panes);
  const total = slices.reduce((n, slice) => n + slice.keys.length, 0);
  const ranges = rangesFor(total);
  const split = slices.map((columns) => splitSlice(keys, columns, ranges));
  const files = ranges.map((keyGroups, r) => {
    const parts = split.flatMap((ofSlice) => ofSlice[r] ?? []).filter(({ order }) => order.length > 0);
    return { keyGroups, slices: parts, count: parts.reduce((n, part) => n + part.order.length, 0) };
  });
  return files.filter((file) => file.count > 0);
}

/** Columns of one slice in one piece, slices in time order. */
function joinSlices(panes: readonly PaneColumns[]): PaneColumns[] {
  const slices = new Map<number, PaneColumns[]>();
  for (const part of panes) {
    const parts = slices.get(part.end);
    if (parts === undefined) slices.set(part.end, [part]);
    else parts.push(part);
  }
  return [...slices].sort(([a], [b]) => a - b).map(([end, parts]) => joined(end, parts));
}

function joined(end: number, parts: readonly PaneColumns[]): PaneColumns {
  const [first, second] = parts;
  if (first !== undefined && second === undefined) return first;
  return {
    end,
    keys: parts.flatMap((part) => part.keys),
    rows: parts.flatMap((part) => part.rows),
    accumulators: (first?.accumulators ?? []).map((_, a) => parts.flatMap((part) => part.accumulators[a] ?? [])),
    ...(first?.spans === undefined ? {} : { spans: parts.flatMap((part) => part.spans ?? []) }),
  };
}

function rangesFor(panes: number): GroupRange[] {
  const n = Math.min(RANGES_MAX, Math.max(1, Math.ceil(panes / FILE_LINES)));
  const bound = (i: number): number => Math.floor((i * KEY_GROUPS) / n);
  return Array.from({ length: n }, (_, i) => [bound(i), bound(i + 1) - 1]);
}

/** The panes of a slice, one part per range. */
function splitSlice(order: KeyOrder, columns: PaneColumns, ranges: readonly GroupRange[]): SortedPanes[] {
  const orders: number[][] = ranges.map(() => []);
  const orderOfGroup = Array.from({ length: KEY_GROUPS }, (_, g) => orders[ranges.findIndex(([lo, hi]) => g >= lo && g <= hi)]);
  const { keys } = columns;
  for (let i = 0; i < keys.length; i++) orderOfGroup[keyGroupOf(keys[i] ?? null)]?.push(i);
  for (const indexes of orders) sortPanes(order, columns, indexes);
  return orders.map((indexes) => ({ columns, order: indexes }));
}

function sortPanes({ uid, compare: compareKeys }: KeyOrder, { keys, spans }: PaneColumns, order: number[]): void {
  const ofKeys = (a: number, b: number): number => (keys[a] === keys[b] ? 0 : compareKeys(keys[a] ?? null, keys[b] ?? null));
  const compare = spans === undefined ? ofKeys : (a: number, b: number): number => compareSpans(spans[a], spans[b]) || ofKeys(a, b);
  order.sort(compare);
  for (let i = 1; i < order.length; i++) {
    assert(compare(order[i - 1] ?? 0, order[i] ?? 0) !== 0, `operator ${uid} holds a key twice in one window`);
  }
}

/** By end, then by start. */
function compareSpans(a: readonly [number, number] = [0, 0], b: readonly [number, number] = [0, 0]): number {
  return a[1] - b[1] || a[0] - b[0];
}

export function keyOrderOf(node: WindowAggregateNode): KeyOrder {
  const isRaw = keyFields(node).length === 1 && keyFields(node)[0]?.type.kind === 'RAW';
  return { uid: node.uid, compare: isRaw ? compareRaw : isNumeric(node) ? compareNumeric : compareText };
}

/** Of keys of programs: NULL, then booleans, numbers and texts. */
export function compareRaw(a: Key, b: Key): number {
  const difference = KINDS.indexOf(typeof a) - KINDS.indexOf(typeof b);
  if (difference !== 0 || a === null || b === null) return difference;
  return a < b ? -1 : 1;
}

const KINDS = ['object', 'boolean', 'number', 'string'];

/** Numbers are stored as numbers, and as text where a number cannot hold them (see `encodeValue`). */
function isNumeric(node: WindowAggregateNode): boolean {
  const [only, second] = keyFields(node);
  return second === undefined && only !== undefined && !isNested(only.type) && !['CHAR', 'VARCHAR', 'BINARY', 'VARBINARY', 'DECIMAL', 'BOOLEAN'].includes(only.type.kind);
}

/** NULL first. */
function compareText(a: Key, b: Key): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : 1;
  if (a === null || b === null) return a === null ? -1 : 1;
  return String(a) < String(b) ? -1 : 1;
}

function compareNumeric(a: Key, b: Key): number {
  const difference = rankOf(a) - rankOf(b);
  if (difference !== 0) return difference;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareDigits(String(a), String(b));
}

/** NULL, then text that is negative, then numbers, then other text: a total order, which comparing numbers with text is not. */
function rankOf(key: Key): number {
  if (key === null) return 0;
  if (typeof key === 'number') return 2;
  return String(key).startsWith('-') ? 1 : 3;
}

/** Texts of one sign. */
function compareDigits(a: string, b: string): number {
  const isLess = a.length === b.length ? a < b : a.length < b.length;
  return isLess === a.startsWith('-') ? 1 : -1;
}
