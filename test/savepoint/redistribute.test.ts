/** Lists of source partitions at a restore: nothing is lost, nothing is there twice, and the order of the partitions does not matter. */
import { expect, test } from 'vitest';
import { uid } from '../../lib/core/numbers.ts';
import type { JsonValue, ProcessNode } from '../../lib/core/plan.ts';
import { specOf } from '../../lib/core/process/declare.ts';
import { operatorListState, operatorStates, operatorUnionState } from '../../lib/core/process/operator-state.ts';
import { partitionKey, partitionOf } from '../../lib/core/process/partition-key.ts';
import type { SourcePartition } from '../../lib/core/process/partition-function.ts';
import { PROCESS_OUTPUT } from '../../lib/core/process/rows.ts';
import { GROUPS, type PaneColumns } from '../../lib/core/window/pane.ts';
import { redistribute } from '../../lib/savepoint/redistribute.ts';

const states = operatorStates({ own: operatorListState<number>(), all: operatorUnionState<number>() }).map((state) => specOf(state.name, state));
const NODE: ProcessNode = { kind: 'process', uid: uid('fn'), input: uid('in'), scope: 'partition', states, columns: PROCESS_OUTPUT };

const at = (partition: number, topic = 'a', source = 'in'): SourcePartition => ({ source, topic, partition });

type Lists = readonly (readonly [of: SourcePartition, own: readonly number[], all: readonly number[]])[];

/** Seen, without timers. */
const saved = (lists: Lists): PaneColumns => ({
  end: GROUPS,
  keys: lists.map(([of]) => partitionKey(of)),
  rows: lists.map(() => 1),
  accumulators: [lists.map(([, own]) => own), lists.map(([, , all]) => all), lists.map(() => true), lists.map((): JsonValue => [[], []])],
});

const restored = (lists: Lists, partitions: readonly SourcePartition[]) => {
  const { keys, rows, accumulators } = redistribute(NODE, [saved(lists)], partitions);
  expect(rows).toEqual(keys.map(() => 1));
  expect(accumulators.slice(2)).toEqual([keys.map(() => null), keys.map(() => [[], []])]);
  return keys.map((key, i) => [partitionOf(key).partition, accumulators[0]?.[i], accumulators[1]?.[i]]);
};

test('a list stays with its partition, a union goes to all, and a partition that is new has no list', () => {
  expect(restored([[at(0), [1, 2], [10]], [at(1), [3], [11, 12]]], [at(0), at(1), at(2)])).toEqual([
    [0, [1, 2], [10, 11, 12]],
    [1, [3], [10, 11, 12]],
    [2, [], [10, 11, 12]],
  ]);
});

test('the lists of partitions that are gone are dealt out to the others', () => {
  expect(restored([[at(0), [1], []], [at(1), [2], []], [at(2), [3, 4, 5], [9]], [at(3), [6], []]], [at(0), at(1)])).toEqual([
    [0, [1, 3, 5], [9]],
    [1, [2, 4, 6], [9]],
  ]);
});

test('partitions go by source, topic and number, wherever they stand', () => {
  const lists: Lists = [[at(10), [3], [3]], [at(9), [2], [2]], [at(0, 'b'), [4], [4]], [at(1, 'a', 'first'), [1], [1]]];
  const partitions = [at(0, 'b'), at(9), at(1, 'a', 'first'), at(10)];
  const expected = [[1, [1], [1, 2, 3, 4]], [9, [2], [1, 2, 3, 4]], [10, [3], [1, 2, 3, 4]], [0, [4], [1, 2, 3, 4]]];
  expect(restored(lists, partitions)).toEqual(expected);
  expect(restored(lists.toReversed(), partitions.toReversed())).toEqual(expected);
});

test('the same partition of another source is another one', () => {
  expect(restored([[at(0), [1], []]], [at(0, 'a', 'other')])).toEqual([[0, [1], []]]);
  expect(restored([[at(0), [1], []]], [at(0, 'a', 'other'), at(0)])).toEqual([[0, [1], []], [0, [], []]]);
});
