/** Aggregate functions of a program that fail in windows (W10): as process functions do, with their node and key, and the same in every replay. */
import { describe, expect, test } from 'vitest';
import { uid } from '../../lib/core/numbers.ts';
import type { Plan, TimeWindow } from '../../lib/core/plan.ts';
import { NO_CODE } from '../../lib/core/process/code.ts';
import type { ProgramAggregate } from '../../lib/core/process/aggregate-function.ts';
import { CODE } from '../../lib/core/process/code-aggregate.ts';
import { KEYED_ROW } from '../../lib/core/process/rows.ts';
import { RAW, Raw, STRING, TIMESTAMP3, type Column, type Value } from '../../lib/core/types.ts';
import { DEAD_LETTER_TABLE, withDeadLetters } from './dead-letter-plan.ts';
import type { FunctionJob } from './function-plan.ts';
import { labPlan } from './lab-plan.ts';
import { MINUTE, Stack } from './stack.ts';

type Policy = 'fail' | 'skip' | 'dlq';

const column = (name: string, type: Column['type']): Column => ({ name, type, nullable: true });
const valueOf = (value: Value | undefined): unknown => (value instanceof Raw ? value.value : value);

/** How often each key was, by windows. */
const COUNT: ProgramAggregate = { createAccumulator: () => 0, add: (acc) => Number(acc) + 1, getResult: (acc) => acc, merge: (a, b) => Number(a) + Number(b) };

const TUMBLE: TimeWindow = { kind: 'tumble', sizeMs: MINUTE, offsetMs: 0 };
const HOP: TimeWindow = { kind: 'hop', sizeMs: 6 * MINUTE, slideMs: MINUTE, offsetMs: 0 };
const SESSION: TimeWindow = { kind: 'session', gapMs: MINUTE };

function windowJob(fn: Partial<ProgramAggregate>, policy: Policy, window: TimeWindow = TUMBLE): FunctionJob {
  const lab = labPlan({ planOptions: { 'sluice.on-record-error': policy, 'sluice.function-timeout': '1 s' } });
  const [source] = lab.nodes;
  if (source === undefined) throw new Error('the lab has a source');
  const columns = [column('text', STRING)];
  const plan: Plan = {
    ...lab,
    nodes: [
      source,
      { kind: 'code', uid: uid('key-by'), input: source.uid, columns: KEYED_ROW },
      {
        kind: 'window-aggregate',
        uid: uid('counts'),
        input: uid('key-by'),
        window,
        timeColumn: 2,
        keys: [0],
        aggregates: [{ name: 'aggregate', fn: CODE, argument: 1, argumentType: RAW, type: RAW }],
        columns: [column('key', RAW), column('result', RAW), column('window_start', TIMESTAMP3), column('window_end', TIMESTAMP3), column('window_time', TIMESTAMP3)],
      },
      { kind: 'code', uid: uid('to-text'), input: uid('counts'), columns },
      { kind: 'sink', uid: uid('out'), input: uid('to-text'), table: 'c.d.out', connector: 'filesystem', columns, options: { path: '/out' } },
    ],
  };
  const code = {
    ...NO_CODE,
    transforms: new Map([
      ['key-by', ([type = null, time = null]: readonly Value[], next: (row: Value[]) => void) => next([new Raw(type), new Raw(type), time, 0])],
      ['to-text', ([key, result]: readonly Value[], next: (row: Value[]) => void) => next([`${String(valueOf(key))} ${String(valueOf(result))}`])],
    ]),
    aggregates: new Map([['counts', { ...COUNT, ...fn }]]),
  };
  return { plan: policy === 'dlq' ? withDeadLetters(plan) : plan, code };
}

const rowsOf = (stack: Stack, table = 'c.d.out'): unknown[] => stack.stores.sinks.rows(table).map(([text]) => text);

/** Keys a and b twice each, in two entries; then a watermark behind their windows. Fires between the entries where it says so. */
async function begun(job: FunctionJob, { fires = false } = {}): Promise<Stack> {
  const stack = await Stack.start(job);
  const writer = stack.writer();
  for (const seconds of [1, 2]) {
    stack.produce([['a', seconds], ['b', seconds], ['b', seconds]]);
    await stack.deliver(writer);
    if (fires) await stack.firer().step();
  }
  stack.produce([['z', 20 * 60]]);
  await stack.deliver(writer);
  return stack;
}

