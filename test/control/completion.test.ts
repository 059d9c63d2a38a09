/** Completion in a session: the names of its catalogs, those outside of the store included, as far as they answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { memoryPorts } from '../../lib/adapters/memory/index.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { SqlSession } from '../../lib/control/session.ts';
import { StoreError } from '../../lib/core/errors.ts';
import { openTables } from '../../lib/place/iceberg.ts';
import type { OpenTableCatalog } from '../../lib/ports/table-catalog.ts';

const TABLES = `CREATE CATALOG lake WITH ('type' = 'iceberg', 'catalog-type' = 'hadoop'); CREATE DATABASE lake.demo; CREATE TABLE lake.demo.people (id BIGINT, name STRING);
  CREATE TABLE pets (name STRING) WITH ('connector' = 'blackhole'); USE CATALOG lake; USE demo`;

test('tables of an Iceberg catalog have their columns, and one that does not answer has no names', async () => {
  const warehouse = mkdtempSync(join(tmpdir(), 'sluice-completion-'));
  onTestFinished(() => rmSync(warehouse, { recursive: true, force: true }));
  const workshop = { ports: memoryPorts({ runtime: nodeRuntime, codec: nodeCodec }), place: {} };
  let isUp = true;
  const openTableCatalog: OpenTableCatalog = async (options) => {
    const catalog = openTables(options, nodeRuntime);
    const databases = catalog.databases.bind(catalog);
    catalog.databases = async () => (isUp ? databases() : Promise.reject(new StoreError('no', { message: 'down' })));
    return catalog;
  };
  const session = new SqlSession({ workshop, openTableCatalog, warehouse, resolvePath: (path) => path });
  for await (const { kind } of session.run(TABLES)) expect(kind).toBe('ok');
  const at = async (marked: string): Promise<string[]> => (await session.complete(marked.replace('|', ''), marked.indexOf('|'))).candidates.map(({ text }) => text);

  expect(await at('SELECT * FROM pe|')).toEqual(['people']);
  expect(await at('SELECT na| FROM people')).toEqual(['name']);
  expect(await at('SELECT * FROM default_catalog.default_database.|')).toEqual(['pets']);
  isUp = false;
  expect(await at('SELECT * FROM pe|')).toEqual([]);
  expect(await at('SELECT * FROM default_catalog.default_database.|')).toEqual(['pets']);
});
