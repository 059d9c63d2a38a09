/** Panes of one plan in the next (protocol V4): what is kept is as in a run that nobody disturbed, what is new sees the rows behind the restore. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aggregateOf, compileResults } from '../../lib/core/aggregates/states.ts';
import { keyCodec } from '../../lib/core/key.ts';
import type { AggregateCall, WindowAggregateNode, WindowSpec } from '../../lib/core/plan.ts';
import { BIGINT, DOUBLE, INT, STRING, type Row, type SqlType, type Value } from '../../lib/core/types.ts';
import { openFold, type FoldSpec } from '../../lib/core/window/fold.ts';
import { openOperatorStep } from '../../lib/core/window/operator-step.ts';
import { paneColumns, type PaneColumns } from '../../lib/core/window/pane.ts';
import { openWindowState } from '../../lib/core/window/state.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { evolvePanes } from '../../lib/savepoint/evolution.ts';
import { call, column, contentOf, countAll, decimal, END, throughFiles, windowNode } from './fixture.ts';

const KEY = column('key', STRING);
const AMOUNT = decimal(10, 2);
const anyNumber = fc.option(fc.integer({ min: -1000, max: 1000 }));
const anyAmount = fc.option(fc.bigInt({ min: -99999n, max: 99999n }));
const anyText = fc.option(fc.constantFrom('x', 'y', 'z'));

/** Each aggregate has a column of its own behind time and key, so that NULL takes a row away from it alone. */
const POOL: readonly (readonly [AggregateCall, fc.Arbitrary<Value>])[] = [
  [call('COUNT(n)', 'COUNT', INT, BIGINT), anyNumber],
  [call('SUM(n)', 'SUM', INT), anyNumber],
  [call('AVG(n)', 'AVG', INT), anyNumber],
  [call('SUM(amount)', 'SUM', AMOUNT, decimal(38, 2)), anyAmount],
  [call('AVG(amount)', 'AVG', AMOUNT, decimal(38, 6)), anyAmount],
  [call('MIN(amount)', 'MIN', AMOUNT), anyAmount],
  [call('COUNT(text)', 'COUNT', STRING, BIGINT), anyText],
  [call('MAX(text)', 'MAX', STRING), anyText],
];
const CALLS = [{ ...countAll, name: 'COUNT(*)' }, ...POOL.map(([aggregate], i) => ({ ...aggregate, argument: 2 + i }))];

const WINDOWS: readonly WindowSpec[] = [
  { kind: 'tumble', sizeMs: 60_000, offsetMs: 0 },
  { kind: 'hop', sizeMs: 60_000, slideMs: 20_000, offsetMs: 0 },
  { kind: 'cumulate', sizeMs: 60_000, stepMs: 20_000, offsetMs: 0 },
  { kind: 'session', gapMs: 5_000 },
];
const SPAN_MS = 180_000;

const anyTime: fc.Arbitrary<Value> = fc.integer({ min: END, max: END + SPAN_MS });
const anyRows: fc.Arbitrary<Row[]> = fc.array(fc.tuple(anyTime, fc.constantFrom('a', 'b', null), ...POOL.map(([, values]) => values)), { maxLength: 15 });

function specOf(node: WindowAggregateNode): FoldSpec {
  const calls = node.aggregates.filter(({ argument }) => argument !== null);
  return { node, keys: keyCodec([KEY], [1]), aggregates: calls.map(aggregateOf), arguments: calls.map(({ argument }) => argument ?? -1) };
}

/** The state of a node that starts with these panes, after batches of rows. */
function stateAfter(node: WindowAggregateNode, panes: readonly PaneColumns[], batches: readonly (readonly Row[])[]): PaneColumns[] {
  const spec = specOf(node);
  const state = openWindowState(node, spec.aggregates);
  for (const columns of panes) state.merge(columns);
  for (const rows of batches) {
    const fold = openFold(spec);
    for (const row of rows) fold.add(row);
    const step = openOperatorStep({ node, resultsOf: compileResults(node.aggregates) }, state, MIN_WATERMARK);
    step.add(fold.columns());
    step.commit();
  }
  return state.sliceEnds().map((end) => paneColumns(end, state.panesAt(end), state.aggregates));
}

/** Every pane by where it is. */
function panesOf(all: readonly PaneColumns[]): Map<string, unknown> {
  return new Map(
    all.flatMap((columns) =>
      columns.keys.map((key, i) => [JSON.stringify([columns.end, key, columns.spans?.[i] ?? null]), [columns.rows[i], ...columns.accumulators.map((values) => values[i])]]),
    ),
  );
}

const anyRun = fc.record({ window: fc.constantFrom(...WINDOWS), before: fc.shuffledSubarray(CALLS), after: fc.shuffledSubarray(CALLS), first: anyRows, second: anyRows });

test('what is kept goes on, what is new begins at the restore, whatever comes, goes or moves', async () => {
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ window, before, after, first, second }) => {
      const from = { ...windowNode([KEY], before), window };
      const to = { ...windowNode([KEY], after), window };
      const { content } = await throughFiles(contentOf(from, stateAfter(from, [], [first])));
      const restored = content.operators.flatMap(({ node, panes }) => panes.map((columns) => evolvePanes(columns, node, to)));
      // An undisturbed run, in which the rows before the restore mean nothing to what was new then.
      const unseen = new Set(after.filter((aggregate) => !before.includes(aggregate)).map(({ argument }) => argument));
      const seen = first.map((row) => row.map((value, i) => (unseen.has(i) ? null : value)));
      expect(panesOf(stateAfter(to, restored, [second]))).toEqual(panesOf(stateAfter(to, [], [seen, second])));
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
  const [bare, counting] = [windowNode([KEY], []), windowNode([KEY], [call('COUNT(n)', 'COUNT', INT, BIGINT), call('MIN(amount)', 'MIN', AMOUNT)])];
  const columns: PaneColumns = { end: END, keys: ['k', 'k'], rows: [2, 1], accumulators: [], spans: [[1, 3], [9, 10]] };
  const evolved = evolvePanes(columns, bare, counting);
  expect(evolved).toEqual({ ...columns, accumulators: [[0, 0], [null, null]] });
  expect(evolvePanes(evolved, counting, bare)).toEqual(columns);
});
