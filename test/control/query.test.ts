import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runQuery, withDoubleQuotes, type QueryScope } from '../../lib/control/query.ts';
import { jsonLines, resultColumn, tableauText } from '../../lib/control/table.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { DEFAULT_PARTITION } from '../../lib/core/table-files.ts';
import { openDirectory } from '../../lib/place/directories.ts';
import { BIGINT, type SqlType } from '../../lib/core/types.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-query-'));
  mkdirSync(join(dir, 'a[1]'));
  writeFileSync(join(dir, 'a[1]', 'j-g0-f1-0.ndjson'), '{"n":9007199254740993,"d":"12.50","at":"2025-12-30T10:00:00.000000","s":"x"}\n');
  writeFileSync(join(dir, 'a[1]', '.half.ndjson.tmp'), '{"n":');
  writeFileSync(join(dir, 'secret.txt'), 'secret');
  const savepoint = join(dir, 'savepoint-1');
  mkdirSync(savepoint);
  writeFileSync(join(savepoint, 'agg.acc.0-127.ab.ndjson'), '{"op":"agg","state":"acc","key":{"k":"x"},"value":{"rows":3}}\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

const decimal: SqlType = { kind: 'DECIMAL', precision: 10, scale: 2 };
const columns = [resultColumn('n', BIGINT), resultColumn('d', decimal), resultColumn('at', { kind: 'TIMESTAMP', precision: 6 }), resultColumn('s')];

const JSON_FILES = { format: { kind: 'json' }, partitionedBy: [], nullName: DEFAULT_PARTITION } as const;

const scope = (access: QueryScope['access'] = 'files'): QueryScope => ({
  databases: [{ catalog: 'lake', database: 'demo' }, { catalog: 'default_catalog', database: 'default_database' }],
  tables: [
    { catalog: 'lake', database: 'demo', name: 'clicks', columns, ...JSON_FILES, directory: `file://${join(dir, 'a[1]')}/` },
    { catalog: 'lake', database: 'demo', name: 'bare', columns, ...JSON_FILES, directory: join(dir, 'nothing') },
  ],
  current: { catalog: 'lake', database: 'demo' },
  openDirectory: (url) => openDirectory(url, nodeRuntime),
  access,
});

test('reads a table with the types of the catalog, exactly', async () => {
  const result = await runQuery('SELECT * FROM lake.demo.clicks', scope());
  expect(result.columns).toEqual(columns);
  expect(jsonLines(result)).toEqual(['{"n":9007199254740993,"d":"12.50","at":"2025-12-30T10:00:00.000000","s":"x"}']);
});

test('a missing directory is an empty table with its columns', async () => {
  const result = await runQuery('SELECT * FROM `bare` WHERE n > 1', scope());
  expect(result).toEqual({ columns, rows: [] });
});

test('a savepoint is a table function', async () => {
  for (const path of [`file:${dir}/savepoint-1`, `${dir}/savepoint-1/_metadata`]) {
    const result = await runQuery(`SELECT key.k, value.rows + 1 AS n FROM savepoint('${path}', 'agg', 'acc')`, scope());
    expect(result.rows).toEqual([['x', 4n]]);
  }
});

test('what has no type of ours is text, nested values as JSON', async () => {
  const { rows } = await runQuery("SELECT {n: 3::BIGINT, big: 9007199254740993, l: [1.5, NULL]}, INTERVAL 1 DAY, 7::UTINYINT, '{}'::JSON, '\\x00'::BLOB", scope());
  expect(rows).toEqual([['{"n":3,"big":"9007199254740993","l":["1.5",null]}', '1 day', 7, '{}', expect.objectContaining({ 0: 0, length: 1 })]]);
});

test('what DuckDB refuses is QUERY_FAILED', async () => {
  await expect(runQuery('SELEC 1', scope())).rejects.toMatchObject({ code: 'QUERY_FAILED', message: expect.stringContaining('SELEC') });
  await expect(runQuery('SELECT 1; SELECT 2', scope())).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  await expect(runQuery('SELECT * FROM nosuch', scope())).rejects.toMatchObject({ code: 'QUERY_FAILED', hint: expect.stringContaining('SHOW TABLES') });
});

test('with access to tables only, no other file can be opened', async () => {
  expect((await runQuery('SELECT n FROM clicks', scope('tables'))).rows).toHaveLength(1);
  await expect(runQuery(`SELECT * FROM read_text('${dir}/secret.txt')`, scope('tables'))).rejects.toMatchObject({ code: 'QUERY_FAILED' });
});

test('backticks become double quotes outside of strings and comments', () => {
  expect(withDoubleQuotes("SELECT `a``b`, 'it''s `c`' -- `d`\nFROM `t\"u`")).toBe('SELECT "a`b", \'it\'\'s `c`\' -- `d`\nFROM "t""u"');
});

test('a table is printed as Flink does', () => {
  const table = { columns: [resultColumn('event_type'), resultColumn('n', BIGINT)], rows: [['click', 2n], [null, 10n], ['日本', 1n]] };
  expect(tableauText(table)).toBe(
    ['+------------+----+', '| event_type |  n |', '+------------+----+', '|      click |  2 |', '|     <NULL> | 10 |', '|       日本 |  1 |', '+------------+----+', '3 rows in set'].join('\n'),
  );
  expect(tableauText({ columns: [resultColumn('a')], rows: [['x']] })).toMatch(/\n1 row in set$/);
  expect(tableauText({ columns: [resultColumn('a')], rows: [] })).toBe('Empty set');
});

test.each([
  ['SELECT range FROM range(5000)', 5000, null],
  ['SELECT range FROM range(5001)', 5000, 'the result has more than 5000 rows'],
  ["SELECT repeat('x', 1000) FROM range(400)", 400, null],
  ["SELECT repeat('x', 1000) FROM range(600)", 1000, 'the result has more than 1000000 bytes'],
])('%s, of at most %d rows and a megabyte', async (sql, rows, refusal) => {
  const table = runQuery(sql, { ...scope(), resultMax: { rows, bytes: 1_000_000 } });
  if (refusal === null) expect((await table).rows).toHaveLength(rows);
  else await expect(table).rejects.toMatchObject({ code: 'QUERY_FAILED', message: refusal, hint: expect.stringContaining('LIMIT') });
});

test('a query that takes too long is ended by its signal', async () => {
  const endless = 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3';
  const signal = AbortSignal.timeout(50);
  await expect(runQuery(endless, { ...scope(), signal })).rejects.toMatchObject({ code: 'QUERY_FAILED', message: 'the query was canceled' });
  const bounded = { ...scope(), signal: AbortSignal.timeout(50), resultMax: { rows: 10, bytes: 1000 } };
  await expect(runQuery(endless, bounded)).rejects.toMatchObject({ message: 'the query was canceled' });
  await expect(runQuery('SELECT 1', { ...scope(), signal })).rejects.toMatchObject({ message: 'the query was canceled' });
});
