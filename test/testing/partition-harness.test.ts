/** The harness of functions over source partitions gives what a job would, also behind a restore with other partitions. */
import { expect, expectTypeOf, test } from 'vitest';
import { operatorListState, operatorUnionState, partitionFunction, sideOutput } from 'sluice/api';
import { partitionHarness, type HarnessSnapshot } from 'sluice/testing';

interface Reading {
  readonly sensor: string;
  readonly value: number;
}

const hot = sideOutput<Reading>('hot');

/** Pairs the readings of a partition; every partition knows how many all of them had when the job was restored. */
const pairs = partitionFunction<Reading>()({
  state: { held: operatorListState<Reading>(), counts: operatorUnionState<{ readonly of: number; readonly n: number }>() },
  initialize({ state, isRestored, partition }) {
    let held = state.held.get();
    const counts = state.counts.get();
    const total = counts.reduce((sum, { n }) => sum + n, 0);
    let n = counts.find(({ of }) => of === partition.partition)?.n ?? 0;
    return {
      *onEvent(reading, { output, timestamp, timers }) {
        n++;
        held.push(reading);
        if (reading.value > 40) output(hot, reading);
        if (reading.value < 0) throw new Error('colder than nothing');
        if (held.length < 2) return;
        yield { values: held.map(({ value }) => value), total, isRestored, at: [timestamp, timers.currentProcessingTime(), timers.currentWatermark()] };
        held = [];
      },
      snapshot() {
        state.held.update(held);
        state.counts.update([{ of: partition.partition, n }]);
      },
    };
  },
});

const read = (...values: readonly number[]): Reading[] => values.map((value) => ({ sensor: 'a', value }));
const valuesOf = (harness: { readonly output: readonly { readonly values: readonly number[] }[] }) => harness.output.map(({ values }) => values);
/** Through the text that a test would keep in a file. */
const stored = (snapshot: HarnessSnapshot): HarnessSnapshot => JSON.parse(JSON.stringify(snapshot));

test('partitions have instances and lists of their own, which live on in the snapshots of their steps', () => {
  const harness = partitionHarness(pairs);
  for (const [partition, value] of [[0, 1], [1, 2], [0, 3], [1, 4], [1, 5]] as const) harness.processElement({ sensor: 'a', value }, partition);
  expect(valuesOf(harness)).toEqual([[1, 3], [2, 4]]);
  expect(harness.state(0)).toEqual({ held: [], counts: [{ of: 0, n: 2 }] });
  expect(harness.state(1)).toEqual({ held: read(5), counts: [{ of: 1, n: 3 }] });
  expect(harness.state(2)).toEqual({ held: [], counts: [] });
  expect(harness.partitions.map(({ partition }) => partition)).toEqual([0, 1]);
});

test('records of one step go to one instance, and those of several give the same', () => {
  const together = partitionHarness(pairs);
  together.processElements(read(1, 2, 3, 4, 5));
  const apart = partitionHarness(pairs);
  for (const reading of read(1, 2, 3, 4, 5)) apart.processElement(reading);
  expect(valuesOf(apart)).toEqual(valuesOf(together));
  expect(apart.state()).toEqual(together.state());
});

test('times are those that the test sets, and side outputs are found by their tags', () => {
  const harness = partitionHarness(pairs, { processingTime: 1000 });
  harness.processElement({ sensor: 'a', value: 41 }, 0, 5);
  harness.advanceProcessingTime(500);
  harness.processWatermark(7);
  harness.processElement({ sensor: 'a', value: 2 }, 0, 9);
  expect(harness.emitted).toEqual([{ value: { values: [41, 2], total: 1, isRestored: true, at: [9, 1500, 7] }, timestamp: 9 }]);
  expect(harness.sideOutput(hot)).toEqual(read(41));
});

