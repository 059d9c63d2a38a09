/** The rules of functions over source partitions and their states; `docs/state.md` lists them. */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../../lib/core/errors.ts';
import { operatorListState, operatorStates, operatorUnionState } from '../../../lib/core/process/operator-state.ts';
import { partitionKey } from '../../../lib/core/process/partition-key.ts';
import type { StatesOf } from '../../../lib/core/process/descriptor.ts';
import type { KeyedFunction } from '../../../lib/core/process/keyed-function.ts';
import type { InitializationContext, PartitionInstance, SourcePartition } from '../../../lib/core/process/partition-function.ts';
import type { FailedCall } from '../../../lib/core/process/process-step.ts';
import { fire, Running, section } from './running-function.ts';

const partition = (n: number): SourcePartition => ({ source: 'events', topic: 'topic', partition: n });
const [P0, P1] = [partition(0), partition(1)];

const STATE = { list: operatorListState<unknown>(), all: operatorUnionState<unknown>() };
type Context = InitializationContext<StatesOf<typeof STATE>>;

const functionOf = (initialize: (context: Context) => PartitionInstance): KeyedFunction => ({
  states: operatorStates(STATE),
  inputs: [],
  // What the engine hands over is what the descriptors say.
  initialize: (context) => initialize(context as Context),
  sideOutputs: ['side'],
});

const recordsOf = (at: SourcePartition, ...values: readonly unknown[]) => values.map((value) => [at, value] as const);
const valuesOf = (rows: readonly unknown[]): unknown[] => rows.map((row) => (Array.isArray(row) ? row[1] : row));

/** Gives what it has seen of its partition, kept in memory; -1 makes it fail, after it has taken it. */
const remembering = functionOf(({ state }) => {
  const seen = state.list.get();
  return {
    onEvent(event) {
      seen.push(event);
      if (event === -1) throw new Error('none below 0');
      return [seen.join()];
    },
    snapshot: () => state.list.update(seen),
  };
});

describe('instances', () => {
  test('an instance sees the records of its partition in their order, and has a memory of its own', () => {
    const rows = new Running(remembering).step({ records: [...recordsOf(P0, 1, 2), ...recordsOf(P1, 3), ...recordsOf(P0, 4)] });
    expect(valuesOf(rows)).toEqual(['1', '1,2', '3', '1,2,4']);
  });

  test('what snapshot() puts into the states is what initialize() of the next step finds', () => {
    const running = new Running(remembering);
    running.step({ records: recordsOf(P0, 1, 2) });
    running.step({ records: recordsOf(P1, 7) });
    running.restart();
    expect(valuesOf(running.step({ records: [...recordsOf(P0, 3), ...recordsOf(P1, 8)] }))).toEqual(['1,2,3', '7,8']);
  });

  test('memory that snapshot() does not save is lost with the step', () => {
    const forgetful = functionOf(() => {
      let count = 0;
      return { onEvent: () => [++count] };
    });
    const running = new Running(forgetful);
    expect(valuesOf(running.step({ records: recordsOf(P0, 'a', 'b') }))).toEqual([1, 2]);
    expect(valuesOf(running.step({ records: recordsOf(P0, 'c') }))).toEqual([1]);
  });

  test('onEvent() may use the states as well', () => {
    const running = new Running(functionOf(({ state }) => ({ onEvent: (event) => (state.list.add(event), [state.list.get().length]) })));
    running.step({ records: recordsOf(P0, 'a', 'b') });
    expect(valuesOf(running.step({ records: recordsOf(P0, 'c') }))).toEqual([3]);
  });

  test('a step that is computed again makes its instances anew from the same states', () => {
    const running = new Running(remembering);
    running.step({ records: recordsOf(P0, 1) });
    const attempt = (): unknown[] => {
      const step = running.open();
      step.add(section(recordsOf(P0, 2)));
      return fire(step, 0, 0);
    };
    const first = attempt();
    expect(valuesOf(first)).toEqual(['1,2']);
    expect(attempt()).toEqual(first);
  });

  test('isRestored is false for the first instance of a partition alone, also where that keeps nothing', () => {
    const running = new Running(functionOf(({ isRestored, partition: of }) => ({ onEvent: () => [[isRestored, of]] })));
    const seen = (at: SourcePartition): unknown[] => valuesOf(running.step({ records: recordsOf(at, 0) }));
    expect(seen(P0)).toEqual([[false, P0]]);
    expect(seen(P0)).toEqual([[true, P0]]);
    expect(seen(P1)).toEqual([[false, P1]]);
    running.restart();
    expect(seen(P1)).toEqual([[true, P1]]);
  });

  test('at a restore every partition has its instance made and snapshotted, before there are records', () => {
    const calls: unknown[] = [];
    const running = new Running(
      functionOf(({ state, isRestored, partition: of }) => {
        calls.push([of.partition, isRestored]);
        return { onEvent: () => [state.all.get()], snapshot: () => state.all.update([of.partition]) };
      }),
    );
    const step = running.open();
    step.restorePartitions([P0, P1].map(partitionKey));
    step.commit();
    expect(calls).toEqual([[0, true], [1, true]]);
    expect(valuesOf(running.step({ records: recordsOf(P1, 'a') }))).toEqual([[1]]);
  });
});

