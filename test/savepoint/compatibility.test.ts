/** Which state a plan takes over (protocol 14.5, V1, V3, V4). */
import { describe, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import type { PlanNode, WindowAggregateNode } from '../../lib/core/plan.ts';
import { BIGINT, INT, STRING } from '../../lib/core/types.ts';
import { assertCompatible, compareState, type Comparison } from '../../lib/savepoint/compatibility.ts';
import { call, column, countAll, planOf, sourceNode, windowNode } from './fixture.ts';

const operator = windowNode([column('country', STRING)], [countAll, call('total', 'SUM', INT)], 'orders-per-country');
const compare = (saved: readonly PlanNode[], next: readonly PlanNode[]): Comparison => compareState(planOf(saved), planOf(next));

const names = (comparison: Comparison): Record<string, string[]> =>
  Object.fromEntries(Object.entries(comparison).map(([list, states]) => [list, states.map((s: { uid: string; state: string }) => `${s.uid}.${s.state}`)]));

const source = sourceNode();
const whole = { restored: ['orders.offsets of orders', 'orders-per-country.acc'], dropped: [], empty: [], incompatible: [] };

describe('restores', () => {
  const changed = (change: Partial<WindowAggregateNode>): PlanNode[] => [source, { ...operator, ...change }];

  test.each<[string, readonly PlanNode[]]>([
    ['the same plan', [source, operator]],
    ['nodes in another order', [operator, source]],
    ['columns that moved in the input', changed({ keys: [3], timeColumn: 7, aggregates: operator.aggregates.map((a) => ({ ...a, argument: a.argument && 9 })) })],
    ['other nullability', changed({ columns: operator.columns.map((c) => ({ ...c, nullable: false })) })],
    ['one more COUNT(*): it is `rows`', changed({ aggregates: [...operator.aggregates, { ...countAll, name: 'again' }] })],
    ['a source with other options', [{ ...source, idleTimeoutMs: 5, options: { topic: 'orders' } }, operator]],
  ])('%s', (_, next) => {
    expect(names(compare([source, operator], next))).toEqual(whole);
  });
});

describe('lists', () => {
  test('an operator whose uid is gone, and a new one', () => {
    const other = windowNode([column('country', STRING)], [countAll], 'orders-per-city');
    expect(names(compare([source, operator], [source, other]))).toEqual({
      restored: ['orders.offsets of orders'],
      dropped: ['orders-per-country.acc'],
      empty: ['orders-per-city.acc'],
      incompatible: [],
    });
  });

  test('sources by uid and topic', () => {
    const [before, after] = [sourceNode('orders', ['a', 'b']), sourceNode('orders', ['b', 'c'])];
    expect(names(compare([before], [after, sourceNode('payments', ['p'])]))).toEqual({
      restored: ['orders.offsets of b'],
      dropped: ['orders.offsets of a'],
      empty: ['orders.offsets of c', 'payments.offsets of p'],
      incompatible: [],
    });
  });

  const sum = (type: typeof INT) => call('total', 'SUM', type);
  test.each<[string, Partial<WindowAggregateNode>, string]>([
    ['a key of another type', { columns: [column('country', INT), ...operator.columns.slice(1)] }, 'its key was (country STRING), and would be (country INT)'],
    ['another key', windowNode([column('city', STRING)], operator.aggregates), 'its key was (country STRING), and would be (city STRING)'],
    ['one more key', windowNode([column('country', STRING), column('city', STRING)], operator.aggregates), 'its key was (country STRING), and would be (country STRING, city STRING)'],
    ['a wider value', { aggregates: [countAll, sum(BIGINT)] }, 'its value was (rows BIGINT, total SUM INT), and would be (rows BIGINT, total SUM BIGINT)'],
    ['another function', { aggregates: [countAll, call('total', 'MAX', INT)] }, 'its value was (rows BIGINT, total SUM INT), and would be (rows BIGINT, total MAX INT)'],
    ['an aggregate less', { aggregates: [countAll] }, 'its value was (rows BIGINT, total SUM INT), and would be (rows BIGINT)'],
    [
      'another window',
      { window: { kind: 'tumble', sizeMs: 60_000, offsetMs: 0 } },
      'its window was {"kind":"tumble","offsetMs":0,"sizeMs":300000}, and would be {"kind":"tumble","offsetMs":0,"sizeMs":60000}',
    ],
  ])('%s as incompatible', (_, change, reason) => {
    const comparison = compare([source, operator], [source, { ...operator, ...change }]);
    expect(comparison.incompatible).toEqual([{ uid: 'orders-per-country', state: 'acc', reason }]);
    expect(names(comparison)).toMatchObject({ restored: ['orders.offsets of orders'], dropped: [], empty: [] });
  });
});

describe('a restore', () => {
  const refusal = (comparison: Comparison, allowNonRestored: boolean): string | null => {
    try {
      assertCompatible(comparison, { allowNonRestored });
      return null;
    } catch (error) {
      if (isError(error, 'STATE_INCOMPATIBLE')) return `${error.message}\n${error.hint}`;
      throw error;
    }
  };

  test('of everything is allowed', () => {
    expect(refusal(compare([source, operator], [source, operator]), false)).toBeNull();
  });

  test('that drops state or starts empty needs the option, and says what it is about', () => {
    const comparison = compare([source, operator], [sourceNode('clicks', ['c']), windowNode([], [countAll], 'clicks')]);
    expect(refusal(comparison, true)).toBeNull();
    const text = refusal(comparison, false);
    for (const part of ['dropped       orders-per-country.acc', 'dropped       orders.offsets of orders', 'starts empty  clicks.acc', 'starts empty  clicks.offsets of c: at the startup mode']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('--allow-non-restored-state');
  });

  test('of another schema is refused in any case', () => {
    const comparison = compare([operator], [{ ...operator, aggregates: [countAll] }]);
    expect(refusal(comparison, true)).toContain('incompatible  orders-per-country.acc: its value was');
  });
});
