/** ORDER BY and LIMIT of jobs as they run: rows in their order, whatever is cut, fired and restored in between. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionId } from '../../lib/core/numbers.ts';
import { sourcesOf } from '../../lib/core/plan.ts';
import { COLLECTED } from '../../lib/sql/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { TestRuntime } from '../engine/stack.ts';
import { CaseWorld } from './case-world.ts';
import { plainRecord } from './sql-cases.ts';

/** Seconds of row time, and a further value. */
type Event = readonly [at: number, v: number | null];

const TABLE = `CREATE TABLE T (id INT, v INT, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'T', 'properties.bootstrap.servers' = 'memory', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'scan.watermark.emit.strategy' = 'on-event');`;

const START = new TestRuntime().wall;

/** The first column of what a query gives. Batches go to the partitions in turn; row i of all has the id i. */
async function idsOf(sql: string, batches: readonly (readonly Event[])[], { partitions = 1, restarts = false } = {}): Promise<unknown[]> {
  const { plan } = planJob([{ name: 'sql', text: TABLE + sql }], { warehouse: '/warehouse', resolvePath: (path) => path }, { collects: true });
  const world = await CaseWorld.create(plan, [{ name: 'T', partitions }]);
  let id = 0;
  for (const [i, batch] of batches.entries()) {
    const p = i % partitions;
    await world.setClock(START + 10 * (i + 1));
    const records = batch.map(([at, v]) => ({ ...plainRecord('T', JSON.stringify({ id: id++, v, ts: new Date(at * 1000).toISOString().replace('T', ' ').slice(0, 23) })), partition: p }));
    await world.take(sourcesOf(plan).length === 0 ? [] : records.map((record) => ({ p: partitionId(0, 0, p), record })));
    if (restarts) await world.restart();
  }
  // What has come in the last millisecond of processing time waits for the next one.
  await world.setClock(START + 1000);
  await world.drain();
  return world.rows(COLLECTED).map(([first]) => first);
}

/** What RowTimeSortOperator does with a watermark behind every row. */
function sortedIds(events: readonly Event[]): number[] {
  const out: number[] = [];
  let waiting: { readonly id: number; readonly at: number }[] = [];
  let [given, watermark] = [-Infinity, -Infinity];
  const advance = (to: number): void => {
    const due = waiting.filter(({ at }) => at <= to).sort((a, b) => a.at - b.at);
    waiting = waiting.filter(({ at }) => at > to);
    out.push(...due.map(({ id }) => id));
    given = Math.max(given, ...due.map(({ at }) => at));
  };
  for (const [id, [at]] of events.entries()) {
    if (at > given) waiting.push({ id, at });
    if (at - 5 > watermark) advance((watermark = at - 5));
  }
  advance(Infinity);
  return out;
}

const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constant(null)), { maxLength: 20 });

test('ORDER BY gives what Flink gives with a watermark behind every row, wherever batches and savepoints fall', async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (all, size, restarts) => {
      const batches = Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
      expect(await idsOf('SELECT id FROM T ORDER BY ts;', batches, { restarts })).toEqual(sortedIds(all));
    }),
    { numRuns: 30 },
  );
});

test('a row behind the watermark is not late until a row behind it has been given', async () => {
  // 12 moves the watermark to 7, where nothing waits: 6 and then 4 still come in their order.
  expect(await idsOf('SELECT id FROM T ORDER BY ts;', [[[12, null], [6, null], [4, null]]])).toEqual([2, 1, 0]);
  expect(await idsOf('SELECT id FROM T ORDER BY ts;', [[[6, null], [12, null], [6, null], [4, null], [7, null]]])).toEqual([0, 4, 1]);
});

const SAME: readonly Event[] = [[1, 2], [1, null], [1, 1], [0, 9], [1, 2]];

test.each([
  ['ts', [3, 0, 1, 2, 4]],
  ['ts, v', [3, 1, 2, 0, 4]],
  ['ts, v DESC', [3, 0, 4, 2, 1]],
  ['ts ASC, v NULLS LAST', [3, 2, 0, 4, 1]],
  ['ts, v DESC NULLS FIRST, id DESC', [3, 1, 4, 0, 2]],
  ['ts, v IS NULL, -v', [3, 0, 4, 2, 1]],
])('rows of an instant by further keys: ORDER BY %s', async (order, ids) => {
  expect(await idsOf(`SELECT id FROM T ORDER BY ${order};`, [SAME])).toEqual(ids);
});