test('a step that throws has not happened', () => {
  const harness = partitionHarness(pairs);
  harness.processElement({ sensor: 'a', value: 1 });
  expect(() => harness.processElements(read(50, -1))).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringContaining('colder') }));
  expect([harness.state().held, harness.output, harness.sideOutput(hot)]).toEqual([read(1), [], []]);
});

test('isRestored is false for the first instance of a partition, and true for all partitions of a restore', () => {
  const harness = partitionHarness(pairs);
  harness.processElements(read(1, 2));
  harness.processElements(read(3, 4));
  const later = partitionHarness(pairs);
  later.restore(stored(harness.snapshot()), { partitions: [0, 1] });
  later.processElements(read(5, 6), 1);
  later.processElements(read(7, 8), 2);
  expect([...harness.output, ...later.output].map(({ isRestored }) => isRestored)).toEqual([false, true, true, false]);
});

test('a restore deals out the lists of partitions that are gone, and gives unions to all, once', () => {
  const harness = partitionHarness(pairs);
  for (const [partition, value] of [[0, 1], [1, 2], [2, 3]] as const) harness.processElement({ sensor: 'a', value }, partition);
  const later = partitionHarness(pairs);
  later.restore(stored(harness.snapshot()), { partitions: [0, 1] });
  expect([later.state(0), later.state(1), later.state(2)]).toEqual([
    { held: read(1, 3), counts: [{ of: 0, n: 1 }] },
    { held: read(2), counts: [{ of: 1, n: 1 }] },
    { held: [], counts: [] },
  ]);
  const again = partitionHarness(pairs);
  again.restore(stored(later.snapshot()));
  again.processElement({ sensor: 'a', value: 4 }, 1);
  // Its own count: what it had heard of the others was not in its last snapshot.
  expect(again.output).toEqual([expect.objectContaining({ values: [2, 4], total: 1 })]);
});

test('partitions of several topics are named as savepoints name them', () => {
  const own = { source: 'readings', topic: 'north', partition: 0 };
  const harness = partitionHarness(pairs);
  harness.processElement({ sensor: 'a', value: 1 }, own);
  harness.processElement({ sensor: 'a', value: 2 });
  expect(harness.partitions).toEqual([own, { source: 'source', topic: 'topic', partition: 0 }]);
  expect([harness.state(own).held, harness.state(0).held]).toEqual([read(1), read(2)]);
});

test('another version takes a snapshot over, and one that a job would not resume from is refused', () => {
  const harness = partitionHarness(pairs);
  harness.processElement({ sensor: 'a', value: 1 });
  const next = partitionFunction<Reading>()({
    state: { held: operatorListState<number>({ version: 2, migrations: { 1: (reading) => Reflect.get(Object(reading), 'value') } }), counts: operatorUnionState<unknown>() },
    initialize: () => ({ onEvent() {} }),
  });
  const upgraded = partitionHarness(next);
  upgraded.restore(stored(harness.snapshot()));
  expect(upgraded.state().held).toEqual([1]);
  const other = partitionHarness(partitionFunction<Reading>()({ state: { held: operatorUnionState<Reading>(), counts: operatorUnionState<unknown>() }, initialize: () => ({ onEvent() {} }) }));
  expect(() => other.restore(harness.snapshot())).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE', message: expect.stringContaining('held') }));
  expect(other.partitions).toEqual([]);
});

test('types follow from the function', () => {
  const harness = partitionHarness(pairs);
  expectTypeOf(harness.state().held).toEqualTypeOf<Reading[]>();
  expectTypeOf(harness.output).toEqualTypeOf<readonly { values: number[]; total: number; isRestored: boolean; at: (number | null)[] }[]>();
  // @ts-expect-error: no such state
  void harness.state().total;
  // @ts-expect-error: there are no timers
  void harness.timers;
  // @ts-expect-error: no reading
  const wrong = () => harness.processElement({ sensor: 'a' });
  expect(wrong).toBeTypeOf('function');
});
