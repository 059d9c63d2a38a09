/**
 * Every kind of window and grouping from SQL text to rows: however records are spread over partitions and cut into batches, wherever FIREs fall and
 * whether the job is stopped and resumed in between, the results are those of the model. Rows are out of order, but none is late.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offset, partitionId } from '../../lib/core/numbers.ts';
import { sourcesOf, type Plan } from '../../lib/core/plan.ts';
import { planScript } from '../../lib/sql/plan-script.ts';
import { Stack } from '../engine/stack.ts';
import { modelResults, type ModelKey, type ModelRow, type ModelWindow } from './window-model.ts';

/** Of each topic. */
const PARTITIONS = 2;
const DELAY_MS = 8;

const seconds = (ms: number): string => `INTERVAL '${(ms / 1000).toFixed(3)}' SECOND`;

const table = (name: string, topic: string, delayMs: number): string =>
  `CREATE TABLE ${name} (k STRING, n INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - ${seconds(delayMs)}) WITH ('connector' = 'kafka', 'topic' = '${topic}',
     'properties.bootstrap.servers' = 'k:9092', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');`;

function planOf(select: string): Plan {
  return planScript(
    `${table('t', 'events', DELAY_MS)} ${table('u', 'others', DELAY_MS + 30)}
     CREATE TABLE results (ws TIMESTAMP(3), we TIMESTAMP(3), k STRING, n INT, g BIGINT, c BIGINT, cv BIGINT, s INT, lo INT, hi INT) WITH ('connector' = 'filesystem', 'path' = '/out', 'format' = 'json');
     INSERT INTO results ${select}`,
    { warehouse: '/w', resolvePath: (path) => path },
  );
}

const VALUES = 'COUNT(*) AS c, COUNT(v) AS cv, SUM(v) AS s, MIN(v) AS lo, MAX(v) AS hi';

/** A window table function, with the sets of keys that GROUP BY names besides the window. */
const ofTable = (window: string, groupBy: string): Plan =>
  planOf(`SELECT window_start, window_end, k, n, GROUPING_ID(k, n), ${VALUES} FROM TABLE(${window}) GROUP BY window_start, window_end, ${groupBy}`);

const ofGroup = (name: string, args: string): Plan => planOf(`SELECT ${name}_START(${args}), ${name}_END(${args}), k, n, 0, ${VALUES} FROM t GROUP BY k, n, ${name}(${args})`);

const LOWER = `SELECT window_time AS rt, k, n, ${VALUES} FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), ${seconds(5)})) GROUP BY window_start, window_end, window_time, k, n`;
const UPPER = 'SUM(c), SUM(cv), SUM(s), MIN(lo), MAX(hi)';

/** Windows over the results of TUMBLE, which give what windows over the rows would. */
const overTumble = (window: string): Plan =>
  planOf(`SELECT window_start, window_end, k, n, 0, ${UPPER} FROM TABLE(${window}) GROUP BY window_start, window_end, k, n`.replace('LOWER', `(${LOWER})`));

const legacyOverTumble = (args: string): Plan => planOf(
  `SELECT HOP_START(${args}), HOP_END(${args}), k, n, 0, ${UPPER} FROM
     (SELECT k, n, TUMBLE_ROWTIME(ts, ${seconds(5)}) AS rt, ${VALUES} FROM t GROUP BY k, n, TUMBLE(ts, ${seconds(5)})) GROUP BY HOP(${args}), k, n`,
);

const ofUnion = (window: string, groupBy: string): Plan => ofTable(window.replace('TABLE t', '(SELECT * FROM t UNION ALL SELECT * FROM u)'), groupBy);

const BOTH: readonly (readonly ModelKey[])[] = [['k', 'n']];
const ROLLUP: readonly (readonly ModelKey[])[] = [...BOTH, ['k'], []];
const CUBE: readonly (readonly ModelKey[])[] = [...ROLLUP, ['n']];

const tumble = (sizeMs: number, offsetMs = 0): ModelWindow => ({ kind: 'tumble', sizeMs, offsetMs });
const hop = (sizeMs: number, slideMs: number, offsetMs = 0): ModelWindow => ({ kind: 'hop', sizeMs, slideMs, offsetMs });

