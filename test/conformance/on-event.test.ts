/**
 * `on-event` watermarks (protocol E8): with one partition a job gives what Flink gives with a watermark behind every row, whatever the
 * batches, wherever FIREs fall, and across a stop and a resume.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offset } from '../../lib/core/numbers.ts';
import { P0, Stack } from '../engine/stack.ts';
import { CASES, CHECKPOINTED, OPERATOR, planOf, recordOf, resultsOf, textOf, type CaseResult, type CaseRow, type WindowCase } from './operator-cases.ts';

interface Schedule {
  /** Records of the next batches; the last one takes the rest. */
  readonly batches: readonly number[];
  /** Whether the firer steps behind batch i. */
  readonly fires: readonly boolean[];
  /** Result rows of one FIRE at most. */
  readonly fireMaxRows: number;
  /** Stop with a savepoint and resume behind batch i. */
  readonly restartAfter: number;
}

const schedules = fc.record<Schedule>({
  batches: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 }),
  fires: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
  fireMaxRows: fc.constantFrom(1, 2, 1_000_000),
  restartAfter: fc.integer({ min: 0, max: 9 }),
});

/** Runs the case through writer, logs and firer and drains it at the end. */
async function run(windowCase: WindowCase, rows: readonly CaseRow[], schedule: Schedule): Promise<Stack> {
  const stack = await Stack.create({ plan: planOf(windowCase), settings: { ...CHECKPOINTED, fireMaxRows: schedule.fireMaxRows } });
  let from = 0;
  for (const [i, size] of [...schedule.batches, rows.length].entries()) {
    const batch = rows.slice(from, from + size);
    from += batch.length;
    if (batch.length > 0) await commit(stack, batch);
    if (schedule.fires[i] === true) await fireAll(stack);
    if (i === schedule.restartAfter) await stack.resume(await stack.stop());
  }
  await stack.stop({ drain: true });
  return stack;
}

async function commit(stack: Stack, batch: readonly CaseRow[]): Promise<void> {
  const writer = stack.writer();
  const next = (await writer.nextOffset(P0)) ?? offset(0);
  stack.stores.source.produce('events', batch.map(recordOf), 0);
  const records = await stack.stores.source.fetch('events', 0, next, 1e9);
  if (records === null) throw new Error('the records are there');
  await writer.commit(P0, records);
}

async function fireAll(stack: Stack): Promise<void> {
  const firer = stack.firer();
  for (let i = 0; i < 100; i++) if ((await firer.step()).kind === 'idle') return;
}

/** Rows dropped as late, as the last checkpoint has them. */
async function lateOf(stack: Stack): Promise<number> {
  const position = (await stack.coordinator()).flatMap((e) => (e.kind === 'CHECKPOINT' ? [e.position] : [])).at(-1);
  return position?.late[OPERATOR] ?? 0;
}

const perRow = CASES.filter((c) => c.rows !== undefined && c.latenessMs === undefined && c.watermarkAtEndOnly !== true);

test.each(perRow)('$name', async (windowCase) => {
  const { rows = [], expected = [] } = windowCase;
  const withCount = expected.every((result) => result[3] !== null);
  const texts = (results: readonly CaseResult[]): string[] => results.map((result) => textOf(result, withCount)).sort();
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      expect(texts(resultsOf(await run(windowCase, rows, schedule)))).toEqual(texts(expected));
    }),
    { numRuns: 30 },
  );
});

// A few milliseconds, so that watermarks often meet the ends of windows exactly.
const anyWindow = fc.constantFrom<WindowCase['window']>(
  { kind: 'tumble', sizeMs: 5, offsetMs: 1 },
  { kind: 'hop', sizeMs: 9, slideMs: 3, offsetMs: 0 },
  { kind: 'cumulate', sizeMs: 9, stepMs: 3, offsetMs: 2 },
  { kind: 'session', gapMs: 4 },
);
/** Time goes on by little, and some rows are behind it. */
const anyRows = fc
  .array(fc.record({ key: fc.constantFrom('a', 'b', null), step: fc.integer({ min: 0, max: 3 }), behind: fc.integer({ min: 0, max: 8 }), value: fc.option(fc.integer({ min: -9, max: 9 })) }), { maxLength: 30 })
  .map((records) => {
    let now = 0;
    return records.map(({ key, step, behind, value }): CaseRow => [key, Math.max(0, (now += step) - behind), value]);
  });

