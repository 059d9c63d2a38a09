/** Short texts that mean large plans: they are planned, or refused with what to do. Without a bound, none of these would end. */
import { describe, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { planScript } from '../../lib/sql/plan-script.ts';

const TABLES = `
  CREATE TABLE t (id INT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
    WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
  CREATE TABLE sink (n BIGINT) WITH ('connector' = 'blackhole');
`;

const planOf = (script: string): Plan => planScript(TABLES + script, { warehouse: '/w', resolvePath: (path) => path });

function refusalOf(script: string): { readonly code: string; readonly said: string; readonly line: unknown } {
  try {
    planOf(script);
  } catch (error) {
    if (isError(error)) return { code: error.code, said: `${error.message} ${error.hint}`, line: error.details['line'] };
    throw error;
  }
  throw new Error('accepted');
}

const nested = (levels: number, first: string, around: (query: string) => string): string => (levels === 0 ? first : around(nested(levels - 1, first, around)));
const doubled = (levels: number): string => nested(levels, 'SELECT id AS x FROM t', (query) => `SELECT x + x AS x FROM (${query})`);
const many = (count: number, each: (i: number) => string, between: string): string => Array.from({ length: count }, (_, i) => each(i)).join(between);
const above = (i: number): string => (i === 0 ? 't' : `v${i - 1}`);
const views = (count: number, each: (below: string) => string): string => many(count, (i) => `CREATE VIEW v${i} AS ${each(above(i))};`, '\n');
const common = (count: number, each: (below: string) => string): string => `WITH ${many(count, (i) => `v${i} AS (${each(above(i))})`, ', ')} SELECT id FROM v${count - 1}`;

test('what is used twice is planned as often as it is used', () => {
  const [calc] = planOf(`INSERT INTO sink ${doubled(10)}`).nodes.filter(({ kind }) => kind === 'calc');
  expect(JSON.stringify(calc).match(/"op":"column"/g)).toHaveLength(2 ** 10);
  const twice = (below: string): string => `SELECT id FROM ${below} UNION ALL SELECT id FROM ${below}`;
  expect(planOf(`${views(5, twice)} INSERT INTO sink SELECT id FROM v4`).nodes.filter(({ kind }) => kind === 'union')).toHaveLength(2 ** 5 - 1);
});

describe.each([
  ['subqueries', `INSERT INTO sink ${doubled(23)}`, 'expressions consist of more than 200000'],
  ['many subqueries', `INSERT INTO sink ${doubled(190)}`, 'expressions consist of more than 200000'],
  ['CASE', `INSERT INTO sink SELECT ${nested(90, 'id', (e) => `CASE ${e} WHEN 1 THEN 1 WHEN 2 THEN 3 ELSE 4 END`)} FROM t`, 'expressions consist of more than 200000'],
  ['views that add', `${views(40, (below) => `SELECT id + id AS id FROM ${below}`)}`, 'expressions consist of more than 200000'],
  ['views that unite', views(40, (below) => `SELECT * FROM ${below} UNION ALL SELECT * FROM ${below}`), 'A query of more than 1000 operators'],
  ['WITH that unites', `INSERT INTO sink ${common(40, (below) => `SELECT * FROM ${below} UNION ALL SELECT * FROM ${below}`)}`, 'A query of more than 1000 operators'],
  ['views of views', views(53, (below) => `SELECT id FROM ${below}`), 'Views over views, deeper than 50 levels'],
  ['a statement set', `CREATE VIEW v AS ${doubled(14)}; EXECUTE STATEMENT SET BEGIN ${many(50, () => 'INSERT INTO sink SELECT x FROM v;', '')} END`, 'expressions consist of more than 200000'],
  ['keys', `INSERT INTO sink SELECT COUNT(*) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), ${many(1001, (i) => `id + ${i}`, ', ')}`, 'An aggregation of more than 1000 keys'],
  ['aggregates', `INSERT INTO sink SELECT ${many(1001, (i) => `SUM(id + ${i})`, ', ')} FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)`, 'An aggregation of more than 1000 aggregates'],
])('%s', (_, script, message) => {
  test('too many are refused, with the place', () => {
    const { code, said, line } = refusalOf(script);
    expect(code).toBe('SQL_UNSUPPORTED');
    expect(said).toContain(message);
    expect(line).toEqual(expect.any(Number));
  });
});

test('names of aggregates do not grow with the aggregations below', () => {
  const windows = "SELECT window_start, window_end, id AS x FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))";
  const sums = nested(40, windows, (query) => `SELECT window_start, window_end, SUM(x) + SUM(x) AS x FROM (${query}) GROUP BY window_start, window_end`);
  const plan = planOf(`INSERT INTO sink SELECT x FROM (${sums})`);
  const names = plan.nodes.flatMap((node) => (node.kind === 'window-aggregate' ? node.aggregates.map(({ name }) => name) : []));
  expect(new Set(names).size).toBe(40);
  expect(Math.max(...names.map((name) => name.length))).toBeLessThan(11_000);
});
