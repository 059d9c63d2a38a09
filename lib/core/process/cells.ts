/**
 * What a key holds in one state, as JSON for checkpoints and savepoints:
 *
 * | kind | JSON | with TTL |
 * |---|---|---|
 * | value, reducing, aggregating | the value; null without | `[value, at]`; null without |
 * | list | `[element …]` | `[[element, at] …]` |
 * | map | `[[key, value] …]`, in the order of the keys | `[[key, value, at] …]` |
 */
import { assert, SluiceError } from '../errors.ts';
import type { JsonValue, StateKind } from '../plan.ts';
import type { Cell, Stored, StoredEntry } from './contents.ts';
import { EntryMap } from './entry-map.ts';

const NO_ITEM: Cell = { kind: 'single', item: null };
const NO_ITEMS: Cell = { kind: 'list', items: [] };
const NO_ENTRIES: Cell = { kind: 'map', entries: EntryMap.EMPTY };

/** Of a key that holds nothing in a state of this kind. */
export const emptyCell = (kind: StateKind): Cell => (kind === 'list' ? NO_ITEMS : kind === 'map' ? NO_ENTRIES : NO_ITEM);

export function isEmptyCell(cell: Cell): boolean {
  if (cell.kind === 'single') return cell.item === null;
  return cell.kind === 'list' ? cell.items.length === 0 : cell.entries.size === 0;
}

/** `hasTtl`: that of the state whose cell it is. */
export function encodeCell(hasTtl: boolean, cell: Cell): JsonValue {
  switch (cell.kind) {
    case 'single':
      return cell.item === null ? null : encodeItem(hasTtl, cell.item);
    case 'list':
      return cell.items.map((item) => encodeItem(hasTtl, item));
    case 'map':
      return [...EntryMap.from(cell.entries).values()].map((entry) => [entry.key, entry.json, ...timeOf(hasTtl, entry)]);
  }
}

const encodeItem = (hasTtl: boolean, item: Stored): JsonValue => (hasTtl ? [item.json, ...timeOf(hasTtl, item)] : item.json);

function timeOf(hasTtl: boolean, { at }: Stored): readonly number[] {
  if (!hasTtl) return [];
  assert(at !== undefined, 'what a state with TTL holds has a time');
  return [at];
}

/** The inverse of `encodeCell`; `hasTtl` as it was then. STORE_CORRUPT for JSON that it cannot have written. */
export function decodeCell(kind: StateKind, hasTtl: boolean, json: JsonValue): Cell {
  if (kind === 'list') return { kind: 'list', items: listOf(json).map((item) => decodeItem(hasTtl, item)) };
  if (kind === 'map') return { kind: 'map', entries: EntryMap.of(listOf(json).map((entry) => decodeEntry(hasTtl, entry))) };
  return json === null ? NO_ITEM : { kind: 'single', item: decodeItem(hasTtl, json) };
}

function decodeItem(hasTtl: boolean, json: JsonValue): Stored {
  if (!hasTtl) return { json };
  const [value, at] = partsOf(json, 2);
  return { json: value ?? null, at: atOf(at) };
}

function decodeEntry(hasTtl: boolean, json: JsonValue): StoredEntry {
  const [key, value, at] = partsOf(json, hasTtl ? 3 : 2);
  const entry = { key: key ?? null, json: value ?? null };
  return hasTtl ? { ...entry, at: atOf(at) } : entry;
}

function partsOf(json: JsonValue, count: number): readonly JsonValue[] {
  const parts = listOf(json);
  if (parts.length !== count) throw corrupt(json);
  return parts;
}

function atOf(json: JsonValue | undefined): number {
  if (typeof json === 'number') return json;
  throw corrupt(json ?? null);
}

function listOf(json: JsonValue): readonly JsonValue[] {
  if (isList(json)) return json;
  throw corrupt(json);
}

const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);

const corrupt = (json: JsonValue): SluiceError =>
  new SluiceError('STORE_CORRUPT', { message: `no state of a key is stored as ${JSON.stringify(json).slice(0, 100)}` });
