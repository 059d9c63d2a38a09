/**
 * State of a process function as the next one wants it (protocol V4, V7): states go by their names, values through the migrations of the program, and times to
 * live go on from where they were. Pure but for the migrations.
 */
import { assert, isError, SluiceError } from '../core/errors.ts';
import type { Key } from '../core/key.ts';
import type { WallTime } from '../core/numbers.ts';
import type { JsonValue, ProcessNode, StateSpec } from '../core/plan.ts';
import { decodeCell, emptyCell, encodeCell } from '../core/process/cells.ts';
import type { Cell, Stored } from '../core/process/contents.ts';
import type { NamedState } from '../core/process/descriptor.ts';
import { EntryMap } from '../core/process/entry-map.ts';
import { migrateCell } from '../core/process/migrate.ts';
import { GROUPS, type PaneColumns } from '../core/window/pane.ts';
import { stateFields } from './function-state.ts';
import type { FunctionState } from './model.ts';

/** Processing time of a restore. */
export interface RestoreTime {
  /** From which the TTL counts of what had none. */
  readonly now: WallTime;
  /** Milliseconds by which all other times move: the length of the stop, for `--pause-ttl`, or 0. */
  readonly shiftMs: number;
}

/** The function that goes on. */
export interface Successor {
  readonly node: ProcessNode;
  /** In the order of `node.states`. */
  readonly states: readonly NamedState[];
}

/** The columns of a function as those of its successor. Throws FUNCTION_THREW and STATE_VALUE_INVALID, naming state and key. */
export function evolveFunction({ node: from, panes }: FunctionState, to: Successor, time: RestoreTime): PaneColumns[] {
  return panes.map((columns) => onlyHeld(to.node, evolveColumns(columns, from, to, time)));
}

function evolveColumns(columns: PaneColumns, from: ProcessNode, { node, states }: Successor, time: RestoreTime): PaneColumns {
  const cells = node.states.map((spec, s) => {
    const at = from.states.findIndex(({ name }) => name === spec.name);
    const [was, state] = [from.states[at], states[s]];
    assert(state !== undefined && state.name === spec.name, `the program does not declare the states of ${node.uid} as its plan does`);
    const evolve = was === undefined ? () => encodeCell(false, emptyCell(spec.kind)) : evolution({ uid: node.uid, was, is: spec, state }, time);
    return columns.keys.map((key, i) => evolve(columns.accumulators[at]?.[i] ?? null, key));
  });
  return { ...columns, accumulators: [...cells, columns.accumulators[from.states.length] ?? []] };
}

/** A state of both. */
interface Kept {
  readonly uid: string;
  readonly was: StateSpec;
  readonly is: StateSpec;
  readonly state: NamedState;
}

function evolution({ uid, was, is, state }: Kept, time: RestoreTime): (cell: JsonValue, key: Key) => JsonValue {
  const [hadTtl, hasTtl] = [was.ttl !== undefined, is.ttl !== undefined];
  if (was.version === is.version && state.check === undefined && hadTtl === hasTtl && (!hasTtl || time.shiftMs === 0)) return (cell) => cell;
  return (stored, key) => {
    const cell = decodeCell(was.kind, hadTtl, stored);
    try {
      const migrated = migrateCell(state, was.version, cell);
      return encodeCell(hasTtl, hasTtl ? withTimes(migrated, time) : migrated);
    } catch (error) {
      throw placed(error, `${uid}.${is.name} of key ${JSON.stringify(key)}`);
    }
  };
}

function placed(error: unknown, place: string): unknown {
  if (!isError(error)) return error;
  return new SluiceError(error.code, { message: `${place}: ${error.message}`, cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) });
}

function withTimes(cell: Cell, { now, shiftMs }: RestoreTime): Cell {
  const timed = <S extends Stored>(item: S): S => ({ ...item, at: item.at === undefined ? now : item.at + shiftMs });
  switch (cell.kind) {
    case 'single':
      return { ...cell, item: cell.item && timed(cell.item) };
    case 'list':
      return { ...cell, items: cell.items.map(timed) };
    case 'map':
      return { ...cell, entries: EntryMap.of(Array.from(cell.entries.values(), timed)) };
  }
}

/** Without the keys that hold nothing any more. */
function onlyHeld(node: ProcessNode, { keys, accumulators }: PaneColumns): PaneColumns {
  const fields = stateFields(node);
  const held = keys.flatMap((_, i) => (fields.some((field, s) => !field.isEmpty(accumulators[s]?.[i] ?? null)) ? [i] : []));
  return {
    end: GROUPS,
    keys: held.map((i) => keys[i] ?? null),
    rows: held.map(() => 1),
    accumulators: accumulators.map((cells) => held.map((i) => cells[i] ?? null)),
  };
}
