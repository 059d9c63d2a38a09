/** The window operators alone, driven like Flink's in its tests: a watermark behind every row, or by hand, with a restore in between. */
import { describe, expect, test } from 'vitest';
import { compileDataflow, type OperatorFlow } from '../../lib/core/dataflow.ts';
import { eventTime, type EventTime } from '../../lib/core/numbers.ts';
import { MAX_WATERMARK, MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { openFold } from '../../lib/core/window/fold.ts';
import { openOperatorStep } from '../../lib/core/window/operator-step.ts';
import { paneColumns } from '../../lib/core/window/pane.ts';
import { openWindowState, type WindowState } from '../../lib/core/window/state.ts';
import { CASES, planOf, textOf, type CaseResult, type CaseRow, type WindowCase } from './operator-cases.ts';

class Operator {
  readonly #flow: OperatorFlow;
  #state: WindowState;
  #watermark: EventTime = MIN_WATERMARK;
  late = 0;

  constructor(windowCase: WindowCase) {
    const [flow] = compileDataflow(planOf(windowCase, 'on-periodic')).operators;
    if (flow === undefined) throw new Error('the plan has an operator');
    this.#flow = flow;
    this.#state = openWindowState(flow.node, flow.aggregates);
  }

  /** Takes rows in as one batch, then moves the watermark; returns what fires. */
  run(rows: readonly CaseRow[], watermark: number): CaseResult[] {
    const fold = openFold(this.#flow);
    for (const [key, time, value] of rows) fold.add([key, time, value === null ? null : BigInt(value)]);
    const step = openOperatorStep(this.#flow, this.#state, this.#watermark);
    this.late += step.add(JSON.parse(JSON.stringify(fold.columns())));
    const results: CaseResult[] = [];
    this.#watermark = eventTime(Math.max(watermark, this.#watermark));
    step.fire(this.#watermark, ({ start, end }, key, { rows: count, values: [sum = null] }) => {
      results.push([key === null ? null : String(key), start, end, count, sum === null ? null : Number(sum)]);
    });
    step.commit();
    return results;
  }

  /** Through what a checkpoint stores. */
  restore(): void {
    const next = openWindowState(this.#flow.node, this.#flow.aggregates);
    for (const end of this.#state.sliceEnds()) {
      next.restore(JSON.parse(JSON.stringify(paneColumns(end, this.#state.panesAt(end), this.#state.aggregates))));
    }
    this.#state = next;
  }
}

const texts = (results: readonly CaseResult[], withCount = true): string[] => results.map((result) => textOf(result, withCount)).sort();

describe('a watermark behind every row', () => {
  test.each(CASES.filter((c) => c.rows !== undefined))('$name', (windowCase) => {
    const { rows = [], expected = [], delayMs = 0 } = windowCase;
    const operator = new Operator(windowCase);
    const results: CaseResult[] = [];
    let highest = Number.NEGATIVE_INFINITY;
    for (const [i, row] of rows.entries()) {
      highest = Math.max(highest, row[1] - delayMs);
      results.push(...operator.run([row], windowCase.watermarkAtEndOnly === true ? MIN_WATERMARK : highest));
      if (i + 1 === windowCase.restoreAfter) operator.restore();
    }
    results.push(...operator.run([], MAX_WATERMARK));
    // With allowed lateness the last row of a window counts, as in the upsert sink of Flink's test.
    const last = new Map(results.map((result) => [`${result[0]} ${result[1]} ${result[2]}`, result]));
    if (windowCase.latenessMs === undefined) expect(last.size).toBe(results.length);
    const withCount = expected.every((result) => result[3] !== null);
    expect(texts([...last.values()], withCount)).toEqual(texts(expected, withCount));
  });
});

describe('watermarks by hand', () => {
  test.each(CASES.filter((c) => c.steps !== undefined))('$name', (windowCase) => {
    const operator = new Operator(windowCase);
    let rows: CaseRow[] = [];
    for (const step of windowCase.steps ?? []) {
      if ('row' in step) rows.push(step.row);
      else if ('restore' in step) operator.restore();
      else if ('late' in step) expect(operator.late).toBe(step.late);
      else {
        expect(texts(operator.run(rows, step.watermark))).toEqual(texts(step.emits));
        rows = [];
      }
    }
  });
});
