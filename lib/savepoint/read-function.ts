/** Lines of process functions back into cells, and those into columns. A line that does not fit is refused, never repaired. */
import type { Key } from '../core/key.ts';
import type { JsonValue, ProcessNode } from '../core/plan.ts';
import { GROUPS, type PaneColumns } from '../core/window/pane.ts';
import { KEY, stateFields, type StateField } from './function-state.ts';
import { forEachStoredLine } from './lines.ts';
import { isObject, keyReader, named, rawKeyField } from './pane-fields.ts';

/** What one file holds of the state of one column of `FunctionState.panes`. */
export interface StateCells {
  readonly column: number;
  readonly cells: ReadonlyMap<Key, JsonValue>;
  readonly lines: number;
}

/** Null where the function has no such state. Throws LineError. */
export async function readStateFile(node: ProcessNode, state: string, texts: AsyncIterable<string>): Promise<StateCells | null> {
  const fields = stateFields(node);
  const column = fields.findIndex(({ name }) => name === state);
  const field = fields[column];
  return field === undefined ? null : { column, ...(await readCells(node, field, texts)) };
}

const keyOf = keyReader([named(KEY, rawKeyField)]);

async function readCells(node: ProcessNode, field: StateField, texts: AsyncIterable<string>): Promise<Omit<StateCells, 'column'>> {
  const cells = new Map<Key, JsonValue>();
  const read = (json: unknown): string | null => {
    if (!isObject(json) || json['op'] !== node.uid || json['state'] !== field.name) return `is not a line of ${node.uid}.${field.name}`;
    const key = isObject(json['key']) ? keyOf(json['key']) : undefined;
    if (key === undefined) return 'has no key';
    const before = cells.get(key);
    const cell = field.read(json['value'], before);
    if (cell === undefined) return before === undefined ? `has a value that is none of a ${field.schema.kind} state` : 'has the key, and what it holds, of a line before it';
    cells.set(key, cell);
    return null;
  };
  return { lines: await forEachStoredLine(texts, read), cells };
}

/** All keys of the files of a function; none where there is no file. */
export function joinCells(node: ProcessNode, files: readonly StateCells[]): PaneColumns[] {
  const keys = [...new Set(files.flatMap(({ cells }) => [...cells.keys()]))];
  if (keys.length === 0) return [];
  const accumulators = stateFields(node).map(({ empty }, column) => {
    const own = files.filter((file) => file.column === column);
    return keys.map((key) => own.find(({ cells }) => cells.has(key))?.cells.get(key) ?? empty);
  });
  return [{ end: GROUPS, keys, rows: keys.map(() => 1), accumulators }];
}
