/** State of process functions in the next program (protocol V4, V7). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Key } from '../../lib/core/key.ts';
import { wallTime } from '../../lib/core/numbers.ts';
import type { JsonValue, ProcessNode, StateSpec } from '../../lib/core/plan.ts';
import type { NamedState } from '../../lib/core/process/descriptor.ts';
import { evolveFunction, type RestoreTime } from '../../lib/savepoint/evolve-functions.ts';
import { anyFunction, heldColumns, heldIn, processNode, stateSpec, TTL, type Held } from './functions.ts';

const NOW = wallTime(9_000);
const AT_ONCE: RestoreTime = { now: NOW, shiftMs: 0 };

/** What the program declares for a state of its plan. */
function declared(spec: StateSpec, more: Partial<Pick<NamedState, 'migrations' | 'check'>> = {}): NamedState {
  const base = { name: spec.name, field: spec.name, version: spec.version, migrations: {}, ...(spec.ttl === undefined ? {} : { ttl: spec.ttl }), ...more };
  switch (spec.kind) {
    case 'reducing':
      return { ...base, kind: spec.kind, reduce: (_, b) => b };
    case 'aggregating':
      return { ...base, kind: spec.kind, aggregate: { createAccumulator: () => 0, add: (acc) => acc, getResult: (acc) => acc, merge: (acc) => acc } };
    default:
      return { ...base, kind: spec.kind };
  }
}

/** The keys that `held` is in a program with other states. */
function evolved(from: ProcessNode, held: readonly Held[], to: ProcessNode, { states = to.states.map((spec) => declared(spec)), time = AT_ONCE }: { states?: readonly NamedState[]; time?: RestoreTime } = {}): [Key, unknown][] {
  return [...heldIn(evolveFunction({ uid: to.uid, node: from, panes: [heldColumns(from, held)] }, { node: to, states }, time))];
}

const nodeOf = (...states: StateSpec[]): ProcessNode => processNode('dedup', states);
const NO_TIMERS = [[], []];

test('the same function goes on with the same state', () => {
  fc.assert(
    fc.property(anyFunction, ({ functions: [state = expect.fail()] }) => {
      const after = evolveFunction(state, { node: state.node, states: state.node.states.map((spec) => declared(spec)) }, AT_ONCE);
      expect(heldIn(after)).toStrictEqual(heldIn(state.panes));
    }),
    { numRuns: 100 },
  );
});

test('states that change places, come and go: each keeps what it has, a new one is empty', () => {
  const from = nodeOf(stateSpec('a', 'value'), stateSpec('gone', 'list'), stateSpec('b', 'map'));
  const to = nodeOf(stateSpec('b', 'map'), stateSpec('new-map', 'map'), stateSpec('a', 'value'), stateSpec('new', 'value'));
  expect(evolved(from, [['k', [1, ['x'], [['y', 2]]], [5]]], to)).toEqual([['k', [[['y', 2]], [], 1, null, [[5], []]]]]);
});

test('a key that holds nothing any more leaves; a timer holds it', () => {
  const from = nodeOf(stateSpec('a', 'value'), stateSpec('gone', 'list'));
  const held: Held[] = [['left', [null, [1]]], ['timed', [null, [1]], [], [7]], ['kept', [1, []]]];
  expect(evolved(from, held, nodeOf(stateSpec('a', 'value')))).toEqual([['timed', [null, [[], [7]]]], ['kept', [1, NO_TIMERS]]]);
});

describe('migrations', () => {
  const migrations = { 1: (value: unknown) => ({ n: value }), 2: (value: unknown) => ({ ...Object(value), unit: 'EUR' }) };

  test.each<[StateSpec['kind'], JsonValue, JsonValue]>([
    ['value', 5, { n: 5, unit: 'EUR' }],
    ['reducing', { $bigint: '5' }, { n: { $bigint: '5' }, unit: 'EUR' }],
    ['aggregating', [1], { n: [1], unit: 'EUR' }],
    ['list', [1, 2], [{ n: 1, unit: 'EUR' }, { n: 2, unit: 'EUR' }]],
    ['map', [['k', 1]], [['k', { n: 1, unit: 'EUR' }]]],
  ])('of a %s state take each value through all versions', (kind, was, is) => {
    const [from, to] = [stateSpec('s', kind), stateSpec('s', kind, { version: 3 })];
    expect(evolved(nodeOf(from), [['k', [was]]], nodeOf(to), { states: [declared(to, { migrations })] })).toEqual([['k', [is, NO_TIMERS]]]);
  });

  test('leave times as they are', () => {
    const [from, to] = [stateSpec('s', 'value', { ttl: TTL }), stateSpec('s', 'value', { ttl: TTL, version: 2 })];
    expect(evolved(nodeOf(from), [['k', [[5, 70]]]], nodeOf(to), { states: [declared(to, { migrations })] })).toEqual([['k', [[{ n: 5 }, 70], NO_TIMERS]]]);
  });

  test('that fail name the state and the key', () => {
    const [from, to] = [stateSpec('s', 'value'), stateSpec('s', 'value', { version: 2 })];
    const failing = declared(to, { migrations: { 1: () => { throw new TypeError('no n'); } } });
    expect(() => evolved(nodeOf(from), [['k', [5]]], nodeOf(to), { states: [failing] })).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringMatching(/^dedup\.s of key "k": /) }));
  });

  test('the schema of the program sees what was stored without one', () => {
    const spec = stateSpec('s', 'value');
    const states = [declared(spec, { check: (value) => ({ ...Object(value), seen: true }) })];
    expect(evolved(nodeOf(spec), [['k', [{ n: 1 }]]], nodeOf(spec), { states })).toEqual([['k', [{ n: 1, seen: true }, NO_TIMERS]]]);
  });
});

describe('times', () => {
  const plain = nodeOf(stateSpec('v', 'value'), stateSpec('l', 'list'), stateSpec('m', 'map'));
  const timed = nodeOf(...plain.states.map((spec) => ({ ...spec, ttl: TTL })));
  const without: Held = ['k', [1, [2, 3], [['x', 4]]], [100], [200]];
  const withTimes = (...at: readonly number[]): Held => ['k', [[1, at[0] ?? 0], [[2, at[1] ?? 0], [3, at[2] ?? 0]], [['x', 4, at[3] ?? 0]]], [100], [200]];
  const asMap = ([key, cells, event = [], processing = []]: Held): [Key, unknown][] => [[key, [...cells, [event, processing]]]];

  test('a TTL that a state did not have counts from the restore', () => {
    expect(evolved(plain, [without], timed)).toEqual(asMap(withTimes(NOW, NOW, NOW, NOW)));
  });

  test('a TTL that goes leaves no times', () => {
    expect(evolved(timed, [withTimes(1, 2, 3, 4)], plain)).toEqual(asMap(without));
  });

  test('another duration counts from the times that were stored', () => {
    const longer = nodeOf(...timed.states.map((spec) => ({ ...spec, ttl: { ...TTL, ttlMs: 1 } })));
    expect(evolved(timed, [withTimes(1, 2, 3, 4)], longer)).toEqual(asMap(withTimes(1, 2, 3, 4)));
  });

  test('a TTL that is paused counts on from where it was: times move by the length of the stop, timers stay', () => {
    expect(evolved(timed, [withTimes(1, 2, 3, 4)], timed, { time: { now: NOW, shiftMs: 50 } })).toEqual(asMap(withTimes(51, 52, 53, 54)));
    expect(evolved(plain, [without], timed, { time: { now: NOW, shiftMs: 50 } })).toEqual(asMap(withTimes(NOW, NOW, NOW, NOW)));
  });
});
