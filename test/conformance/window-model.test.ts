/**
 * Every kind of window and grouping from SQL text to rows: however records are spread over partitions and cut into batches, wherever FIREs fall and
 * whether the job is stopped and resumed in between, the results are those of the model. Rows are out of order, but none is late.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offset, partitionId } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { planScript } from '../../lib/sql/plan-script.ts';
import { Stack } from '../engine/stack.ts';
import { modelResults, type ModelKey, type ModelRow, type ModelWindow } from './window-model.ts';

const PARTITIONS = 3;
const DELAY_MS = 8;

const seconds = (ms: number): string => `INTERVAL '${(ms / 1000).toFixed(3)}' SECOND`;

function planOf(from: string, groupBy: string, start: string, end: string, grouping: string): Plan {
  return planScript(
    `CREATE TABLE t (k STRING, n INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - ${seconds(DELAY_MS)})
       WITH ('connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'k:9092', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');
     CREATE TABLE results (ws TIMESTAMP(3), we TIMESTAMP(3), k STRING, n INT, g BIGINT, c BIGINT, cv BIGINT, s INT, lo INT, hi INT) WITH ('connector' = 'filesystem', 'path' = '/out', 'format' = 'json');
     INSERT INTO results SELECT ${start}, ${end}, k, n, ${grouping}, COUNT(*), COUNT(v), SUM(v), MIN(v), MAX(v) FROM ${from} GROUP BY ${groupBy}`,
    { warehouse: '/w', resolvePath: (path) => path },
  );
}

/** A window table function over t, with the sets of keys that GROUP BY names besides the window. */
function ofTable(window: string, groupBy: string): Plan {
  return planOf(`TABLE(${window})`, `window_start, window_end, ${groupBy}`, 'window_start', 'window_end', 'GROUPING_ID(k, n)');
}

function ofGroup(name: string, args: string): Plan {
  return planOf('t', `k, n, ${name}(${args})`, `${name}_START(${args})`, `${name}_END(${args})`, '0');
}

const BOTH: readonly (readonly ModelKey[])[] = [['k', 'n']];
const ROLLUP: readonly (readonly ModelKey[])[] = [...BOTH, ['k'], []];
const CUBE: readonly (readonly ModelKey[])[] = [...ROLLUP, ['n']];

type Case = readonly [name: string, plan: Plan, window: ModelWindow, sets: readonly (readonly ModelKey[])[]];

const TUMBLE5 = `TUMBLE(TABLE t, DESCRIPTOR(ts), ${seconds(5)})`;

const CASES: readonly Case[] = [
  ['TUMBLE by k, n', ofTable(TUMBLE5, 'k, n'), { kind: 'tumble', sizeMs: 5, offsetMs: 0 }, BOTH],
  ['TUMBLE with an offset, ROLLUP', ofTable(`TUMBLE(TABLE t, DESCRIPTOR(ts), ${seconds(7)}, ${seconds(2)})`, 'ROLLUP (k, n)'), { kind: 'tumble', sizeMs: 7, offsetMs: 2 }, ROLLUP],
  ['TUMBLE, CUBE', ofTable(TUMBLE5, 'CUBE (k, n)'), { kind: 'tumble', sizeMs: 5, offsetMs: 0 }, CUBE],
  ['TUMBLE, the same set twice', ofTable(TUMBLE5, 'GROUPING SETS ((k, n), (n), (n), ())'), { kind: 'tumble', sizeMs: 5, offsetMs: 0 }, [['k', 'n'], ['n'], ['n'], []]],
  ['legacy TUMBLE', ofGroup('TUMBLE', `ts, ${seconds(6)}`), { kind: 'tumble', sizeMs: 6, offsetMs: 0 }, BOTH],
  ['legacy HOP, size no multiple of slide', ofGroup('HOP', `ts, ${seconds(4)}, ${seconds(10)}`), { kind: 'hop', sizeMs: 10, slideMs: 4, offsetMs: 0 }, BOTH],
  ['legacy HOP with gaps', ofGroup('HOP', `ts, ${seconds(5)}, ${seconds(2)}`), { kind: 'hop', sizeMs: 2, slideMs: 5, offsetMs: 0 }, BOTH],
  ['legacy SESSION', ofGroup('SESSION', `ts, ${seconds(3)}`), { kind: 'session', gapMs: 3 }, BOTH],
];

