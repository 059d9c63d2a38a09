/** Aggregations without a window: what is planned, and what comes out for sinks that show every change, and for those with a key. */
import { describe, expect, test } from 'vitest';
import { isKind, sinksOf, type Plan } from '../../lib/core/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { CaseWorld } from '../conformance/case-world.ts';
import { plainRecord } from '../conformance/sql-cases.ts';
import { partitionId } from '../../lib/core/numbers.ts';

const EVENTS = "CREATE TABLE events (k STRING, v INT) WITH ('connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'b:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');";
const upsert = (key: string): string =>
  `CREATE TABLE results (k STRING NOT NULL, n BIGINT, PRIMARY KEY (${key}) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'out', 'properties.bootstrap.servers' = 'b:1', 'key.format' = 'json', 'value.format' = 'json');`;
const PRINT = "CREATE TABLE results (k STRING, n BIGINT) WITH ('connector' = 'print');";

const planOf = (...statements: string[]): Plan =>
  planJob(statements.map((text, i) => ({ name: `${i}`, text })), { warehouse: '/w', resolvePath: (path) => path }, { collects: true }).plan;

const RECORDS = [['a', 1], ['b', 5], ['a', 2], ['a', null]].map(([k, v]) => plainRecord('events', JSON.stringify({ k, v })));

/** The rows of the sink after the records, which come in as batches of these sizes. */
async function rowsOf(plan: Plan, ...batches: number[]): Promise<string[]> {
  const world = await CaseWorld.create(plan, [{ name: 'events', partitions: 1 }]);
  let from = 0;
  for (const size of batches) {
    await world.take(RECORDS.slice(from, from + size).map((record) => ({ p: partitionId(0, 0, 0), record })));
    from += size;
    await world.restart();
  }
  return world.rows(sinksOf(plan)[0]?.table ?? '').map((row) => row.join(' '));
}

describe('a result that changes', () => {
  test('goes to a printed table change by change, however the records are cut, through savepoints', async () => {
    const plan = planOf(EVENTS, PRINT, 'INSERT INTO results SELECT k, SUM(v) FROM events GROUP BY k');
    const changes = ['+I a 1', '+I b 5', '-U a 1', '+U a 3'];
    expect(await rowsOf(plan, 4)).toEqual(changes);
    expect(await rowsOf(plan, 1, 1, 1, 1)).toEqual(changes);
  });

  test('is filtered change by change: a row that satisfies HAVING no longer is taken back', async () => {
    const plan = planOf(EVENTS, PRINT, 'INSERT INTO results SELECT k, COUNT(*) FROM events GROUP BY k HAVING COUNT(*) < 2');
    expect(await rowsOf(plan, 4)).toEqual(['+I a 1', '+I b 1', '-U a 1']);
  });

  test('goes to a table with a key as its newest row, once per batch', async () => {
    const plan = planOf(EVENTS, upsert('k'), "INSERT INTO results SELECT COALESCE(k, ''), COUNT(*) FROM events GROUP BY COALESCE(k, '')");
    expect(await rowsOf(plan, 4)).toEqual(['a 3', 'b 1']);
    expect(await rowsOf(plan, 2, 2)).toEqual(['a 1', 'b 1', 'a 3']);
  });

  test('needs a table whose key is what is grouped by', () => {
    const plan = (): Plan => planOf(EVENTS, upsert('k'), "INSERT INTO results SELECT 'all', COUNT(*) FROM events");
    expect(plan).toThrow(/whose PRIMARY KEY is not what the query groups by/);
  });

  test('cannot lose rows to HAVING in a table with a key', () => {
    expect(() => planOf(EVENTS, upsert('k'), "INSERT INTO results SELECT COALESCE(k, ''), COUNT(*) FROM events GROUP BY COALESCE(k, '') HAVING COUNT(*) > 1")).toThrow(/would have to be deleted/);
  });
});

test('SELECT DISTINCT gives each row once, and may be appended', async () => {
  const plan = planOf(EVENTS, "CREATE TABLE results (k STRING) WITH ('connector' = 'filesystem', 'path' = '/out', 'format' = 'json');", 'INSERT INTO results SELECT DISTINCT k FROM events');
  expect(await rowsOf(plan, 2, 2)).toEqual(['a', 'b']);
});

test('the uid of the state depends on the keys and the table, neither on aggregates nor on the sink', () => {
  const uidOf = (plan: Plan): string => plan.nodes.filter(isKind('window-aggregate')).map(({ uid }) => uid).join();
  const uid = uidOf(planOf(EVENTS, PRINT, 'INSERT INTO results SELECT k, SUM(v) FROM events GROUP BY k'));
  expect(uid).toMatch(/^unbounded-k-[0-9a-f]{12}$/);
  expect(uidOf(planOf(EVENTS, 'SELECT COUNT(*), MAX(v), k FROM events GROUP BY k'))).toBe(uid);
});

test('UNION gives each row once, also below UNION ALL', async () => {
  const files = "CREATE TABLE results (k STRING) WITH ('connector' = 'filesystem', 'path' = '/out', 'format' = 'json');";
  expect(await rowsOf(planOf(EVENTS, files, 'INSERT INTO results SELECT k FROM events UNION SELECT k FROM events'), 4)).toEqual(['a', 'b']);
  const both = await rowsOf(planOf(EVENTS, files, "INSERT INTO results (SELECT k FROM events UNION SELECT 'c' FROM events) UNION ALL SELECT 'd' FROM events WHERE k = 'b'"), 4);
  expect(both.sort()).toEqual(['a', 'b', 'c', 'd']);
});
