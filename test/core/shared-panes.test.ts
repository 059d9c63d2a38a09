/**
 * Windows that share slices: they are merged with few merges, and give what merging all their slices gives, whatever comes late, and
 * whichever steps are thrown away.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Aggregate } from '../../lib/core/aggregates/aggregate.ts';
import { aggregateOf, compileResults } from '../../lib/core/aggregates/states.ts';
import { keyCodec } from '../../lib/core/key.ts';
import { eventTime, uid, type EventTime } from '../../lib/core/numbers.ts';
import type { AggregateCall, SlicedWindow, WindowAggregateNode } from '../../lib/core/plan.ts';
import { BIGINT, DOUBLE, STRING, type Row } from '../../lib/core/types.ts';
import { openFold, type FoldSpec } from '../../lib/core/window/fold.ts';
import { openOperatorStep } from '../../lib/core/window/operator-step.ts';
import { SliceState } from '../../lib/core/window/slice-state.ts';
import { sliceMsOf } from '../../lib/core/window/slices.ts';

const MINUTE = 60_000;
const HOP: SlicedWindow = { kind: 'hop', sizeMs: 60 * MINUTE, slideMs: MINUTE, offsetMs: 0 };
const CUMULATE: SlicedWindow = { kind: 'cumulate', sizeMs: 60 * MINUTE, stepMs: MINUTE, offsetMs: 0 };

const call = (fn: string, type = BIGINT): AggregateCall => ({ name: fn, fn, argument: 2, argumentType: type, type });

/** The node of an operator over rows (key, time, n, x, text). */
function nodeOf(window: SlicedWindow, aggregates: readonly AggregateCall[]): WindowAggregateNode {
  return { kind: 'window-aggregate', uid: uid('w'), input: uid('i'), window, timeColumn: 1, keys: [0], aggregates, columns: [{ name: 'k', type: STRING, nullable: true }] };
}

function specOf(node: WindowAggregateNode, aggregates: readonly Aggregate[] = node.aggregates.map(aggregateOf)): FoldSpec {
  return { node, keys: keyCodec(node.columns, [0]), aggregates, arguments: node.aggregates.map(({ argument }) => argument ?? -1) };
}

/** The results of what fires while `batch` is taken in and the watermark moves, as texts. */
function stepOver(spec: FoldSpec, state: SliceState, from: EventTime, batch: readonly Row[], to: EventTime, commits = true): string[] {
  const step = openOperatorStep({ node: spec.node, resultsOf: compileResults(spec.node.aggregates) }, state, from);
  const fold = openFold(spec);
  for (const row of batch) fold.add(row);
  step.add(fold.columns());
  const rows: string[] = [];
  step.fire(to, ({ start, end }, key, result) => void rows.push([start, end, key, result.rows, ...result.values].join(' ')));
  if (commits) step.commit();
  return rows;
}

test.each([['HOP 1 h / 1 min', HOP], ['CUMULATE 1 h / 1 min', CUMULATE]])('%s takes at most 3 merges per row', (_, window) => {
  let merges = 0;
  const sum = aggregateOf(call('SUM'));
  const counting: Aggregate = { ...sum, merge: (a, b) => (merges++, sum.merge(a, b)) };
  const node = nodeOf(window, [call('SUM')]);
  const spec = specOf(node, [counting]);
  const state = new SliceState(window, spec.aggregates);
  let rows = 0;
  for (let minute = 1; minute <= 600; minute++) {
    const batch = Array.from({ length: 20 }, (_, k): Row => [`k${k}`, minute * MINUTE - 1 - k, BigInt(minute)]);
    rows += stepOver(spec, state, eventTime((minute - 1) * MINUTE - 1), batch, eventTime(minute * MINUTE - 1)).length;
  }
  expect(rows).toBe(600 * 20);
  expect(merges / rows).toBeLessThanOrEqual(3);
});

test('a backlog of many windows at once takes no more', () => {
  let merges = 0;
  const sum = aggregateOf(call('SUM'));
  const counting: Aggregate = { ...sum, merge: (a, b) => (merges++, sum.merge(a, b)) };
  const spec = specOf(nodeOf(HOP, [call('SUM')]), [counting]);
  const batch = Array.from({ length: 600 }, (_, minute): Row => ['k', minute * MINUTE, 1n]);
  const rows = stepOver(spec, new SliceState(HOP, spec.aggregates), eventTime(-1), batch, eventTime(1000 * MINUTE));
  expect(rows).toHaveLength(659);
  expect(merges / rows.length).toBeLessThanOrEqual(3);
});

const windows = fc.constantFrom<SlicedWindow>(
  { kind: 'hop', sizeMs: 12, slideMs: 2, offsetMs: 1 },
  { kind: 'hop', sizeMs: 10, slideMs: 1, offsetMs: 0 },
  { kind: 'hop', sizeMs: 6, slideMs: 2, offsetMs: 0 },
  { kind: 'hop', sizeMs: 7, slideMs: 3, offsetMs: 0 },
  { kind: 'cumulate', sizeMs: 12, stepMs: 2, offsetMs: -3 },
  { kind: 'tumble', sizeMs: 4, offsetMs: 0 },
);

