/** Folding rows into panes: NULLs are no values but rows, a NULL key is a key, and folding batches apart gives the state of folding them at once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileDataflow, type OperatorFlow } from '../../lib/core/dataflow.ts';
import { openFold } from '../../lib/core/window/fold.ts';
import type { AggregateCall, Plan } from '../../lib/core/plan.ts';
import { BIGINT, INT, STRING, type Row } from '../../lib/core/types.ts';
import { SliceState } from '../../lib/core/window/slice-state.ts';
import { labPlan, LAB_START_MS, WINDOW_MS } from '../engine/lab-plan.ts';

const call = (fn: AggregateCall['fn'], argument: number | null): AggregateCall => ({
  name: `${fn}_${argument}`,
  fn,
  argument,
  argumentType: argument === null ? null : INT,
  type: fn === 'COUNT' ? BIGINT : INT,
});

/** Rows are (key, time, value); the aggregates are COUNT(*), COUNT, SUM, MIN, MAX and AVG of the value. */
function operator(): OperatorFlow {
  const aggregates = [call('COUNT', null), ...(['COUNT', 'SUM', 'MIN', 'MAX', 'AVG'] as const).map((fn) => call(fn, 2))];
  const key = { name: 'k', type: STRING, nullable: true };
  const nodes: Plan['nodes'] = labPlan().nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, aggregates, columns: [key] } : node));
  const [found] = compileDataflow({ ...labPlan(), nodes }).operators;
  if (found === undefined) throw new Error('the plan has an operator');
  return found;
}

const flow = operator();
const WINDOW_SPEC = { kind: 'tumble', sizeMs: WINDOW_MS, offsetMs: 0 } as const;

/** Output rows of all panes, as (key, aggregates), sorted by text. */
function results(batches: readonly (readonly Row[])[]): string[] {
  const state = new SliceState(WINDOW_SPEC, flow.aggregates);
  for (const batch of batches) {
    const fold = openFold(flow);
    for (const row of batch) fold.add(row);
    for (const columns of fold.columns()) state.merge(JSON.parse(JSON.stringify(columns)));
  }
  const rows = state.sliceEnds().flatMap((end) =>
    [...state.panesAt(end)].map(([key, pane]) => {
      const values = flow.aggregates.map((a, i) => a.result(pane.accumulators[i] ?? null));
      return flow.rowOf(flow.keys.valuesOf(key), pane.rows, values, end - WINDOW_MS, end).map(String).join(' ');
    }),
  );
  return rows.sort();
}

const row = (key: string | null, second: number, value: number | null): Row => [key, LAB_START_MS + second * 1000, value];
const WINDOW = `${LAB_START_MS} ${LAB_START_MS + WINDOW_MS} ${LAB_START_MS + WINDOW_MS - 1}`;

test('NULLs count as rows and as nothing else', () => {
  expect(results([[row('a', 1, null), row('a', 2, 5), row('a', 3, null), row('a', 4, 8)]])).toEqual([`a 4 2 13 5 8 6 ${WINDOW}`]);
});

test('a pane of NULLs alone has no sum, but rows', () => {
  expect(results([[row('a', 1, null), row('a', 2, null)]])).toEqual([`a 2 0 null null null null ${WINDOW}`]);
});

test('NULL is a key of its own, apart from the text', () => {
  expect(results([[row(null, 1, 1), row('null', 1, 2), row('', 1, 3)]])).toHaveLength(3);
});

test('folding in batches, each through JSON, is folding at once', () => {
  const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b', null), fc.integer({ min: -200, max: 200 }), fc.option(fc.integer({ min: -50, max: 50 }))));
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 5 }), (batches) => {
      const cut = batches.map((batch) => batch.map(([key, second, value]) => row(key, second, value)));
      expect(results(cut)).toEqual(results([cut.flat()]));
    }),
  );
});
