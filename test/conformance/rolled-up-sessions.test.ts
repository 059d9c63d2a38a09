/** Grouping sets over sessions: each set has sessions of its own, over the rows of all keys that it rolls up. */
import { expect, test } from 'vitest';
import { partitionId } from '../../lib/core/numbers.ts';
import { COLLECTED } from '../../lib/sql/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { CaseWorld } from './case-world.ts';
import { plainRecord } from './sql-cases.ts';

const TABLE = `CREATE TABLE T (a STRING, b STRING, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'kafka', 'topic' = 'T', 'properties.bootstrap.servers' = 'memory', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');`;

/** By second of the row time. */
const ROWS: readonly (readonly [a: string | null, b: string, n: number, at: number])[] = [['x', 'p', 1, 1], ['y', 'p', 2, 3], ['x', 'q', 4, 5], ['x', 'p', 8, 20], [null, 'p', 16, 22]];

async function lastRows(query: string): Promise<unknown[]> {
  const { plan } = planJob([{ name: 'sql', text: `${TABLE} ${query}` }], { warehouse: '/warehouse', resolvePath: (path) => path }, { collects: true });
  const world = await CaseWorld.create(plan, [{ name: 'T', partitions: 1 }]);
  const records = ROWS.map(([a, b, n, at]) => plainRecord('T', JSON.stringify({ a, b, n, ts: `2024-01-01 00:00:${String(at).padStart(2, '0')}` })));
  await world.take(records.map((record) => ({ p: partitionId(0, 0, 0), record })));
  await world.restart();
  await world.drain();
  const given = new Map<string, readonly unknown[]>();
  for (const [kind, start, end, ...row] of world.rows(COLLECTED)) {
    const keyed = [Number(start) / 1000 % 60, Number(end) / 1000 % 60, ...row];
    if (kind === '-U') given.delete(JSON.stringify(keyed));
    else given.set(JSON.stringify(keyed), keyed);
  }
  return [...given.keys()].sort();
}

const sessions = (partition: string, sets: string, items: string): string =>
  `SELECT window_start, window_end, ${items} FROM TABLE(SESSION(TABLE T ${partition}, DESCRIPTOR(ts), INTERVAL '3' SECOND)) GROUP BY window_start, window_end, ${sets};`;

test('the sessions of what is rolled up span those of its keys', async () => {
  const rows = [[1, 4, 'x', 1, 0], [3, 6, 'y', 2, 0], [5, 8, 'x', 4, 0], [20, 23, 'x', 8, 0], [20, 25, null, 16, 0], [1, 8, null, 7, 1], [20, 25, null, 24, 1]];
  const query = sessions('PARTITION BY a', 'ROLLUP (a)', 'a, SUM(n), CAST(GROUPING(a) AS INT)');
  // Where windows are made, a key that is NULL is one with what has been rolled up.
  expect(await lastRows(query)).toEqual(rows.map((row) => JSON.stringify(row)).sort());
});

test('each of several sets has its own', async () => {
  const rows = [[1, 4, 'x', null, 1], [5, 8, 'x', null, 1], [20, 23, 'x', null, 1], [3, 6, 'y', null, 1], [22, 25, null, null, 1], [1, 6, null, 'p', 2], [20, 25, null, 'p', 2], [5, 8, null, 'q', 1]];
  const query = sessions('PARTITION BY (a, b)', 'GROUPING SETS ((a), (b))', 'a, b, CAST(COUNT(COALESCE(a, b)) AS INT)');
  expect(await lastRows(query)).toEqual(rows.map((row) => JSON.stringify(row)).sort());
});