test('rows, late ones among them, count the same however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(anyWindow, anyRows, schedules, async (window, rows, schedule) => {
      const windowCase = { name: '', window, delayMs: 2 };
      const one = await run(windowCase, rows, { batches: rows.map(() => 1), fires: [], fireMaxRows: 1_000_000, restartAfter: -1 });
      const other = await run(windowCase, rows, schedule);
      expect(resultsOf(other)).toEqual(resultsOf(one));
      expect(await lateOf(other)).toBe(await lateOf(one));
    }),
    { numRuns: 100 },
  );
});

/** The last row of each window and key: what an upsert sink has in the end. */
function lastOf(results: readonly CaseResult[]): string[] {
  return [...new Map(results.map((result) => [result.slice(0, 3).join(), textOf(result, true)])).values()].sort();
}

const slicedWindow = anyWindow.filter(({ kind }) => kind !== 'session');

test('with allowed lateness every late row tells its change, however rows are cut', async () => {
  await fc.assert(
    fc.asyncProperty(slicedWindow, fc.integer({ min: 1, max: 12 }), anyRows, schedules, async (window, latenessMs, rows, schedule) => {
      const windowCase = { name: '', window, delayMs: 2, latenessMs };
      const one = await run(windowCase, rows, { batches: rows.map(() => 1), fires: rows.map(() => true), fireMaxRows: 1_000_000, restartAfter: -1 });
      const other = await run(windowCase, rows, schedule);
      expect(resultsOf(other)).toEqual(resultsOf(one));
      expect(await lateOf(other)).toBe(await lateOf(one));
    }),
    { numRuns: 40 },
  );
});

test('a row that is late, but not too late, updates the results of its windows', async () => {
  const rows: CaseRow[] = [['a', 1, 1], ['b', 9, 1], ['a', 2, 5], ['b', 40, 1], ['a', 3, 7]];
  const stack = await run({ name: '', window: { kind: 'tumble', sizeMs: 5, offsetMs: 0 }, delayMs: 0, latenessMs: 20 }, rows, { batches: [], fires: [], fireMaxRows: 1_000_000, restartAfter: -1 });
  expect(resultsOf(stack)).toEqual([['a', 0, 5, 1, 1], ['b', 5, 10, 1, 1], ['a', 0, 5, 2, 6], ['b', 40, 45, 1, 1]]);
  expect(await lateOf(stack)).toBe(1);
});

test('windows that fire early give their results with every row, however rows are cut, and in the end those of other windows', async () => {
  await fc.assert(
    fc.asyncProperty(slicedWindow, fc.integer({ min: 0, max: 6 }), anyRows, schedules, async (window, latenessMs, rows, schedule) => {
      const plain: WindowCase = { name: '', window, delayMs: 2, latenessMs };
      const early: WindowCase = { ...plain, earlyFire: true };
      const each = { batches: rows.map(() => 1), fires: rows.map(() => true), fireMaxRows: 1_000_000, restartAfter: -1 };
      const one = await run(early, rows, each);
      const other = await run(early, rows, schedule);
      expect(resultsOf(other)).toEqual(resultsOf(one));
      expect(await lateOf(other)).toBe(await lateOf(one));
      expect(lastOf(resultsOf(one))).toEqual(lastOf(resultsOf(await run(plain, rows, each))));
    }),
    { numRuns: 40 },
  );
});

test('a window that fires early has nothing to say when it ends', async () => {
  const rows: CaseRow[] = [['a', 1, 1], ['b', 2, 1], ['a', 3, 5], ['b', 40, 1]];
  const stack = await run({ name: '', window: { kind: 'tumble', sizeMs: 5, offsetMs: 0 }, delayMs: 0, earlyFire: true }, rows, { batches: [], fires: [], fireMaxRows: 1_000_000, restartAfter: 0 });
  expect(resultsOf(stack)).toEqual([['a', 0, 5, 1, 1], ['b', 0, 5, 1, 1], ['a', 0, 5, 2, 6], ['b', 40, 45, 1, 1]]);
});
