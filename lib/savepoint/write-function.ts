/** State of process functions as NDJSON: a line per key and state, or timer, of which there is something (protocol 14.2). */
import { assert } from '../core/errors.ts';
import type { Key } from '../core/key.ts';
import type { JsonValue } from '../core/plan.ts';
import { GROUPS, type PaneColumns } from '../core/window/pane.ts';
import { KEY, stateFields, type StateField } from './function-state.ts';
import type { FunctionState } from './model.ts';
import { compareRaw, splitPanes, type GroupRange, type SortedPanes } from './order.ts';
import { keyWriter, named, rawKeyField } from './pane-fields.ts';

/** One file. */
export interface FunctionFile {
  readonly state: string;
  readonly keyGroups: GroupRange;
  readonly lines: number;
  readonly texts: Iterable<string>;
}

/** The files of a function, state by state and one at a time, since each is large; a state that is empty has none. */
export function* functionFiles({ uid, node, panes }: FunctionState): Generator<FunctionFile> {
  const fields = stateFields(node);
  for (const { accumulators } of panes) assert(accumulators.length === fields.length, `function ${uid} keeps ${accumulators.length} columns, and has ${fields.length}`);
  for (const [i, field] of fields.entries()) {
    const held = panes.map((columns) => heldIn(columns, i, field));
    for (const { keyGroups, slices } of splitPanes({ uid, compare: compareRaw }, held)) {
      const lines = slices.reduce((n, { columns, order }) => n + order.reduce((m, i) => m + field.lines(cellAt(columns, i)), 0), 0);
      yield { state: field.name, keyGroups, lines, texts: textsOf(uid, field, slices) };
    }
  }
}

/** The keys that a state holds something of, with that as their only column. */
function heldIn({ keys, accumulators }: PaneColumns, column: number, field: StateField): PaneColumns {
  const held: Key[] = [];
  const cells: JsonValue[] = [];
  for (const [i, key] of keys.entries()) {
    const cell = accumulators[column]?.[i] ?? null;
    if (field.isEmpty(cell)) continue;
    held.push(key);
    cells.push(cell);
  }
  return { end: GROUPS, keys: held, rows: held.map(() => 1), accumulators: [cells] };
}

const keyText = keyWriter([named(KEY, rawKeyField)]);

function* textsOf(uid: string, field: StateField, slices: readonly SortedPanes[]): Generator<string> {
  const head = `{"op":${JSON.stringify(uid)},"state":${JSON.stringify(field.name)},"key":`;
  for (const { columns, order } of slices) {
    for (const i of order) {
      for (const value of field.write(cellAt(columns, i))) {
        yield `${head}${keyText(columns.keys[i] ?? null)},"value":`;
        yield* value;
        yield '}\n';
      }
    }
  }
}

const cellAt = ({ accumulators: [cells] }: PaneColumns, i: number): JsonValue => cells?.[i] ?? null;
