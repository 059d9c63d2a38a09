/** Panes of one plan in the next (protocol V4): what is kept is as in a run that nobody disturbed, what is new sees the rows behind the restore. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aggregateOf } from '../../lib/core/aggregate.ts';
import { keyCodec } from '../../lib/core/key.ts';
import type { AggregateCall, WindowAggregateNode, WindowSpec } from '../../lib/core/plan.ts';
import { BIGINT, DOUBLE, INT, STRING, type Row, type SqlType, type Value } from '../../lib/core/types.ts';
import { openFold, type FoldSpec } from '../../lib/core/window/fold.ts';
import { paneColumns, type PaneColumns } from '../../lib/core/window/pane.ts';
import { openWindowState, type WindowState } from '../../lib/core/window/state.ts';
import { evolvePanes } from '../../lib/savepoint/evolution.ts';
import { call, column, contentOf, countAll, decimal, END, throughFiles, windowNode } from './fixture.ts';

/** Rows are (time, key, n, amount, text). */
const COLUMNS = { n: INT, amount: decimal(10, 2), text: STRING } as const;
const KEY = column('key', STRING);

const callOf = (fn: AggregateCall['fn'], of: keyof typeof COLUMNS, type: SqlType = COLUMNS[of]): AggregateCall => ({
  ...call(`${fn}(${of})`, fn, COLUMNS[of], type),
  argument: 2 + Object.keys(COLUMNS).indexOf(of),
});

const POOL: readonly AggregateCall[] = [
  { ...countAll, name: 'COUNT(*)' },
  callOf('COUNT', 'n', BIGINT),
  callOf('COUNT', 'text', BIGINT),
  callOf('SUM', 'n'),
  callOf('SUM', 'amount', decimal(38, 2)),
  callOf('AVG', 'n'),
  callOf('AVG', 'amount', decimal(38, 6)),
  callOf('MIN', 'amount'),
  callOf('MAX', 'text'),
];

const WINDOWS: readonly WindowSpec[] = [
  { kind: 'tumble', sizeMs: 60_000, offsetMs: 0 },
  { kind: 'hop', sizeMs: 60_000, slideMs: 20_000, offsetMs: 0 },
  { kind: 'cumulate', sizeMs: 60_000, stepMs: 20_000, offsetMs: 0 },
  { kind: 'session', gapMs: 5_000 },
];
const SPAN_MS = 180_000;

const VALUES: readonly fc.Arbitrary<Value>[] = [
  fc.integer({ min: END, max: END + SPAN_MS }),
  fc.constantFrom('a', 'b', null),
  fc.option(fc.integer({ min: -1000, max: 1000 })),
  fc.option(fc.bigInt({ min: -99999n, max: 99999n })),
  fc.option(fc.constantFrom('x', 'y', 'z')),
];
const anyRows = fc.array(fc.tuple(...VALUES), { maxLength: 15 });

function specOf(node: WindowAggregateNode): FoldSpec {
  const calls = node.aggregates.filter(({ argument }) => argument !== null);
  return { node, keys: keyCodec([KEY], [1]), aggregates: calls.map(aggregateOf), arguments: calls.map(({ argument }) => argument ?? -1) };
}

function folded(node: WindowAggregateNode, rows: readonly Row[]): PaneColumns[] {
  const fold = openFold(specOf(node));
  for (const row of rows) fold.add(row);
  return fold.columns();
}

const columnsIn = (state: WindowState): PaneColumns[] => state.sliceEnds().map((end) => paneColumns(end, state.panesAt(end), state.aggregates));

function merged(node: WindowAggregateNode, columns: readonly PaneColumns[]): PaneColumns[] {
  const state = openWindowState(node, specOf(node).aggregates);
  for (const part of columns) state.merge(part);
  return columnsIn(state);
}

/** Every pane by where it is: its rows, and what each aggregate has by name. */
function panesOf(node: WindowAggregateNode, all: readonly PaneColumns[]): Map<string, ReadonlyMap<string, unknown>> {
  const names = node.aggregates.filter(({ argument }) => argument !== null).map(({ name }) => name);
  return new Map(
    all.flatMap((columns) =>
      columns.keys.map((key, i) => {
        const values = [['rows', columns.rows[i]] as const, ...names.map((name, a) => [name, columns.accumulators[a]?.[i]] as const)];
        return [JSON.stringify([columns.end, key, columns.spans?.[i] ?? null]), new Map<string, unknown>(values)] as const;
      }),
    ),
  );
}

const zeroOf = (node: WindowAggregateNode, name: string): unknown => {
  const found = node.aggregates.find((aggregate) => aggregate.name === name);
  return found?.fn === 'COUNT' ? 0 : null;
};

