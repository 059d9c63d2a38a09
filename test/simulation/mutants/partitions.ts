/** Mutants of functions over source partitions: their instances, snapshots, and the lists that a restore deals out. */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const STEP = 'lib/core/process/process-step.ts';
const INSTANCES = 'lib/core/process/partition-instances.ts';
const REDISTRIBUTE = 'lib/savepoint/redistribute.ts';

export const PARTITIONS: readonly Mutant[] = [
  {
    name: 'snapshotLeftOut',
    rule: '13.3',
    breaks: 'an instance over a partition is not snapshotted at the end of its step',
    config: 'partitionState',
    seeds: 10,
    edits: [edit(STEP, 'this.#snapshot();\n    const before', 'const before')],
  },
  {
    name: 'instanceOutlivesStep',
    rule: 'F4, 13.3',
    breaks: 'the instance of a partition lives as long as its process: what it keeps in memory differs between two of them',
    config: 'partitionState',
    seeds: 20,
    edits: [
      edit(INSTANCES, 'export class PartitionInstances {', 'const alive = new Map<string, PartitionInstance>();\n\nexport class PartitionInstances {'),
      edit(INSTANCES, 'const opened = { open, instance: this.#instance(open, isRestored),', 'const instance = alive.get(String(open.key)) ?? this.#instance(open, isRestored);\n    alive.set(String(open.key), instance);\n    const opened = { open, instance,'),
    ],
  },
  {
    name: 'unionOfOwn',
    rule: 'V6',
    breaks: 'behind a restore a partition has nothing of a union but its own list',
    config: 'partitionState',
    seeds: 20,
    edits: [edit(REDISTRIBUTE, "if (mode === 'union') return keys.map(() => all);", 'void [mode, all];')],
  },
  {
    name: 'unionOutOfOrder',
    rule: 'V6, F4',
    breaks: 'the lists of a union come in the order in which the savepoint has them',
    config: 'partitionState',
    seeds: 20,
    edits: [edit(REDISTRIBUTE, 'return held.toSorted(([a], [b]) => comparePartitions(partitionOf(a), partitionOf(b)));', 'return held;')],
  },
  {
    name: 'restoredWithoutSnapshot',
    rule: 'V6',
    breaks: 'instances are not made and snapshotted when the job is restored: what they take from a union comes again',
    config: 'partitionState',
    seeds: 20,
    edits: [edit('lib/engine/lifecycle/restored-functions.ts', 'step.restorePartitions(columns.keys);', '')],
  },
  {
    name: 'neverRestored',
    rule: '13.3',
    breaks: 'every instance of a partition is told that it is the first',
    config: 'partitionState',
    seeds: 10,
    edits: [edit(INSTANCES, 'return this.#initialize({ state: open.state, isRestored,', 'return this.#initialize({ state: open.state, isRestored: false && isRestored,')],
  },
  {
    name: 'redoForgets',
    rule: 'W10',
    breaks: 'the instance behind a record that was left out has not seen those before it',
    config: 'partitionState',
    seeds: 20,
    edits: [edit(INSTANCES, 'for (const { value, context } of opened.taken) repeat(opened.instance, value, context);', '')],
  },
  {
    name: 'redoLeftOut',
    rule: 'W10',
    breaks: 'what an event has done in memory before it failed stays',
    config: 'partitionState',
    seeds: 20,
    edits: [edit(STEP, "if (!isTaken) this.#guarded(open.key, 'cannot go on behind a record that was left out', () => instances.redo(open));\n    else if", 'if (isTaken) if')],
  },
  {
    name: 'redoTwice',
    rule: 'W10',
    breaks: 'an event that was repeated is repeated again behind the next failure, over the states that have it',
    config: 'partitionState',
    seeds: 20,
    edits: [edit(INSTANCES, 'opened.taken = [];', '')],
  },
];
