/** Aggregates against DuckDB, where the two mean the same: SQL text, plan, writers and firers over random rows of several partitions. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConformanceCase } from './case.ts';
import { runCase } from './run-case.ts';
import { plainRecord } from './sql-cases.ts';

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run('CREATE TABLE r (p INT, id INT, k VARCHAR, i INT, l BIGINT, f DOUBLE, g DECIMAL(10,2), s VARCHAR, b BOOLEAN, ts TIMESTAMP)');
});

afterAll(() => duckdb.closeSync());

/** An expression, and what it is in DuckDB where that differs. Sums are within their types: Flink's wrap, DuckDB's grow. */
const ITEMS: readonly (readonly [flink: string, duckdb?: string])[] = [
  ['COUNT(*)'],
  ['COUNT(i)'],
  ['COUNT(DISTINCT s)'],
  ['COUNT(DISTINCT g) FILTER (WHERE b)'],
  ['COUNT(*) FILTER (WHERE i > 0 OR s IS NULL)'],
  ['SUM(i)'],
  ['SUM(l) FILTER (WHERE b)'],
  ['SUM(DISTINCT i)'],
  ['SUM(g)'],
  ['SUM(DISTINCT g) FILTER (WHERE i > 0)'],
  ['AVG(i)', 'trunc(SUM(i) / COUNT(i))'],
  ['AVG(g)', 'round(SUM(g)::DECIMAL(18,2) / COUNT(g), 6)::DECIMAL(18,6)'],
  ['MIN(s)'],
  ['MAX(s)'],
  ['MIN(g)'],
  ['MAX(l)'],
  ['MIN(f)'],
  ['MAX(f) FILTER (WHERE NOT b)'],
  ['PERCENTILE(i, 0.5)', 'quantile_cont(i, 0.5)'],
  ["LISTAGG(s, '|')", "string_agg(s, '|' ORDER BY p, id)"],
  ['FIRST_VALUE(i)', 'first(i ORDER BY p, id) FILTER (WHERE i IS NOT NULL)'],
  ['LAST_VALUE(s)', 'last(s ORDER BY p, id) FILTER (WHERE s IS NOT NULL)'],
];

const half = fc.integer({ min: -8, max: 8 }).map((n) => n / 2);
const rows = fc.array(
  fc.record({
    p: fc.constantFrom(0, 1, 2),
    k: fc.option(fc.constantFrom('x', 'y'), { freq: 5 }),
    i: fc.option(fc.integer({ min: -9, max: 9 }), { freq: 4 }),
    l: fc.option(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), { freq: 4 }),
    f: fc.option(half, { freq: 4 }),
    g: fc.option(fc.integer({ min: -999, max: 999 }).map((n) => (n / 100).toFixed(2)), { freq: 4 }),
    s: fc.option(fc.constantFrom('a', 'B', '', 'é', 'ab'), { freq: 4 }),
    b: fc.option(fc.boolean(), { freq: 4 }),
    second: fc.nat(39),
  }),
  { minLength: 1, maxLength: 40 },
);

type TestRow = (typeof rows extends fc.Arbitrary<infer R> ? R : never)[number];

const DDL = `CREATE TABLE r (id INT, k STRING, i INT, l BIGINT, f DOUBLE, g DECIMAL(10,2), s STRING, b BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '60' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'r', 'properties.bootstrap.servers' = 'memory', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601')`;

const timeOf = ({ second }: TestRow): string => `2024-05-05T00:00:${String(second).padStart(2, '0')}`;

function caseOf(list: readonly TestRow[]): ConformanceCase {
  const sql = `SELECT k, window_start, ${ITEMS.map(([item], i) => `${item} AS a${i}`).join(', ')} FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, k`;
  const records = list.map((row, id) => {
    const { p, second: _, g, ...values } = row;
    return { ...plainRecord('r', JSON.stringify({ id, ...values, g: g === null ? null : Number(g), ts: timeOf(row) })), partition: p };
  });
  return {
    name: 'oracle',
    category: 'aggregates',
    settings: {},
    scripts: [{ name: 'ddl', text: DDL }, { name: 'sql', text: sql }],
    topics: [{ name: 'r', partitions: 3 }],
    steps: [{ kind: 'records', records }],
    expected: { kind: 'tables', tables: [], drains: true },
    lacks: null,
  };
}

/** A value as text, whichever of the two has written it. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  const number = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return typeof value === 'number' || typeof value === 'bigint' || !Number.isNaN(number) ? String(Number(value)) : String(value);
}

const literal = (value: string | number | boolean | null): string => (typeof value === 'string' ? `'${value}'` : String(value));

async function duckdbRows(list: readonly TestRow[]): Promise<string[]> {
  await duckdb.run('DELETE FROM r');
  const tuples = list.map((row, id) => `(${[row.p, id, row.k, row.i, row.l, row.f, row.g, row.s, row.b, timeOf(row)].map(literal).join(', ')})`);
  await duckdb.run(`INSERT INTO r VALUES ${tuples.join(', ')}`);
  const items = ITEMS.map(([flink, own]) => own ?? flink).join(', ');
  const result = await duckdb.runAndReadAll(`SELECT k, epoch_ms(time_bucket(INTERVAL '10 seconds', ts)), ${items} FROM r GROUP BY ALL`.replace('GROUP BY ALL', 'GROUP BY 1, 2'));
  return result.getRowsJson().map((row) => row.map(textOf).join(' · ')).sort();
}

async function ownRows(list: readonly TestRow[]): Promise<string[]> {
  const outcome = await runCase(caseOf(list));
  if (outcome.kind !== 'tables') throw new Error(`the query ran to nothing: ${JSON.stringify(outcome)}`);
  const [table] = outcome.tables;
  const scaleOf = (i: number): number => {
    const type = table?.columns[i]?.type;
    return type?.kind === 'DECIMAL' ? 10 ** type.scale : 1;
  };
  return (table?.rows ?? []).map((row) => row.map((value, i) => (value !== null && scaleOf(i) > 1 ? textOf(Number(value) / scaleOf(i)) : textOf(value))).join(' · ')).sort();
}

test('give what DuckDB gives', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (list) => {
      expect(await ownRows(list)).toEqual(await duckdbRows(list));
    }),
    { numRuns: 25 },
  );
});
