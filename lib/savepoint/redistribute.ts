/**
 * Lists of source partitions as those of the partitions that there are now (Flink's RoundRobinOperatorStateRepartitioner). Here a partition keeps its list, as
 * its records stay with it: only what belonged to partitions that are gone is dealt out. Pure, and the same for the same partitions, in whatever order they are.
 */
import { comparePartitions, partitionKey, partitionOf } from '../core/process/partition-key.ts';
import type { SourcePartition } from '../core/process/partition-function.ts';
import type { Key } from '../core/key.ts';
import type { JsonValue, ProcessNode, StateSpec } from '../core/plan.ts';
import { GROUPS, type PaneColumns } from '../core/window/pane.ts';
import { stateFields } from './function-state.ts';

/** `panes`: the columns of `node`. All partitions have a row, in the order of `comparePartitions`, also those that hold nothing. */
export function redistribute(node: ProcessNode, panes: readonly PaneColumns[], partitions: readonly SourcePartition[]): PaneColumns {
  const keys = partitions.toSorted(comparePartitions).map(partitionKey);
  const accumulators = stateFields(node).map(({ empty }, column) => {
    const spec = node.states[column];
    // Timers there are none, and that it has been seen no partition has from another one.
    return spec?.redistribution === undefined ? keys.map(() => empty) : listsOf(spec.redistribution, heldIn(panes, column), keys);
  });
  return { end: GROUPS, keys, rows: keys.map(() => 1), accumulators };
}

type Held = readonly (readonly [key: Key, items: readonly JsonValue[]])[];

/** In the order of the partitions. */
function heldIn(panes: readonly PaneColumns[], column: number): Held {
  const held = panes.flatMap(({ keys, accumulators }) => keys.map((key, i) => [key, itemsOf(accumulators[column]?.[i] ?? null)] as const));
  return held.toSorted(([a], [b]) => comparePartitions(partitionOf(a), partitionOf(b)));
}

function listsOf(mode: NonNullable<StateSpec['redistribution']>, held: Held, keys: readonly Key[]): JsonValue[] {
  const all = held.flatMap(([, items]) => items);
  if (mode === 'union') return keys.map(() => all);
  const lists = keys.map((key) => held.filter(([of]) => of === key).flatMap(([, items]) => items));
  const left = held.filter(([of]) => !keys.includes(of)).flatMap(([, items]) => items);
  return lists.map((list, i) => [...list, ...left.filter((_, n) => n % lists.length === i)]);
}

const itemsOf = (cell: JsonValue): readonly JsonValue[] => (isList(cell) ? cell : []);
const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);