interface PlacedRow extends ModelRow {
  readonly partition: number;
}

/** Time goes on by little, and rows are no further behind it than the watermark. */
const anyRows = fc
  .array(
    fc.record({
      k: fc.constantFrom('a', 'b', null),
      n: fc.constantFrom(1, 2, null),
      v: fc.option(fc.integer({ min: -9, max: 9 })),
      step: fc.integer({ min: 0, max: 4 }),
      behind: fc.integer({ min: 0, max: DELAY_MS }),
      partition: fc.nat({ max: PARTITIONS - 1 }),
    }),
    { maxLength: 30 },
  )
  .map((records) => {
    let now = DELAY_MS;
    return records.map(({ step, behind, ...row }): PlacedRow => ({ ...row, t: (now += step) - behind }));
  });

interface Schedule {
  /** Records of the next batches, of each partition; the last one takes the rest. */
  readonly batches: readonly number[];
  /** Whether the firer steps behind batch i. */
  readonly fires: readonly boolean[];
  readonly fireMaxRows: number;
  /** Stop with a savepoint and resume behind batch i. */
  readonly restartAfter: number;
}

const schedules = fc.record<Schedule>({
  batches: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }),
  fires: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  fireMaxRows: fc.constantFrom(1, 3, 1_000_000),
  restartAfter: fc.integer({ min: 0, max: 14 }),
});

async function run(plan: Plan, rows: readonly PlacedRow[], schedule: Schedule): Promise<string[]> {
  const stack = await Stack.create({ plan, partitions: PARTITIONS, settings: { checkpointIntervalMs: 0, fireMaxRows: schedule.fireMaxRows } });
  let from = 0;
  for (const [i, size] of [...schedule.batches, rows.length].entries()) {
    await commit(stack, rows.slice(from, from + size));
    from += size;
    if (schedule.fires[i] === true) await fireAll(stack);
    if (i === schedule.restartAfter) await stack.resume(await stack.stop());
  }
  await stack.stop({ drain: true });
  return stack.stores.sinks.rows('default_catalog.default_database.results').map((row) => row.map((value) => (value === null ? value : Number.isNaN(Number(value)) ? value : Number(value))).join());
}

/** A batch per partition. */
async function commit(stack: Stack, rows: readonly PlacedRow[]): Promise<void> {
  const writer = stack.writer();
  for (const partition of new Set(rows.map((row) => row.partition))) {
    const p = partitionId(0, 0, partition);
    const next = (await writer.nextOffset(p)) ?? offset(0);
    const own = rows.filter((row) => row.partition === partition);
    stack.stores.source.produce('events', own.map(({ k, n, v, t }) => JSON.stringify({ k, n, v, ts: new Date(t).toISOString().slice(0, -1) })), partition);
    const records = await stack.stores.source.fetch('events', partition, next, 1e9);
    if (records === null) throw new Error('the records are there');
    await writer.commit(p, records);
  }
}

async function fireAll(stack: Stack): Promise<void> {
  const firer = stack.firer();
  for (let i = 0; i < 200; i++) if ((await firer.step()).kind === 'idle') return;
  throw new Error('the firer comes to rest');
}

test.each(CASES)('%s', async (_name, plan, window, sets) => {
  await fc.assert(
    fc.asyncProperty(anyRows, schedules, async (rows, schedule) => {
      expect((await run(plan, rows, schedule)).sort()).toEqual(modelResults(rows, window, sets).sort());
    }),
    { numRuns: 25 },
  );
});