/** Some rows, how far the watermark then moves, and whether the step is computed twice, as after a lost race for its FIRE. */
const steps = fc.array(
  fc.record({
    rows: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -14, max: 6 }), fc.bigInt({ min: -9n, max: 9n })), { maxLength: 6 }),
    moves: fc.integer({ min: 0, max: 15 }),
    twice: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

test('windows are what all their slices give, with what comes late, and however often a step is computed', () => {
  fc.assert(
    fc.property(windows, steps, (window, list) => {
      const node = nodeOf(window, [call('SUM'), call('MAX')]);
      const spec = specOf(node);
      const state = new SliceState(window, spec.aggregates);
      const kept: Row[] = [];
      let watermark = -1;
      for (const { rows, moves, twice } of list) {
        const batch = rows.map(([key, shift, n]): Row => [key, watermark + shift, n]);
        const to = watermark + moves;
        if (twice) stepOver(spec, state, eventTime(watermark), batch, eventTime(to), false);
        const got = stepOver(spec, state, eventTime(watermark), batch, eventTime(to));
        kept.push(...batch.filter((row) => !isLateFor(window, Number(row[1]), watermark)));
        // A state that never shared anything, with all rows at once.
        const fresh = new SliceState(window, spec.aggregates);
        expect(got).toEqual(stepOver(spec, fresh, eventTime(watermark), kept.filter((row) => !isLateFor(window, Number(row[1]), watermark)), eventTime(to)));
        watermark = to;
      }
    }),
    { numRuns: 300 },
  );
});

/** True if all windows with the time have fired. */
function isLateFor(window: SlicedWindow, t: number, watermark: number): boolean {
  return !Array.from({ length: window.sizeMs + 1 }, (_, i) => t + 1 + i).some((end) => isWindowWith(window, end, t) && end - 1 > watermark);
}

function isWindowWith(window: SlicedWindow, end: number, t: number): boolean {
  const into = (n: number, length: number): number => (((n - window.offsetMs) % length) + length) % length;
  if (window.kind === 'hop') return into(end - window.sizeMs, window.slideMs) === 0 && end - window.sizeMs <= t && t < end;
  const start = t - into(t, window.sizeMs);
  return end > t && end <= start + window.sizeMs && into(end, sliceMsOf(window)) === 0;
}

test('the panes of HOP are merged from the newest slice to the oldest, as in Flink; those of CUMULATE and of legacy windows from the oldest', () => {
  const list: AggregateCall = { name: 'l', fn: 'LISTAGG', argument: 2, argumentType: STRING, type: STRING };
  const batch = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((text, i): Row => ['k', i, text]);
  const results = (window: SlicedWindow): string[] => {
    const spec = specOf(nodeOf(window, [list]));
    return stepOver(spec, new SliceState(window, spec.aggregates), eventTime(-1), batch, eventTime(9)).map((row) => String(row.split(' ').at(-1)));
  };
  expect(results({ kind: 'hop', sizeMs: 3, slideMs: 1, offsetMs: 0 }).slice(2, 5)).toEqual(['c,b,a', 'd,c,b', 'e,d,c']);
  expect(results({ kind: 'hop', sizeMs: 6, slideMs: 1, offsetMs: 0 }).slice(5, 8)).toEqual(['f,e,d,c,b,a', 'g,f,e,d,c,b', 'h,g,f,e,d,c']);
  expect(results({ kind: 'hop', sizeMs: 3, slideMs: 1, offsetMs: 0, oldestFirst: true }).slice(2, 4)).toEqual(['a,b,c', 'b,c,d']);
  expect(results({ kind: 'hop', sizeMs: 6, slideMs: 1, offsetMs: 0, oldestFirst: true }).slice(5, 8)).toEqual(['a,b,c,d,e,f', 'b,c,d,e,f,g', 'c,d,e,f,g,h']);
  expect(results({ kind: 'cumulate', sizeMs: 4, stepMs: 1, offsetMs: 0 }).slice(0, 4)).toEqual(['a', 'a,b', 'a,b,c', 'a,b,c,d']);
});

test('sums of DOUBLE are the same whether windows fire one by one, all at once, or from a state that was restored', () => {
  const sums: AggregateCall = { ...call('SUM', DOUBLE), type: DOUBLE };
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 30 }), fc.nat(30), (values, restart) => {
      const window: SlicedWindow = { kind: 'hop', sizeMs: 7, slideMs: 1, offsetMs: 0 };
      const spec = specOf(nodeOf(window, [sums]));
      const rows = values.map((value, t): Row => ['k', t, value]);
      const atOnce = stepOver(spec, new SliceState(window, spec.aggregates), eventTime(-1), rows, eventTime(50));
      const state = new SliceState(window, spec.aggregates);
      const oneByOne = rows.flatMap((row, t) => {
        if (t === restart) state.shared = null;
        return stepOver(spec, state, eventTime(t - 1), [row], eventTime(t));
      });
      const rest = stepOver(spec, state, eventTime(rows.length - 1), [], eventTime(50));
      expect([...oneByOne, ...rest]).toEqual(atOnce);
    }),
  );
});
