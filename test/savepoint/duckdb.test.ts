/** A savepoint is read by DuckDB as it is, without the program that wrote it (protocol 14.2). */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDirectory } from '../../lib/place/directories.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { BIGINT, STRING } from '../../lib/core/types.ts';
import type { Compression } from '../../lib/ports/runtime.ts';
import type { SavepointContent } from '../../lib/savepoint/model.ts';
import { openSavepoint } from '../../lib/savepoint/open.ts';
import { writeSavepoint } from '../../lib/savepoint/write.ts';
import { column, contentOf, countAll, END, nameOf, ordersContent, windowNode } from './fixture.ts';
import { functionContent, heldColumns, processNode, stateSpec, TTL } from './functions.ts';

let root: string;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'savepoint-'));
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
});

afterAll(async () => {
  duckdb.closeSync();
  await rm(root, { recursive: true });
});

/** Writes into a directory of its own and returns the glob of the state's files. */
async function filesOf(content: SavepointContent, compression: Compression): Promise<string> {
  const target = join(root, `${content.name}-${compression}`);
  await writeSavepoint({ blob: openDirectory(target, nodeRuntime), codec: nodeCodec }, nameOf(content), content, { compression });
  return join(target, nameOf(content), `${content.operators[0]?.uid}.acc.*.ndjson*`);
}

async function query(sql: string): Promise<unknown[][]> {
  return (await duckdb.runAndReadAll(sql)).getRowsJson();
}

test.each(['none', 'gzip', 'zstd'] as const)('key, window and value are columns, compressed with %s', async (compression) => {
  const files = await filesOf(ordersContent, compression);
  expect(await query(`SELECT key.country, sum(value.rows)::BIGINT, sum(value.sum::DECIMAL(38,2)) FROM read_json('${files}') GROUP BY 1 ORDER BY 1 NULLS FIRST`)).toEqual([
    [null, '2', '99999999999999999999.99'],
    ['DE', '4', '12.50'],
    ['FR', '1', '-0.10'],
  ]);
  expect(await query(`SELECT DISTINCT window_end - window_start = INTERVAL 5 MINUTE FROM read_json('${files}')`)).toEqual([[true]]);
});

test('states of functions are read as they are: values, times and timers', async () => {
  const node = processNode('dedup', [stateSpec('seen', 'value', { ttl: TTL }), stateSpec('by-kind', 'map')]);
  const content = functionContent(node, [heldColumns(node, [['a', [[{ n: 5 }, END], [['x', 2]]], [END]], ['b', [null, [['x', 40], ['y', 3]]], [], [END + 1]]])]);
  const files = (await filesOf({ ...content, name: 'functions' }, 'gzip')).replace(/[^/]*$/, '');
  expect(await query(`SELECT key.key, value.value.n, value.time::TIMESTAMP FROM read_json('${files}dedup.seen.*')`)).toEqual([['a', '5', '2026-11-20 10:05:00']]);
  expect(await query(`SELECT sum(entry.value)::INT FROM (SELECT unnest(value) AS entry FROM read_json('${files}dedup.by-kind.*')) WHERE entry.key = 'x'`)).toEqual([[42]]);
  expect(await query(`SELECT key.key FROM read_json('${files}dedup.timers.*') WHERE value.domain = 'processing'`)).toEqual([['b']]);
});

test('a BIGINT key is exact', async () => {
  const node = windowNode([column('id', BIGINT), column('name', STRING)], [countAll]);
  const keys = ['9223372036854775807', '-9223372036854775808', 7].map((id) => JSON.stringify([id, 'ä😀']));
  const files = await filesOf({ ...contentOf(node, [{ end: END, keys, rows: [1, 2, 3], accumulators: [] }]), name: 'big' }, 'gzip');
  expect(await query(`SELECT key.id::BIGINT, key.name, value.rows FROM read_json('${files}') ORDER BY 3`)).toEqual([
    ['9223372036854775807', 'ä😀', '1'],
    ['-9223372036854775808', 'ä😀', '2'],
    ['7', 'ä😀', '3'],
  ]);
});

test('the directory can be moved: it opens from anywhere', async () => {
  const files = await filesOf({ ...ordersContent, name: 'moved' }, 'gzip');
  const directory = files.slice(0, files.lastIndexOf('/'));
  const { content } = await openSavepoint({ blob: openDirectory(directory, nodeRuntime), codec: nodeCodec }, directory);
  expect(content.name).toBe('moved');
  await expect(openSavepoint({ blob: openDirectory(join(root, 'none'), nodeRuntime), codec: nodeCodec }, 'none')).rejects.toMatchObject({ code: 'SAVEPOINT_NOT_FOUND' });
});
