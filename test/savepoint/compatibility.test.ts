/** Which state a plan takes over (protocol 14.5, V1, V3, V4). */
import { describe, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { AggregateCall, PlanNode, WindowAggregateNode } from '../../lib/core/plan.ts';
import { BIGINT, DOUBLE, INT, STRING, type SqlType } from '../../lib/core/types.ts';
import { assertCompatible, compareState, comparisonLines, verdictOf, type Comparison } from '../../lib/savepoint/compatibility.ts';
import { call, column, countAll, decimal, planOf, sourceNode, windowNode } from './fixture.ts';

const FLOAT: SqlType = { kind: 'FLOAT' };
const TUMBLE = '{"kind":"tumble","offsetMs":0,"sizeMs":300000}';
const operator = windowNode([column('country', STRING)], [countAll, call('total', 'SUM', INT)], 'orders-per-country');
const compare = (saved: readonly PlanNode[], next: readonly PlanNode[]): Comparison => compareState(planOf(saved), planOf(next));

const names = (comparison: Comparison): Record<string, string[]> =>
  Object.fromEntries(Object.entries(comparison).map(([list, states]) => [list, states.map((s: { uid: string; state: string }) => `${s.uid}.${s.state}`)]));

const source = sourceNode();
const nothing = { restored: [], evolved: [], dropped: [], empty: [], incompatible: [], ambiguous: [] };
const whole = { ...nothing, restored: ['orders.offsets of orders', 'orders-per-country.acc'] };

describe('restores', () => {
  const changed = (change: Partial<WindowAggregateNode>): PlanNode[] => [source, { ...operator, ...change }];

  test.each<[string, readonly PlanNode[]]>([
    ['the same plan', [source, operator]],
    ['nodes in another order', [operator, source]],
    ['other nullability', changed({ columns: operator.columns.map((c) => ({ ...c, nullable: false })) })],
    ['one more COUNT(*): it is `rows`', changed({ aggregates: [...operator.aggregates, { ...countAll, name: 'again' }] })],
    ['aggregates in another order', changed({ aggregates: [...operator.aggregates].reverse() })],
    ['a source with other options', [{ ...source, idleTimeoutMs: 5, options: { topic: 'orders' } }, operator]],
  ])('%s', (_, next) => {
    expect(names(compare([source, operator], next))).toEqual(whole);
  });
});

describe('generated rows', () => {
  const generated = (partitions: number, rowsPerSecond = 5): PlanNode => ({ ...source, generated: { rowsPerSecond, partitions, count: null, fields: [] } });

  test('go on at another rate', () => {
    expect(names(compare([generated(2, 5), operator], [generated(2, 50), operator]))).toEqual(whole);
  });

  test('do not go on in another number of partitions, whatever is allowed: offsets would be those of other rows', () => {
    const comparison = compare([generated(2), operator], [generated(3), operator]);
    expect(names(comparison)).toEqual({ ...whole, restored: ['orders-per-country.acc'], incompatible: ['orders.offsets of orders'] });
    const refused = /dealt to 2 partitions, and would be to 3: set 'scan.parallelism' back to 2/;
    expect(() => assertCompatible(comparison, { allowNonRestored: true })).toThrow(refused);
  });
});

test('columns that move in the input are what they were', () => {
  const reading = (...read: readonly string[]): PlanNode[] => {
    const at = (name: string): number => read.indexOf(name);
    const aggregates = operator.aggregates.map((a) => ({ ...a, argument: a.argument && at('amount') }));
    return [{ ...source, columns: read.map((name) => column(name, STRING)) }, { ...operator, keys: [at('country')], timeColumn: at('ts'), aggregates }];
  };
  expect(names(compare(reading('country', 'amount', 'ts'), reading('id', 'ts', 'amount', 'country')))).toEqual(whole);
});

describe('lists', () => {
  test('an operator whose uid is gone, and a new one', () => {
    const other = windowNode([column('country', STRING)], [countAll], 'orders-per-city');
    expect(names(compare([source, operator], [source, other]))).toEqual({
      ...nothing,
      restored: ['orders.offsets of orders'],
      dropped: ['orders-per-country.acc'],
      empty: ['orders-per-city.acc'],
    });
  });

  test('sources by uid and topic', () => {
    const [before, after] = [sourceNode('orders', ['a', 'b']), sourceNode('orders', ['b', 'c'])];
    expect(names(compare([before], [after, sourceNode('payments', ['p'])]))).toEqual({
      ...nothing,
      restored: ['orders.offsets of b'],
      dropped: ['orders.offsets of a'],
      empty: ['orders.offsets of c', 'payments.offsets of p'],
    });
  });

  test.each<[string, Partial<WindowAggregateNode>, string]>([
    ['a key of another type', { columns: [column('country', INT), ...operator.columns.slice(1)] }, 'its key was (country STRING), and would be (country INT)'],
    ['another key', windowNode([column('city', STRING)], operator.aggregates), 'its key was (country STRING), and would be (city STRING)'],
    ['one more key', windowNode([column('country', STRING), column('city', STRING)], operator.aggregates), 'its key was (country STRING), and would be (country STRING, city STRING)'],
    ['another function', { aggregates: [countAll, call('total', 'MAX', INT)] }, 'its total was SUM INT, and would be MAX INT'],
    ['processing time', { timeColumn: null }, `its window was ${TUMBLE}, and would be ${TUMBLE} of processing time`],
    [
      'another window, with one more aggregate',
      { window: { kind: 'tumble', sizeMs: 60_000, offsetMs: 0 }, aggregates: [...operator.aggregates, call('more', 'MIN', INT)] },
      `its window was ${TUMBLE}, and would be {"kind":"tumble","offsetMs":0,"sizeMs":60000}`,
    ],
  ])('%s as incompatible', (_, change, reason) => {
    const comparison = compare([source, operator], [source, { ...operator, ...change }]);
    expect(comparison.incompatible).toEqual([{ uid: 'orders-per-country', state: 'acc', reason }]);
    expect(names(comparison)).toMatchObject({ restored: ['orders.offsets of orders'], evolved: [], dropped: [], empty: [] });
  });
});

describe('aggregates', () => {
  const compareCalls = (before: readonly AggregateCall[], after: readonly AggregateCall[]): string[] =>
    comparisonLines(compare([source, { ...operator, aggregates: before }], [source, { ...operator, aggregates: after }])).filter((line) => line.includes('.acc'));
  const line = (what: string): string => `orders-per-country.acc: ${what}`;

  test.each<[string, readonly AggregateCall[], readonly AggregateCall[], string]>([
    ['one more', [countAll], [call('MAX(n)', 'MAX', INT), countAll], 'new aggregate MAX(n) starts at zero in open windows'],
    ['one less', [countAll, call('MAX(n)', 'MAX', INT)], [countAll], 'aggregate MAX(n) is dropped'],
    ['another', [call('MAX(n)', 'MAX', INT)], [call('MIN(n)', 'MIN', INT)], 'new aggregate MIN(n) starts at zero in open windows; aggregate MAX(n) is dropped'],
    ['SUM that widens', [call('SUM(n)', 'SUM', INT)], [call('SUM(n)', 'SUM', BIGINT)], 'aggregate SUM(n) widens from SUM INT to SUM BIGINT'],
    ['MIN that widens', [call('MIN(x)', 'MIN', FLOAT)], [call('MIN(x)', 'MIN', DOUBLE)], 'aggregate MIN(x) widens from MIN FLOAT to MIN DOUBLE'],
    [
      'AVG that widens',
      [call('AVG(x)', 'AVG', decimal(10, 2))],
      [call('AVG(x)', 'AVG', decimal(12, 4))],
      'aggregate AVG(x) widens from AVG ROW<sum DECIMAL(10, 2), count BIGINT> to AVG ROW<sum DECIMAL(12, 4), count BIGINT>',
    ],
  ])('%s: evolves', (_, before, after, changes) => {
    expect(compareCalls(before, after)).toEqual([`  evolved       ${line(changes)}`]);
  });

  const sum = (type: SqlType): AggregateCall => call('SUM(n)', 'SUM', type, type.kind === 'DECIMAL' ? { ...type, precision: 38 } : type);
  test.each<[string, AggregateCall, AggregateCall]>([
    ['SUM of a DECIMAL with more digits', sum(decimal(10, 2)), sum(decimal(20, 2))],
    ['AVG of a wider integer', call('AVG(n)', 'AVG', { kind: 'SMALLINT' }), call('AVG(n)', 'AVG', BIGINT)],
    ['COUNT of a column of another type', call('COUNT(n)', 'COUNT', STRING, BIGINT), call('COUNT(n)', 'COUNT', INT, BIGINT)],
  ])('%s: restored as it is', (_, before, after) => {
    expect(compareCalls([before], [after])).toEqual(['  restored      orders-per-country.acc']);
  });

  test.each<[string, AggregateCall, AggregateCall, string]>([
    ['a smaller integer', sum(BIGINT), sum(INT), 'its SUM(n) was SUM BIGINT, and would be SUM INT'],
    ['a type of another kind', sum(INT), sum(DOUBLE), 'its SUM(n) was SUM INT, and would be SUM DOUBLE'],
    ['fewer digits in front of the point', sum(decimal(10, 2)), sum(decimal(12, 4)), 'its SUM(n) was SUM DECIMAL(38, 2), and would be SUM DECIMAL(38, 4)'],
    ['fewer digits behind it', call('MAX(n)', 'MAX', decimal(10, 2)), call('MAX(n)', 'MAX', decimal(12, 1)), 'its MAX(n) was MAX DECIMAL(10, 2), and would be MAX DECIMAL(12, 1)'],
    ['text', call('MAX(n)', 'MAX', INT), call('MAX(n)', 'MAX', STRING), 'its MAX(n) was MAX INT, and would be MAX STRING'],
  ])('%s: incompatible', (_, before, after, reason) => {
    expect(compareCalls([before], [after, call('new', 'MIN', INT)])).toEqual([`  incompatible  ${line(reason)}`]);
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

  test('with other aggregates needs no option', () => {
    const comparison = compare([source, operator], [source, { ...operator, aggregates: [countAll, call('other', 'MIN', INT)] }]);
    expect(names(comparison)).toEqual({ ...nothing, restored: ['orders.offsets of orders'], evolved: ['orders-per-country.acc'] });
    expect(verdictOf(comparison)).toBe('compatible');
    expect(refusal(comparison, false)).toBeNull();
  });

  test('that drops state or starts empty needs the option, and says what it is about', () => {
    const comparison = compare([source, operator], [sourceNode('clicks', ['c']), { ...windowNode([], [countAll], 'clicks-of-all'), input: uid('clicks') }]);
    expect(refusal(comparison, true)).toBeNull();
    expect(verdictOf(comparison)).toBe('partly compatible');
    expect(refusal(comparison, false)).toBe(`the plan cannot take over the state:
  dropped       orders.offsets of orders
  dropped       orders-per-country.acc
  starts empty  clicks.offsets of c: at the startup mode of the source
  starts empty  clicks-of-all.acc
pass --allow-non-restored-state (SET execution.state-recovery.ignore-unclaimed-state = true) to go on without it`);
  });

  test('of what cannot become the other is refused in any case, with all that would become of the rest', () => {
    const saved = [source, operator, windowNode([], [countAll], 'all'), windowNode([], [countAll], 'gone')];
    const next = [source, windowNode([], operator.aggregates), windowNode([], operator.aggregates, 'all'), windowNode([], [countAll], 'new')];
    const comparison = compare(saved, next);
    expect(verdictOf(comparison)).toBe('incompatible');
    expect(refusal(comparison, true)).toBe(`the plan cannot take over the state:
  restored      orders.offsets of orders
  evolved       all.acc: new aggregate total starts at zero in open windows
  dropped       gone.acc
  starts empty  new.acc
  incompatible  orders-per-country.acc: its key was (country STRING), and would be ()
use the old statement, or start a new job without the savepoint`);
  });
});