describe('failures', () => {
  const skipping = (fn: KeyedFunction): { readonly running: Running; readonly failed: FailedCall[] } => {
    const failed: FailedCall[] = [];
    return { running: new Running(fn, (call) => failed.push(call)), failed };
  };

  test('an event that is left out leaves nothing behind, not in memory either', () => {
    const { running, failed } = skipping(remembering);
    expect(valuesOf(running.step({ records: recordsOf(P0, 1, 2, -1, 3, -1, -1, 4) }))).toEqual(['1', '1,2', '1,2,3', '1,2,3,4']);
    expect(failed.map(({ value, key }) => [value, key])).toEqual(Array.from({ length: 3 }, () => [-1, partitionKey(P0)]));
    expect(valuesOf(running.step({ records: recordsOf(P0, -1, 5) }))).toEqual(['1,2,3,4,5']);
  });

  test('what it has written to states and side outputs goes with it, and what others have written stays once', () => {
    const writing = functionOf(({ state, isRestored }) => {
      if (!isRestored) state.list.add('first');
      return {
        onEvent(event, { output }) {
          state.list.add(event);
          output({ name: 'side' }, event);
          if (event === -1) throw new Error('none below 0');
          return [state.list.get().join()];
        },
      };
    });
    const { running } = skipping(writing);
    const side = (value: number) => [1, value, null];
    const main = (value: string) => [0, value, null];
    expect(running.step({ records: recordsOf(P0, 1, -1, 2, -1) })).toEqual([side(1), main('first,1'), side(2), main('first,1,2')]);
    expect(running.step({ records: recordsOf(P0, 3) })).toEqual([side(3), main('first,1,2,3')]);
  });

  test('the events of an instance that is made anew are those that were stored, whatever it did with them', () => {
    const changing = functionOf(() => {
      let sum = 0;
      return {
        onEvent(event) {
          const counted = event as { n: number };
          sum += counted.n;
          counted.n = 1000;
          if (sum < 0) throw new Error('none below 0');
          return [sum];
        },
      };
    });
    const { running } = skipping(changing);
    expect(valuesOf(running.step({ records: recordsOf(P0, { n: 1 }, { n: 2 }, { n: -9 }, { n: 4 }) }))).toEqual([1, 3, 7]);
  });

  test.each(['initialize', 'snapshot'] as const)('no record is to blame when the instance of a partition cannot be made or saved, and the step fails: %s', (at) => {
    const fail = (): never => {
      throw new Error('out of order');
    };
    const { running, failed } = skipping(functionOf(() => (at === 'initialize' ? fail() : { onEvent: () => [], snapshot: fail })));
    const error = thrownBy(() => running.step({ records: recordsOf(P1, 1) }));
    expect(error).toMatchObject({ code: 'FUNCTION_THREW' });
    expect(error.message).toMatch(new RegExp(`fn failed on key .*topic.*cannot be ${at === 'initialize' ? 'initialized' : 'snapshotted'}: out of order`));
    expect(failed).toEqual([]);
  });
});

describe('declarations', () => {
  test('operatorListState() and operatorUnionState() are list states that say how they are redistributed', () => {
    expect(operatorStates(STATE).map(({ name, kind, redistribution }) => [name, kind, redistribution])).toEqual([
      ['list', 'list', 'list'],
      ['all', 'list', 'union'],
      ['initialized', 'value', undefined],
    ]);
  });

  test('a state over partitions cannot have the name of the marker', () => {
    expect(thrownBy(() => operatorStates({ initialized: operatorListState<number>() }))).toMatchObject({ code: 'JOB_DEFINITION' });
  });
});

function thrownBy(act: () => unknown): SluiceError {
  try {
    act();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