test.each([
  ['SELECT id, ts FROM T ORDER BY 2, 1 DESC;', [3, 4, 2, 1, 0]],
  ['SELECT id, ts AS t FROM T ORDER BY t, id DESC;', [3, 4, 2, 1, 0]],
  ['SELECT id, v AS ts2, T.ts AS v FROM T ORDER BY v, id DESC;', [3, 4, 2, 1, 0]],
  ['SELECT * FROM T ORDER BY ts, id DESC;', [3, 4, 2, 1, 0]],
  ['WITH w AS (SELECT * FROM T ORDER BY v) SELECT id FROM w ORDER BY ts, id DESC;', [3, 4, 2, 1, 0]],
  ['CREATE VIEW w AS SELECT id, ts FROM T ORDER BY ts, id DESC; SELECT id FROM w WHERE id > 1;', [3, 4, 2]],
  ['SELECT id FROM T ORDER BY pt;', [0, 1, 2, 3, 4]],
  ['SELECT id FROM (SELECT * FROM T ORDER BY v, id);', [0, 1, 2, 3, 4]],
  ["SELECT id FROM (SELECT id, ts FROM T WHERE v > 1 UNION ALL SELECT id, ts FROM T WHERE v = 1) ORDER BY ts, id DESC;", [3, 4, 2, 0]],
  ["CREATE VIEW w AS SELECT * FROM T ORDER BY ts; SELECT SUM(id) FROM TABLE(TUMBLE(TABLE w, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY window_start, window_end;", [3, 7]],
  ["SELECT COUNT(*), window_time FROM TABLE(TUMBLE(TABLE T, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY window_start, window_end, window_time ORDER BY window_time;", [1n, 4n]],
])('%s', async (sql, ids) => {
  expect(await idsOf(sql, [SAME])).toEqual(ids);
});

test('rows in order of processing time and a further key', async () => {
  expect(await idsOf('SELECT id FROM T ORDER BY pt, v DESC;', [SAME.slice(0, 3), SAME.slice(3)])).toEqual([0, 2, 1, 3, 4]);
});

const TEN = Array.from({ length: 10 }, (_, i): Event => [i, i % 3]);

test.each([
  ['SELECT id FROM T LIMIT 3;', [0, 1, 2]],
  ['SELECT id FROM T LIMIT 3 OFFSET 4 ROWS;', [4, 5, 6]],
  ['SELECT id FROM T OFFSET 8 ROWS FETCH NEXT 5 ROWS ONLY;', [8, 9]],
  ['SELECT id FROM T FETCH FIRST 1 ROW ONLY;', [0]],
  ['SELECT id FROM T WHERE v = 1 LIMIT 2;', [1, 4]],
  ['SELECT id FROM T LIMIT 0;', []],
  ['SELECT id FROM T ORDER BY v LIMIT 0;', []],
  ['SELECT id FROM T LIMIT ALL OFFSET 0;', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['(SELECT id FROM T LIMIT 5) LIMIT 2;', [0, 1]],
  ['(SELECT id FROM T LIMIT 2) LIMIT 5;', [0, 1]],
  ['SELECT 7 FROM (SELECT * FROM T LIMIT 2 OFFSET 1);', [7, 7]],
  ['SELECT id FROM T WHERE v = 0 AND id > 3 UNION ALL (SELECT id FROM T LIMIT 1);', [0, 6, 9]],
  ['SELECT x FROM (VALUES 1, 2, 3) AS w(x) LIMIT 2;', [1, 2]],
  ['SELECT id + x FROM T CROSS JOIN UNNEST(ARRAY[0, 100]) AS u(x) LIMIT 3;', [0, 100, 1]],
  ['SELECT SUM(id) FROM (SELECT * FROM T LIMIT 4) GROUP BY v;', ['+I', '+I', '+I', '-U', '+U']],
])('%s', async (sql, ids) => {
  for (const restarts of [false, true]) expect(await idsOf(sql, [TEN.slice(0, 4), TEN.slice(4)], { restarts })).toEqual(ids);
});

test('a LIMIT counts the rows of all partitions, as they were taken in', async () => {
  const batches = [TEN.slice(0, 3), TEN.slice(3, 6), TEN.slice(6)];
  for (const restarts of [false, true]) expect(await idsOf('SELECT id FROM T LIMIT 3 OFFSET 2;', batches, { partitions: 2, restarts })).toEqual([2, 3, 4]);
});
