/** The reference itself, against the results that Flink gives. */
import { expect, test } from 'vitest';
import { CASES, textOf, type CaseResult, type CaseRow, type WindowCase } from '../../conformance/operator-cases.ts';
import { ReferenceSessions, ReferenceWindows, type ReferenceOperator } from './reference-window.ts';

function open({ window, latenessMs = 0 }: WindowCase): ReferenceOperator {
  if (window.kind === 'unbounded') throw new Error('Flink has no window without bounds');
  return window.kind === 'session' ? new ReferenceSessions(window.gapMs) : new ReferenceWindows(window, latenessMs);
}

const rowOf = ([key, time, value]: CaseRow) => ({ key: String(key), time, amount: value ?? 0 });

/** `<start>|<end>|<key>|<rows>|<sum>` as the cases write it; a sum of NULLs is 0 here. */
function comparable(text: string, withCount: boolean): string {
  const [start, end, key, count, sum] = text.split('|');
  return textOf([key ?? '', Number(start), Number(end), Number(count), Number(sum)], withCount);
}

const expectedText = (result: CaseResult): string => textOf([result[0], result[1], result[2], result[3], result[4] ?? 0], hasCount(result));
const hasCount = (result: CaseResult | undefined): boolean => (result?.[3] ?? null) !== null;

/** An updated row takes the place of the one before it (allowed lateness). */
const newest = (rows: readonly string[]): string[] => [...new Map(rows.map((row) => [row.split('|').slice(0, 3).join('|'), row])).values()];

const withRows = CASES.filter((c) => c.rows !== undefined);

test.each(withRows)('$name', (windowCase) => {
  const { rows = [], expected = [], delayMs = 0, watermarkAtEndOnly = false } = windowCase;
  const operator = open(windowCase);
  const found: string[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    operator.add(rowOf(row), watermark);
    if (watermarkAtEndOnly) continue;
    watermark = Math.max(watermark, row[1] - delayMs);
    found.push(...operator.fire(watermark, 0));
  }
  found.push(...operator.fire(Infinity, 0));
  const withCount = hasCount(expected[0]);
  expect(newest(found).map((text) => comparable(text, withCount)).sort()).toEqual(expected.map(expectedText).sort());
});

const withSteps = CASES.filter((c) => c.steps !== undefined);

test.each(withSteps)('$name', (windowCase) => {
  let operator = open(windowCase);
  let watermark = Number.NEGATIVE_INFINITY;
  for (const step of windowCase.steps ?? []) {
    if ('row' in step) operator.add(rowOf(step.row), watermark);
    if ('restore' in step) operator = operator.copy();
    if ('late' in step) expect(operator.late).toBe(step.late);
    if (!('watermark' in step)) continue;
    watermark = step.watermark;
    const found = operator.fire(watermark, 0).map((text) => comparable(text, hasCount(step.emits[0])));
    expect(found.sort()).toEqual(step.emits.map(expectedText).sort());
  }
});
