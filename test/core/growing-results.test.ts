/** Results that change with every row: what a step does for one is bounded by the row, not by all that came before. Counted, not timed. */
import { afterEach, expect, test, vi } from 'vitest';
import { aggregateOf, compileResults, statesOf } from '../../lib/core/aggregates/states.ts';
import { keyCodec } from '../../lib/core/key.ts';
import { eventTime, uid } from '../../lib/core/numbers.ts';
import type { AggregateCall, WindowAggregateNode, WindowSpec } from '../../lib/core/plan.ts';
import { BIGINT, STRING, type SqlType, type Value } from '../../lib/core/types.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { openFold, type FoldSpec } from '../../lib/core/window/fold.ts';
import { openOperatorStep } from '../../lib/core/window/operator-step.ts';
import type { StepSpec } from '../../lib/core/window/pane-result.ts';
import { openWindowState } from '../../lib/core/window/state.ts';

afterEach(() => vi.restoreAllMocks());

const ARRAY: SqlType = { kind: 'ARRAY', element: { type: STRING, nullable: true } };
const MULTISET: SqlType = { kind: 'MULTISET', element: { type: STRING, nullable: true } };
const call = (fn: string, type: SqlType, more: Partial<AggregateCall> = {}): AggregateCall => ({ name: fn, fn, argument: 1, argumentType: STRING, type, ...more });

const WINDOWS: readonly (readonly [string, WindowSpec, Partial<WindowAggregateNode>])[] = [
  ['without a window', { kind: 'unbounded' }, { changelog: true }],
  ['in a window that fires early', { kind: 'tumble', sizeMs: 1e9, offsetMs: 0 }, { earlyFire: true, changelog: true }],
];

/** Items copied or written, and values added, while rows of one key come in as batches of 10 and all of them fire. */
function workOf(window: WindowSpec, more: Partial<WindowAggregateNode>, aggregate: AggregateCall, rows: number, resultsOf: StepSpec['resultsOf']): number {
  const node: WindowAggregateNode = { kind: 'window-aggregate', uid: uid('w'), input: uid('i'), window, timeColumn: 2, keys: [0], aggregates: [aggregate], columns: [{ name: 'k', type: STRING, nullable: true }], ...more };
  const aggregates = statesOf(node.aggregates).map((state) => state.aggregate);
  const spec: FoldSpec = { node, keys: keyCodec(node.columns, [0]), aggregates, arguments: [1] };
  const sections = Array.from({ length: rows / 10 }, (_, batch) => {
    const fold = openFold(spec);
    for (let i = 0; i < 10; i++) fold.add(['a', `v${batch * 10 + i}`, 1]);
    return fold.columns();
  });
  const set = vi.spyOn(Map.prototype, 'set');
  const concat = vi.spyOn(Array.prototype, 'concat');
  const add = vi.spyOn(aggregateOf(call('COUNT', BIGINT)), 'add');
  const state = openWindowState(node, aggregates);
  const step = openOperatorStep({ node, resultsOf }, state, MIN_WATERMARK);
  const results: Value[] = [];
  for (const section of sections) step.add(section);
  step.fire(eventTime(0), (_window, _key, result, before) => void results.push(before?.rows ?? 0, result.rows, result.values[0] ?? null));
  step.commit();
  const items = set.mock.calls.length + concat.mock.results.reduce((sum, { value }) => sum + value.length, 0) + add.mock.calls.length;
  vi.restoreAllMocks();
  expect(results.filter((_, i) => i % 3 < 2)).toEqual(Array.from({ length: rows }, (_, i) => [i, i + 1]).flat());
  return items;
}

test.each(WINDOWS)('COUNT(DISTINCT) %s', (_, window, more) => {
  const counting = call('COUNT', BIGINT, { distinct: 'DISTINCT v' });
  const results = compileResults([counting]);
  const [few, many] = [200, 1600].map((rows) => workOf(window, more, counting, rows, results));
  expect(many).toBeLessThan(9 * (few ?? 0));
});

test.each(WINDOWS.flatMap(([where, ...window]) => [call('LISTAGG', STRING), call('COLLECT', MULTISET), call('ARRAY_AGG', ARRAY)].map((aggregate) => [aggregate.fn, where, aggregate, ...window] as const)))(
  '%s %s, but for what it gives',
  (_fn, _where, aggregate, window, more) => {
    const [few, many] = [200, 1600].map((rows) => workOf(window, more, aggregate, rows, () => []));
    expect(many).toBeLessThan(9 * (few ?? 0));
  },
);
