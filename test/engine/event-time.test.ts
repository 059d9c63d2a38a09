/** Row times and watermarks of all kinds, from the SQL that declares them to windows, late rows and records that fail. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../lib/core/plan.ts';
import { isError } from '../../lib/core/errors.ts';
import { describeJob } from '../../lib/control/describe.ts';
import { planScript } from '../../lib/sql/plan-script.ts';
import { MINUTE, Stack } from './stack.ts';

const KAFKA = `'connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'`;

/** Counts per minute of the row time `ts` of a table with these columns and options. */
function planOf(columns: string, options = '', settings = ''): Plan {
  const script = `${settings}
    CREATE TABLE events (${columns}) WITH (${KAFKA}${options});
    CREATE TABLE counts (w TIMESTAMP(3), c BIGINT) WITH ('connector' = 'filesystem', 'path' = '/out', 'format' = 'json');
    INSERT INTO counts SELECT CAST(window_start AS TIMESTAMP(3)), COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;`;
  return planScript(script, { warehouse: '/w', resolvePath: (path) => path });
}

async function run(plan: Plan, records: readonly object[]): Promise<Stack> {
  const stack = await Stack.create({ plan });
  stack.stores.source.produce('events', records.map((record) => JSON.stringify(record)));
  await stack.deliver(stack.writer());
  await fireAll(stack);
  return stack;
}

async function fireAll(stack: Stack): Promise<void> {
  const firer = stack.firer();
  for (let i = 0; i < 20; i++) if ((await firer.step()).kind === 'idle') return;
}

const counts = (stack: Stack) => stack.stores.sinks.rows('default_catalog.default_database.counts');

describe('a row time', () => {
  test.each<[string, string, (s: number) => object]>([
    ['a column', 'ts TIMESTAMP(3), WATERMARK FOR ts AS ts', (s: number) => ({ ts: text(s) })],
    ['a computed column', 'said STRING, ts AS CAST(said AS TIMESTAMP(3)), WATERMARK FOR ts AS ts', (s: number) => ({ said: text(s) })],
    ['milliseconds', 'said BIGINT, ts AS TO_TIMESTAMP_LTZ(said, 3), WATERMARK FOR ts AS ts', (s: number) => ({ said: s * 1000 })],
    ['one of two columns', 'a TIMESTAMP(3), b TIMESTAMP(3), ts AS COALESCE(a, b), WATERMARK FOR ts AS ts', (s: number) => (s % 2 === 0 ? { a: text(s) } : { b: text(s) })],
  ])('that is %s', async (_, columns, recordAt) => {
    const stack = await run(planOf(columns), [1, 2, 61, 62, 121].map(recordAt));
    expect(counts(stack)).toEqual([[0, 2n], [MINUTE, 2n]]);
  });

  test.each([
    ['a delay', 'ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL \'2\' SECOND', 121, 1],
    ['a delay that is just reached', 'ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL \'1\' SECOND', 121, 2],
    ['an expression of two columns', 'd INT, ts TIMESTAMP(3), WATERMARK FOR ts AS CASE WHEN d = 1 THEN ts END', 121, 0],
  ])('with a watermark that is %s', async (_, columns, last, windows) => {
    const stack = await run(planOf(columns), [1, 61, last].map((s) => ({ ts: text(s) })));
    expect(counts(stack)).toHaveLength(windows);
  });

  test.each([
    ['a column', 'ts TIMESTAMP(3), WATERMARK FOR ts AS ts', { ts: null }],
    ['computed of a column', 'said BIGINT, ts AS TO_TIMESTAMP_LTZ(said, 3), WATERMARK FOR ts AS ts', { said: null }],
    ['NULL for a reason of its own', 'said STRING, ts AS TRY_CAST(said AS TIMESTAMP(3)), WATERMARK FOR ts AS ts', { said: 'noon' }],
  ])('that is NULL, %s: the record fails', async (_, columns, record) => {
    const commit = run(planOf(columns), [record]);
    await expect(commit).rejects.toSatisfy((error) => isError(error, 'ROWTIME_NULL') && error.message.includes('RowTime field should not be null, please convert it to a non-null long value.'));
  });

  test('that is NULL can be left out of what is read', async () => {
    const stack = await run(planOf('ts TIMESTAMP(3), WATERMARK FOR ts AS ts', '', "SET 'sluice.on-record-error' = 'skip';"), [{ ts: text(1) }, { ts: null }, { ts: text(61) }]);
    expect(counts(stack)).toEqual([[0, 1n]]);
    expect((await stack.partition()).at(-1)).toMatchObject({ passedOver: { skipped: 1 } });
  });

  test('that is computed does not move the watermark beyond the horizon', async () => {
    const plan = planOf('said BIGINT, ts AS TO_TIMESTAMP_LTZ(said, 3), WATERMARK FOR ts AS ts', '', "SET 'sluice.watermark.max-future' = '1 h';");
    const stack = await run(plan, [{ said: 1000 }, { said: 9_000_000_000_000 }]);
    expect(counts(stack)).toEqual([]);
    expect((await stack.partition()).at(-1)).toMatchObject({ passedOver: { ahead: 1 }, watermark: 1000 });
  });
});

