/**
 * Cells of keyed state in lines (protocol 14.2): from the form of a checkpoint, which is short, to JSON for people, and back. Values are as the program has
 * them stored (`stored-value.ts`); with a TTL, the time from which it counts stands beside them.
 *
 * | kind | `value` of a line | with TTL |
 * |---|---|---|
 * | value, reducing, aggregating | the value | `{"value":…,"time":"2026-…Z"}` |
 * | list | `[…]` | of such objects |
 * | map | `[{"key":…,"value":…}]` | `[{"key":…,"value":…,"time":"2026-…Z"}]` |
 */
import type { JsonValue, StateSpec } from '../core/plan.ts';
import { TIMESTAMP3 } from '../core/types.ts';
import { fieldOf, storedField } from './field.ts';
import { isObject } from './pane-fields.ts';

/** A cell in one line. */
export interface CellField {
  /** What a key has that has no line. */
  readonly empty: JsonValue;
  isEmpty(cell: JsonValue): boolean;
  /** JSON text of a cell that is not empty, in pieces: one key may hold very much. */
  write(cell: JsonValue): Iterable<string>;
  /** The cell of the `value` of a line; undefined where it does not fit. */
  read(json: unknown): JsonValue | undefined;
}

export function cellField({ kind, ttl }: Pick<StateSpec, 'kind' | 'ttl'>): CellField {
  const item = ttl === undefined ? plainItem : timedItem;
  switch (kind) {
    case 'list':
      return listField(item, ttl !== undefined);
    case 'map':
      return mapField(ttl !== undefined);
    default:
      return { empty: null, isEmpty: (cell) => cell === null, write: (cell) => [item.write(cell)], read: (json) => present(item.read(json), ttl !== undefined) };
  }
}

/** Nothing but the entry of a map holds NULL: that is to hold nothing. */
function present(cell: JsonValue | undefined, isTimed: boolean): JsonValue | undefined {
  const [value = null] = isTimed ? partsOf(cell ?? null) : [cell];
  return value === null ? undefined : cell;
}

/** Epoch ms. */
export const timeField = fieldOf(TIMESTAMP3);

interface ItemField {
  write(item: JsonValue): string;
  read(json: unknown): JsonValue | undefined;
}

const plainItem: ItemField = storedField;

const timedItem: ItemField = {
  write: (item) => {
    const [value, at] = partsOf(item);
    return `{"value":${write(value)},"time":${timeField.write(at ?? null)}}`;
  },
  read: (json) => {
    if (!isObject(json)) return undefined;
    const [value, at] = [storedField.read(json['value']), timeField.read(json['time'])];
    return value === undefined || typeof at !== 'number' ? undefined : [value, at];
  },
};

const write = (stored: JsonValue | undefined): string => storedField.write(stored ?? null);

const partsOf = (json: JsonValue): readonly JsonValue[] => (isList(json) ? json : []);

const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);

const NO_PARTS: Pick<CellField, 'empty' | 'isEmpty'> = { empty: [], isEmpty: (cell) => partsOf(cell).length === 0 };

function* listText(cell: JsonValue, textOf: (part: JsonValue) => string): Generator<string> {
  let before = '[';
  for (const part of partsOf(cell)) {
    yield before + textOf(part);
    before = ',';
  }
  yield ']';
}

function listField(item: ItemField, isTimed: boolean): CellField {
  return {
    ...NO_PARTS,
    write: (cell) => listText(cell, (part) => item.write(part)),
    read: (json) => everyOf(json, (part) => present(item.read(part), isTimed)),
  };
}

function mapField(isTimed: boolean): CellField {
  const entryOf = (entry: Readonly<Record<string, unknown>>): readonly JsonValue[] | undefined => {
    const [key, value] = [storedField.read(entry['key']), storedField.read(entry['value'])];
    if (key === undefined || value === undefined) return undefined;
    if (!isTimed) return [key, value];
    const at = timeField.read(entry['time']);
    return typeof at === 'number' ? [key, value, at] : undefined;
  };
  return {
    ...NO_PARTS,
    write: (cell) => listText(cell, (entry) => entryText(partsOf(entry), isTimed)),
    read: (json) => {
      const entries = everyOf(json, (entry) => (isObject(entry) ? entryOf(entry) : undefined));
      return entries === undefined || hasTwice(entries) ? undefined : entries;
    },
  };
}

const entryText = ([key, value, at]: readonly JsonValue[], isTimed: boolean): string =>
  `{"key":${write(key)},"value":${write(value)}${isTimed ? `,"time":${timeField.write(at ?? null)}` : ''}}`;

/** Whether two entries have one key. */
function hasTwice(entries: readonly (readonly JsonValue[])[]): boolean {
  const [plain, texts] = [new Set<JsonValue>(), new Set<string>()];
  for (const [key = null] of entries) {
    if (typeof key === 'object') texts.add(write(key));
    else plain.add(key);
  }
  return plain.size + texts.size < entries.length;
}

/** All elements of a list that is not empty, or nothing. The list is taken apart: one key may have a million of them, and they need not be held twice. */
function everyOf<T extends JsonValue>(json: unknown, read: (part: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(json) || json.length === 0) return undefined;
  const parts: T[] = [];
  for (let i = 0; i < json.length; i++) {
    const part = read(json[i]);
    if (part === undefined) return undefined;
    parts.push(part);
    json[i] = null;
  }
  return parts;
}