const anyRun = fc.record({
  window: fc.constantFrom(...WINDOWS),
  calls: fc.shuffledSubarray([...POOL]),
  nextCalls: fc.shuffledSubarray([...POOL]),
  before: anyRows,
  after: anyRows,
});

test('what is kept goes on, what is new begins at the restore, whatever comes, goes or moves', async () => {
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ window, calls, nextCalls, before, after }) => {
      const [from, to] = [calls, nextCalls].map((aggregates) => ({ ...windowNode([KEY], aggregates), window }));
      if (from === undefined || to === undefined) throw new Error('there are two nodes');
      // What meets of sessions is joined by the step of the firer, not by the state.
      const later: Row[] = window.kind === 'session' ? after.map(([time, ...values]) => [Number(time) + 2 * SPAN_MS, ...values]) : after;

      const { content } = await throughFiles(contentOf(from, merged(from, folded(from, before))));
      const [saved] = content.operators;
      if (saved === undefined) throw new Error('the savepoint has the operator');
      const restored = saved.panes.map((columns) => evolvePanes(columns, saved.node, to));

      const evolved = panesOf(to, merged(to, [...restored, ...folded(to, later)]));
      const undisturbed = panesOf(to, merged(to, [...folded(to, before), ...folded(to, later)]));
      const behind = panesOf(to, merged(to, folded(to, later)));
      const isNew = (name: string): boolean => name !== 'rows' && !calls.some((aggregate) => aggregate.name === name);
      const expected = [...undisturbed].map(([place, values]) => {
        const pick = ([name, value]: readonly [string, unknown]) => [name, isNew(name) ? (behind.get(place)?.get(name) ?? zeroOf(to, name)) : value] as const;
        return [place, new Map([...values].map(pick))] as const;
      });
      expect(evolved).toEqual(new Map(expected));
    }),
    { numRuns: 500 },
  );
});

const FLOAT: SqlType = { kind: 'FLOAT' };
const SMALLINT: SqlType = { kind: 'SMALLINT' };
const sumOf = (type: SqlType): AggregateCall => call('f', 'SUM', type);
const maxOf = (type: SqlType): AggregateCall => call('f', 'MAX', type);
const averageOf = (type: SqlType): AggregateCall => call('f', 'AVG', type, decimal(38, 6));
const cents = fc.bigInt({ min: -(10n ** 10n) + 1n, max: 10n ** 10n - 1n });
const small = fc.integer({ min: -999, max: 999 });

test.each<[string, AggregateCall, AggregateCall, fc.Arbitrary<Value>, (value: Value) => Value]>([
  ['SUM of SMALLINT as INT', sumOf(SMALLINT), sumOf(INT), small, (v) => v],
  ['SUM of INT as BIGINT', sumOf(INT), sumOf(BIGINT), small, (v) => BigInt(Number(v))],
  ['MAX of INT as BIGINT', maxOf(INT), maxOf(BIGINT), fc.integer(), (v) => BigInt(Number(v))],
  ['MAX of FLOAT as DOUBLE', maxOf(FLOAT), maxOf(DOUBLE), fc.float({ noNaN: true }), (v) => v],
  ['MAX of DECIMAL(10, 2) as DECIMAL(14, 4)', maxOf(decimal(10, 2)), maxOf(decimal(14, 4)), cents, (v) => BigInt(Number(v)) * 100n],
  ['AVG of DECIMAL(10, 2) as DECIMAL(14, 4)', averageOf(decimal(10, 2)), averageOf(decimal(14, 4)), cents, (v) => BigInt(Number(v)) * 100n],
])('%s: the same numbers', (_, was, is, values, widened) => {
  const fold = (aggregate: AggregateCall, all: readonly Value[]) => all.reduce(aggregateOf(aggregate).add, aggregateOf(aggregate).zero);
  fc.assert(
    fc.property(fc.array(values, { maxLength: 5 }), (seen) => {
      const columns = { end: END, keys: ['k'], rows: [seen.length], accumulators: [[aggregateOf(was).encode(fold(was, seen))]] };
      const [[stored = null] = []] = evolvePanes(columns, windowNode([KEY], [was]), windowNode([KEY], [is])).accumulators;
      expect(aggregateOf(is).decode(stored)).toEqual(fold(is, seen.map(widened)));
    }),
  );
});

test('sessions keep their spans, and panes without aggregates stay so', () => {
  const [bare, counting] = [windowNode([KEY], []), windowNode([KEY], [callOf('COUNT', 'n', BIGINT), callOf('MIN', 'amount')])];
  const columns: PaneColumns = { end: END, keys: ['k', 'k'], rows: [2, 1], accumulators: [], spans: [[1, 3], [9, 10]] };
  const evolved = evolvePanes(columns, bare, counting);
  expect(evolved).toEqual({ ...columns, accumulators: [[0, 0], [null, null]] });
  expect(evolvePanes(evolved, counting, bare)).toEqual(columns);
});