const TUMBLE5 = `TUMBLE(TABLE t, DESCRIPTOR(ts), ${seconds(5)})`;
const HOP12 = `HOP(TABLE t, DESCRIPTOR(ts), ${seconds(4)}, ${seconds(12)}, ${seconds(1)})`;
const CUMULATE12 = `CUMULATE(TABLE t, DESCRIPTOR(ts), ${seconds(3)}, ${seconds(12)})`;

type Case = readonly [name: string, plan: Plan, window: ModelWindow, sets: readonly (readonly ModelKey[])[]];

const CASES: readonly Case[] = [
  ['TUMBLE by k, n', ofTable(TUMBLE5, 'k, n'), tumble(5), BOTH],
  ['TUMBLE with an offset, ROLLUP', ofTable(`TUMBLE(TABLE t, DESCRIPTOR(ts), ${seconds(7)}, ${seconds(2)})`, 'ROLLUP (k, n)'), tumble(7, 2), ROLLUP],
  ['TUMBLE, the same set twice', ofTable(TUMBLE5, 'GROUPING SETS ((k, n), (n), (n), ())'), tumble(5), [['k', 'n'], ['n'], ['n'], []]],
  ['HOP with an offset, CUBE', ofTable(HOP12, 'CUBE (k, n)'), hop(12, 4, 1), CUBE],
  ['CUMULATE, two ROLLUPs', ofTable(CUMULATE12, 'ROLLUP (k), ROLLUP (n)'), { kind: 'cumulate', sizeMs: 12, stepMs: 3, offsetMs: 0 }, CUBE],
  ['SESSION', ofTable(`SESSION(TABLE t PARTITION BY (k, n), DESCRIPTOR(ts), ${seconds(3)})`, 'k, n'), { kind: 'session', gapMs: 3 }, BOTH],
  ['legacy TUMBLE', ofGroup('TUMBLE', `ts, ${seconds(6)}`), tumble(6), BOTH],
  ['legacy HOP, size no multiple of slide', ofGroup('HOP', `ts, ${seconds(4)}, ${seconds(10)}`), hop(10, 4), BOTH],
  ['legacy HOP with gaps', ofGroup('HOP', `ts, ${seconds(5)}, ${seconds(2)}`), hop(2, 5), BOTH],
  ['legacy SESSION', ofGroup('SESSION', `ts, ${seconds(3)}`), { kind: 'session', gapMs: 3 }, BOTH],
  ['TUMBLE over TUMBLE', overTumble(`TUMBLE(LOWER, DESCRIPTOR(rt), ${seconds(15)})`), tumble(15), BOTH],
  ['CUMULATE over TUMBLE', overTumble(`CUMULATE(LOWER, DESCRIPTOR(rt), ${seconds(5)}, ${seconds(15)})`), { kind: 'cumulate', sizeMs: 15, stepMs: 5, offsetMs: 0 }, BOTH],
  ['legacy HOP over legacy TUMBLE', legacyOverTumble(`rt, ${seconds(5)}, ${seconds(10)}`), hop(10, 5), BOTH],
  ['two tables with different watermarks, ROLLUP', ofUnion(TUMBLE5, 'ROLLUP (k, n)'), tumble(5), ROLLUP],
  ['two tables below HOP', ofUnion(HOP12, 'k, n'), hop(12, 4, 1), BOTH],
];

interface PlacedRow extends ModelRow {
  /** Which partition of which table it comes from, where the query reads several. */
  readonly lane: number;
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
      lane: fc.nat({ max: 2 * PARTITIONS - 1 }),
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
  const sources = sourcesOf(stack.job.dataflow.plan);
  const placeOf = ({ lane }: PlacedRow): { source: number; partition: number } => ({ source: Math.floor(lane / PARTITIONS) % sources.length, partition: lane % PARTITIONS });
  for (const [place, own] of Map.groupBy(rows, (row) => JSON.stringify(placeOf(row)))) {
    const { source, partition }: ReturnType<typeof placeOf> = JSON.parse(place);
    const topic = sources[source]?.topics[0] ?? '';
    const p = partitionId(source, 0, partition);
    const next = (await writer.nextOffset(p)) ?? offset(0);
    stack.stores.source.produce(topic, own.map(({ k, n, v, t }) => JSON.stringify({ k, n, v, ts: new Date(t).toISOString().slice(0, -1) })), partition);
    const records = await stack.stores.source.fetch(topic, partition, next, 1e9);
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