const TS = 'ts TIMESTAMP(3), WATERMARK FOR ts AS ts';

/** A job over two partitions of which the second is silent. */
async function oneSilent(plan: Plan): Promise<Stack> {
  const stack = await Stack.create({ plan, partitions: 2, settings: { logTtlMs: Infinity } });
  await send(stack, [1, 61]);
  return stack;
}

async function send(stack: Stack, seconds: readonly number[], partition = 0): Promise<void> {
  stack.stores.source.produce('events', seconds.map((s) => JSON.stringify({ ts: text(s) })), partition);
  await stack.deliver(stack.writer(), partition);
  await fireAll(stack);
}

describe('an idle timeout', () => {
  test.each([
    ['of the table', ", 'scan.watermark.idle-timeout' = '10 s'", ''],
    ['of the session', '', "SET 'table.exec.source.idle-timeout' = '10 s';"],
    ['of the table rather than of the session', ", 'scan.watermark.idle-timeout' = '10 s'", "SET 'table.exec.source.idle-timeout' = '1 d';"],
  ])('%s closes windows when one partition is silent for longer', async (_, options, settings) => {
    const stack = await oneSilent(planOf(TS, options, settings));
    stack.runtime.advance(10_000);
    await send(stack, [62]);
    expect(counts(stack)).toEqual([]);
    stack.runtime.advance(1);
    await fireAll(stack);
    expect(counts(stack)).toEqual([[0, 1n]]);
  });

  test('closes them when all partitions are silent, by the newest watermark', async () => {
    const stack = await oneSilent(planOf(TS, ", 'scan.watermark.idle-timeout' = '10 s'"));
    await send(stack, [2], 1);
    // Partitions count as active until a FIRE has taken in what they have.
    stack.runtime.advance(10_000);
    await fireAll(stack);
    expect(counts(stack)).toEqual([]);
    stack.runtime.advance(10_001);
    await fireAll(stack);
    expect(counts(stack)).toEqual([[0, 2n]]);
  });

  test('never closes them over records that wait in the topic', async () => {
    const stack = await oneSilent(planOf(TS, ", 'scan.watermark.idle-timeout' = '10 s'"));
    stack.stores.source.produce('events', [JSON.stringify({ ts: text(2) })], 1);
    stack.runtime.advance(60_000);
    await fireAll(stack);
    expect(counts(stack)).toEqual([]);
    await stack.deliver(stack.writer(), 1);
    stack.runtime.advance(60_000);
    await fireAll(stack);
    stack.runtime.advance(60_000);
    await fireAll(stack);
    expect(counts(stack)).toEqual([[0, 2n]]);
  });

  test('of 0, the default, closes nothing', async () => {
    for (const plan of [planOf(TS), planOf(TS, ", 'scan.watermark.idle-timeout' = '0 ms'", "SET 'table.exec.source.idle-timeout' = '10 s';")]) {
      const stack = await oneSilent(plan);
      stack.runtime.advance(86_400_000);
      await fireAll(stack);
      expect(counts(stack)).toEqual([]);
    }
  });
});

describe('late rows', () => {
  const late = async (stack: Stack): Promise<number> => {
    const { state } = await describeJob(stack.workshop, stack.job.id);
    return (state?.operators ?? []).reduce((sum, operator) => sum + operator.lateRows, 0);
  };

  test('are those behind the watermark of the last FIRE; with on-event, of the record before', async () => {
    const periodic = await run(planOf(TS), [1, 61, 2].map((s) => ({ ts: text(s) })));
    expect([counts(periodic), await late(periodic)]).toEqual([[[0, 2n]], 0]);
    const onEvent = await run(planOf(TS, ", 'scan.watermark.emit.strategy' = 'on-event'"), [1, 61, 2, 3].map((s) => ({ ts: text(s) })));
    expect([counts(onEvent), await late(onEvent)]).toEqual([[[0, 1n]], 2]);
  });

  test('are counted on over a restart', async () => {
    const stack = await run(planOf(TS), [1, 61].map((s) => ({ ts: text(s) })));
    await send(stack, [5, 62, 6]);
    expect(await late(stack)).toBe(2);
    await stack.resume(await stack.stop());
    await send(stack, [7]);
    expect(await late(stack)).toBe(3);
  });
});

/** Second `s` of 1970. */
const text = (s: number): string => new Date(s * 1000).toISOString().replace('T', ' ').slice(0, 23);

