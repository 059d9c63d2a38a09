/** The columns of a process function in checkpoints: one per state, then one of timers. */
import type { JsonValue, StateKind } from '../plan.ts';
import type { StoredForm } from '../window/pane.ts';
import { decodeCell, emptyCell, encodeCell } from './cells.ts';
import type { Cell, KeyTimers, Stored } from './contents.ts';
import { NO_TIMERS } from './key-timers.ts';
import { listOf, timesOf, type Times } from './time-tree.ts';

/** null, for a state that the savepoint does not have, is an empty cell. */
export function cellForm(kind: StateKind, hasTtl: boolean): StoredForm<Cell> {
  return {
    encode: (cell) => encodeCell(hasTtl, cell),
    decode: (json) => (json === null ? emptyCell(kind) : decodeCell(kind, hasTtl, json)),
  };
}

/** `[event[], processing[]]`. */
export const TIMERS_FORM: StoredForm<KeyTimers> = {
  encode: ({ event, processing }) => [listOf(event), listOf(processing)],
  decode: (json) => (isList(json) ? { event: timesIn(json[0]), processing: timesIn(json[1]) } : NO_TIMERS),
};

const isList = (json: JsonValue | undefined): json is readonly JsonValue[] => Array.isArray(json);
const timesIn = (json: JsonValue | undefined): Times => (isList(json) ? timesOf(json.map(Number)) : null);

/** What a cell holds, whatever its kind. */
export function itemsOf(cell: Cell): Iterable<Stored> {
  if (cell.kind === 'single') return cell.item === null ? [] : [cell.item];
  return cell.kind === 'list' ? cell.items : cell.entries.values();
}
