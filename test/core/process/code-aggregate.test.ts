import { describe, expect, test } from 'vitest';
import { compileFeeds, compileResults, statesOf } from '../../../lib/core/aggregates/states.ts';
import { ERROR_CHARS_MAX } from '../../../lib/core/error-text.ts';
import type { AggregateCall } from '../../../lib/core/plan.ts';
import { aggregateOfFunction, CODE, type AggregateContext } from '../../../lib/core/process/code-aggregate.ts';
import { noCall } from '../../../lib/core/process/watchdog.ts';
import { Raw, RAW } from '../../../lib/core/types.ts';

const at = (uid: string, leavesOut = false): AggregateContext => ({ uid, call: noCall(), leavesOut });

/** Writes to what it is given first, and gives away what it holds. */
const list = aggregateOfFunction({
  createAccumulator: (): unknown => [],
  add: (acc, value) => (Array.isArray(acc) ? (acc.push(value), acc) : []),
  getResult: (acc) => acc,
  merge: (a, b) => (Array.isArray(a) && Array.isArray(b) ? (a.push(...b), a) : []),
}, at('lists'));
const listOf = (...values: unknown[]): unknown => values.reduce((acc, value) => list.add(acc, new Raw(value)), list.zero);

test('merging writes to neither side, though the function writes to what it is given first', () => {
  const [a, b] = [listOf(1, 2), listOf(3)];
  expect(list.merge(a, b)).toEqual([1, 2, 3]);
  expect([a, b]).toEqual([[1, 2], [3]]);
});

test('absorbing keeps nothing that the other side holds', () => {
  const other = listOf({ n: 1 });
  const own = list.absorb?.(list.absorb?.(list.zero, other), listOf(2));
  expect(own).toEqual([{ n: 1 }, 2]);
  expect(other).toEqual([{ n: 1 }]);
});

test('a result stays what it is while the accumulator grows', () => {
  const acc = listOf(1);
  const result = list.result(acc);
  list.add(acc, new Raw(2));
  expect(result).toEqual(new Raw([1]));
});

test('no rows have the result of a new accumulator, and zero is the same for all', () => {
  expect(list.result(list.zero)).toEqual(new Raw([]));
  listOf(1);
  expect(list.result(list.zero)).toEqual(new Raw([]));
});

test('accumulators are stored as JSON, whatever the values are', () => {
  const acc = listOf(12n, new Map([['a', new Date(0)]]));
  expect(list.decode(JSON.parse(JSON.stringify(list.encode(acc))))).toEqual(acc);
});

test('a function that throws fails with FUNCTION_THREW', () => {
  const fails = aggregateOfFunction({ createAccumulator: () => 0, add: () => { throw new TypeError('no number'); }, getResult: (acc) => acc, merge: (a) => a }, at('fails'));
  expect(() => fails.add(fails.zero, new Raw('x'))).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringContaining('no number') }));
});

describe('what a function merges', () => {
  class Total {
    readonly n: number;
    constructor(n: number) {
      this.n = n;
    }
  }
  const odd = { at: new Date(0), none: undefined, nothing: NaN, minus: -0, by: new Map([['a', 1]]) };
  const merging = (merged: (n: number) => unknown): ReturnType<typeof aggregateOfFunction> =>
    aggregateOfFunction({ createAccumulator: () => 0, add: (_, value) => value, getResult: (acc) => acc, merge: () => merged(1) }, at('w'));
  const throughStore = (form: typeof list, acc: unknown): unknown => form.decode(JSON.parse(JSON.stringify(form.encode(acc))));

  test.each(['merge', 'absorb'] as const)('is what storing and reading gives, by %s', (by) => {
    const form = merging(() => odd);
    const merged = form[by]?.(1, 2);
    expect(merged).toStrictEqual(throughStore(form, merged));
    expect(merged).toStrictEqual({ at: new Date(0), nothing: NaN, minus: -0, by: new Map([['a', 1]]) });
  });

  test('has no part that it holds twice, as it has none that was read', () => {
    const shared = { n: 1 };
    const merged = merging(() => [shared, shared]).absorb?.(1, 2);
    expect(Array.isArray(merged) && merged[0] !== merged[1] && merged[0] !== shared).toBe(true);
  });

  test.each(['merge', 'absorb'] as const)('is refused where it cannot be stored, by %s, before any state has it', (by) => {
    const refused = { code: 'STATE_VALUE_INVALID', message: 'the aggregate function of w failed: an instance of Total cannot be stored at total', details: { path: ['total'], uid: 'w' } };
    expect(() => merging((n) => ({ total: new Total(n) }))[by]?.(1, 2)).toThrow(expect.objectContaining(refused));
  });

  test('and what was added is refused as it is stored', () => {
    expect(() => list.encode(listOf(new Total(1)))).toThrow(expect.objectContaining({ code: 'STATE_VALUE_INVALID', message: expect.stringContaining('of lists failed: an instance of Total') }));
  });
});

describe('where the job goes on without what fails', () => {
  const fussy = aggregateOfFunction({ createAccumulator: () => 0, add: (_, value) => value, getResult: (acc) => acc, merge: () => { throw new Error('no two'); } }, at('w', true));

  test.each(['merge', 'absorb'] as const)('what %s fails on is lost with all that comes to it, through the store, and gives no result', (by) => {
    const lost = fussy[by]?.(1, 2);
    const stored = fussy.decode(JSON.parse(JSON.stringify(fussy.encode(lost))));
    expect(stored).toEqual(lost);
    for (const later of [fussy.merge(3, stored), fussy.absorb?.(stored, 4), fussy.add(stored, new Raw(5))]) {
      expect(() => fussy.result(later)).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: 'the aggregate function of w failed: no two' }));
    }
  });

  test('what cannot be stored is lost as well, and no value of a program is taken for it', () => {
    expect(() => fussy.result(fussy.decode(fussy.encode(() => {})))).toThrow(expect.objectContaining({ message: expect.stringContaining('a function cannot be stored') }));
    expect(fussy.result(fussy.decode(fussy.encode({ $lost: 'no' })))).toEqual(new Raw({ $lost: 'no' }));
  });
});

const call: AggregateCall = { name: 'list', fn: CODE, argument: 0, argumentType: RAW, type: RAW };

test('a call of the program has the algebra that the program brings, and counts null like any value', () => {
  const [state] = statesOf([call], list);
  const feeds = compileFeeds(statesOf([call], list));
  expect(feeds?.[0]?.([null])).toBeNull();
  expect(compileResults([call], list)([state?.aggregate.add(list.zero, new Raw(1))])).toEqual([new Raw([1])]);
});

test('without the program accumulators can be carried, and nothing else', () => {
  const [state] = statesOf([call]);
  expect(state?.aggregate.encode(state.aggregate.decode([1, { $bigint: '2' }]))).toEqual([1, { $bigint: '2' }]);
  expect(() => compileResults([call])([null])).toThrow(expect.objectContaining({ code: 'INVARIANT' }));
});

test('of what a merge that was left out has failed on, no more is kept than of any error', () => {
  const quoting = aggregateOfFunction({
    createAccumulator: (): unknown => 0,
    add: (_, value) => value,
    getResult: (acc) => acc,
    merge: () => {
      throw new Error('no'.repeat(1_000_000));
    },
  }, at('quoting', true));
  const lost = quoting.encode(quoting.merge(1, 2));
  expect(lost).toEqual({ $lost: 'no'.repeat(ERROR_CHARS_MAX / 2) });
  expect(() => quoting.result(quoting.decode(lost))).toThrow(/failed: nono/);
});