/** Every step by another process, which computes all FIREs again. */
async function fireAll(stack: Stack): Promise<Stack> {
  while ((await stack.firer().step()).kind === 'fired');
  return stack;
}

const failedOf = async (stack: Stack): Promise<unknown> => (await stack.firer().load())?.position.failed;

const noResult: Partial<ProgramAggregate> = {
  getResult: (acc) => {
    if (acc === 4) throw new Error('no fours');
    return acc;
  },
};

/** Of two that have been merged already; in one batch a value is only added. */
const noMerge: Partial<ProgramAggregate> = {
  merge: (a, b) => {
    if (a === 2 && b === 2) throw new Error('no fours');
    return Number(a) + Number(b);
  },
};

describe.each<[string, Partial<ProgramAggregate>]>([['getResult', noResult], ['merge', noMerge]])('%s that throws', (_, fn) => {
  describe.each<[string, TimeWindow, string[]]>([['TUMBLE', TUMBLE, ['a 2']], ['HOP', HOP, Array.from({ length: 6 }, () => 'a 2')], ['SESSION', SESSION, ['a 2']]])('in %s', (_kind, window, rows) => {
    test.each([false, true])('fails the step with fail, naming node and key (FIREs between: %s)', async (fires) => {
      await expect(begun(windowJob(fn, 'fail', window), { fires }).then(fireAll)).rejects.toMatchObject({
        code: 'FUNCTION_THREW',
        message: 'the aggregate function of counts failed on key "b": no fours',
        details: { uid: 'counts', key: 'b' },
      });
    });

    test.each([false, true])('leaves the window of the key out with skip, and counts it (FIREs between: %s)', async (fires) => {
      const stack = await fireAll(await begun(windowJob(fn, 'skip', window), { fires }));
      expect(rowsOf(stack)).toEqual(rows);
      expect(await failedOf(stack)).toEqual({ counts: rows.length });
    });
  });

  test('is a dead letter with dlq', async () => {
    const stack = await fireAll(await begun(windowJob(fn, 'dlq'), { fires: true }));
    const [letter, more] = stack.stores.sinks.rows(DEAD_LETTER_TABLE);
    expect(letter?.[5]).toBe('FUNCTION_THREW: the aggregate function of counts failed on key "b": no fours; on a result or timer; read by counts');
    expect(more).toBeUndefined();
  });
});

test('a FIRE that a merge fails in is not made, so that a mended function goes on with all that came', async () => {
  let fails = true;
  const fn = { merge: (a: unknown, b: unknown) => (fails ? noMerge.merge?.(a, b) : Number(a) + Number(b)) };
  const stack = await Stack.start(windowJob(fn, 'fail'));
  const writer = stack.writer();
  for (const seconds of [1, 2]) {
    stack.produce([['b', seconds], ['b', seconds]]);
    await stack.deliver(writer);
    if (seconds === 1) await stack.firer().step();
  }
  // Nothing fires but the interval is over: the entry would be merged with the commit alone.
  stack.runtime.advance(10 * MINUTE);
  await expect(stack.firer().step()).rejects.toMatchObject({ code: 'FUNCTION_THREW', details: { key: 'b' } });
  expect((await stack.kinds()).filter((kind) => kind === 'FIRE')).toHaveLength(1);
  fails = false;
  stack.produce([['z', 20 * 60]]);
  await stack.deliver(writer);
  await fireAll(stack);
  expect(rowsOf(stack)).toEqual(['b 4']);
});

test('add that throws leaves its record out, in the writer', async () => {
  const fn: Partial<ProgramAggregate> = {
    add: (acc, value) => {
      if (value === 'b') throw new Error('no b');
      return Number(acc) + 1;
    },
  };
  const stack = await fireAll(await begun(windowJob(fn, 'skip')));
  expect(rowsOf(stack)).toEqual(['a 2']);
  const [entry] = (await stack.partition()).slice(-1);
  expect(entry?.passedOver).toMatchObject({ skipped: 4 });
});

test('one that does not come back is interrupted and named', async () => {
  const endless = { getResult: () => { for (;;); } };
  await expect(begun(windowJob(endless, 'skip')).then(fireAll)).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW', details: { uid: 'counts' } });
});
