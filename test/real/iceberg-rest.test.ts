/**
 * Sluice with Apache Iceberg's own catalogs: the REST catalog of its test fixture keeps the laws and takes the savepoint lab, with PyIceberg reading
 * along at every step; and what Sluice's hadoop catalog writes is read, written and dropped by Iceberg's HadoopCatalog.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { IcebergCatalog } from '../../lib/adapters/iceberg/catalog.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import type { Console } from '../../lib/cli/console.ts';
import { LabRun } from '../../lib/cli/lab-run.ts';
import type { LabStep } from '../../lib/cli/lab-command.ts';
import { LAB } from '../../lib/cli/lab-steps.ts';
import { run } from '../../lib/cli/main.ts';
import { openIceberg } from '../../lib/place/iceberg.ts';
import { appending, icebergCatalogContract, NEW_TABLE } from '../contracts/iceberg-catalog.ts';
import { startIcebergRest, type RunningCatalog } from '../services/iceberg-rest.ts';
import { pyIceberg } from '../services/pyiceberg.ts';

const LAB_FILES = new URL('../../lib/cli/lab/', import.meta.url).pathname;
const PROGRAM = new URL('../../bin/sluice.ts', import.meta.url).pathname;

let dir = '';
let rest: RunningCatalog;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-iceberg-'));
  rest = await startIcebergRest({ dir: join(dir, 'rest'), warehouse: join(dir, 'warehouse'), kind: 'jdbc' });
}, 300_000);
afterAll(async () => {
  await rest.stop();
  rmSync(dir, { recursive: true, force: true });
});

const catalogAt = (uri: string): IcebergCatalog => openIceberg({ 'catalog-type': 'rest', uri }, nodeRuntime).catalog;

/** Another world for every law: its namespaces are dropped behind it. */
icebergCatalogContract('Apache Iceberg, REST', () => {
  const first = catalogAt(rest.uri);
  const close = async (): Promise<void> => {
    for (const namespace of await first.namespaces()) {
      // Snapshots of the laws have no files, which purging complains about when the table is gone.
      for (const name of await first.tables(namespace)) await first.drop({ namespace, name }).catch(() => {});
      await first.dropNamespace(namespace);
    }
  };
  return { first, second: catalogAt(rest.uri), close };
});

/** Rows of a table as PyIceberg reads it, and how many snapshots it has. */
interface Seen {
  readonly rows: readonly string[];
  readonly snapshots: number;
  readonly schema: string;
}

const READ = `
import json, sys
from pyiceberg.catalog import load_catalog
table = load_catalog("c", type="rest", uri=sys.argv[1]).load_table(sys.argv[2])
rows = sorted(" ".join(str(v) for v in row.values()) for row in table.scan().to_arrow().to_pylist())
print(json.dumps({"rows": rows, "snapshots": len(table.snapshots()), "schema": str(table.schema())}))`;

const seen = (uri: string, table: string): Promise<Seen> => pyIceberg<Seen>(READ, uri, table);

test('the savepoint lab; PyIceberg sees what each step has written', { timeout: 300_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'sluice-lab-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const catalog = join(data, 'catalog.sql');
  writeFileSync(catalog, `CREATE CATALOG IF NOT EXISTS iceberg_catalog WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${rest.uri}');`);
  const printed: string[] = [];
  const console: Console = { out: (line) => void printed.push(line), err: (line) => void printed.push(line), progress: () => {}, input: async () => null, terminal: () => null };
  const lab = new LabRun(data, console, run);
  const rowsAfter: number[] = [];
  const runner = await startRunner(data);
  for (const step of LAB) {
    expect(await lab.take(withCatalog(step, catalog), () => runner.exitCode !== null), printed.join('\n')).toBeNull();
    rowsAfter.push((await seen(rest.uri, 'demo.savepoint_test')).rows.length);
  }
  // In step 6 the job goes on, and what it reads may be there already.
  expect(rowsAfter).toEqual([0, 2, 2, 2, 2, expect.any(Number), 5, 6]);
  const { rows, snapshots, schema } = await seen(rest.uri, 'demo.savepoint_test');
  expect(rows).toEqual([
    '2025-12-30 10:00:00 2025-12-30 10:01:00 click 2',
    '2025-12-30 10:00:00 2025-12-30 10:01:00 view 1',
    '2025-12-30 10:01:00 2025-12-30 10:02:00 click 1',
    '2025-12-30 10:01:00 2025-12-30 10:02:00 purchase 1',
    '2025-12-30 10:01:00 2025-12-30 10:02:00 view 1',
    '2025-12-30 10:02:00 2025-12-30 10:03:00 click 1',
  ]);
  for (const column of ['1: window_start: optional timestamp', '2: window_end: optional timestamp', '3: event_type: optional string', '4: event_count: optional long']) expect(schema).toContain(column);
  // One for each of the three FIREs with rows, and one for each generation's fence.
  expect(snapshots).toBeGreaterThanOrEqual(3);
  expect(snapshots).toBeLessThanOrEqual(5);
});

test('a catalog that is killed and comes back: rows wait for it, and are there once', { timeout: 180_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'sluice-outage-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const catalog = join(data, 'catalog.sql');
  writeFileSync(catalog, `CREATE CATALOG iceberg_catalog WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${rest.uri}'); DROP TABLE IF EXISTS iceberg_catalog.demo.savepoint_test;`);
  const sluice = async (...words: string[]): Promise<void> => {
    const lines: string[] = [];
    expect(await run([...words, '--dir', data], { out: (line) => void lines.push(line), err: (line) => void lines.push(line), progress: () => {}, input: async () => null, terminal: () => null }), lines.join('\n')).toBe(0);
  };
  await startRunner(data);
  await sluice('topic', 'create', 'savepoint-events');
  await sluice('sql', '-i', catalog, '-f', `${LAB_FILES}1-job.sql`);
  await rest.stop('SIGKILL');
  await sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB_FILES}1-before.jsonl`);
  await sleep(5000);
  await rest.start();
  await expect.poll(async () => (await seen(rest.uri, 'demo.savepoint_test')).rows, { timeout: 90_000, interval: 2000 }).toEqual(['2025-12-30 10:00:00 2025-12-30 10:01:00 click 2', '2025-12-30 10:00:00 2025-12-30 10:01:00 view 1']);
  await rest.stop('SIGKILL');
  await sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB_FILES}2-while-stopped.jsonl`);
  await rest.start();
  await expect.poll(async () => (await seen(rest.uri, 'demo.savepoint_test')).rows.length, { timeout: 90_000, interval: 2000 }).toBe(5);
});

/** `sluice up` until the test has finished. */
async function startRunner(data: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'up', '--dir', data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await ended;
  });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return child;
}

const withCatalog = (step: LabStep, path: string): LabStep => ({
  ...step,
  commands: step.commands.map((command) => ({ ...command, type: command.type.map((word) => (word === '{0-catalog.sql}' ? path : word)) })),
});

test("Iceberg's HadoopCatalog reads, writes and drops what Sluice's hadoop catalog makes, and the other way round", { timeout: 120_000 }, async () => {
  const warehouse = join(dir, 'hadoop');
  const java = await startIcebergRest({ dir: join(dir, 'java'), warehouse, kind: 'hadoop' });
  onTestFinished(() => java.stop());
  const ours = openIceberg({ 'catalog-type': 'hadoop', warehouse }, nodeRuntime).catalog;
  const theirs = catalogAt(java.uri);
  const id = { namespace: 'demo', name: 't' };
  expect(await ours.createNamespace('demo', {})).toBe('created');
  expect((await ours.create(id, NEW_TABLE)).kind).toBe('created');
  expect(await theirs.namespaces()).toEqual(['demo']);
  expect(await theirs.tables('demo')).toEqual(['t']);

  expect(await pyIceberg<Seen>(APPEND, java.uri, 'demo.t')).toMatchObject({ rows: ['click 2', 'view 1'], snapshots: 1 });
  const table = await ours.load(id);
  if (table === null) throw new Error('the table is gone');
  expect(table.location).toBe(`file://${warehouse}/demo/t/metadata/v2.metadata.json`);
  expect((await theirs.load(id))?.metadata['current-snapshot-id']).toBe(table.metadata['current-snapshot-id']);

  // Their next version stands on ours.
  const uuid = { type: 'assert-table-uuid', uuid: table.metadata['table-uuid'] } as const;
  expect((await ours.commit(id, table, [uuid], [{ action: 'set-properties', updates: { ours: '1' } }])).kind).toBe('committed');
  const again = await theirs.load(id);
  if (again === null) throw new Error('the table is gone');
  expect(again.metadata.properties['ours']).toBe('1');
  expect((await theirs.commit(id, again, [uuid], [{ action: 'set-properties', updates: { theirs: '2' } }])).kind).toBe('committed');
  expect((await ours.load(id))?.metadata.properties).toMatchObject({ ours: '1', theirs: '2' });
  expect((await ours.commit(id, table, [uuid], appending(table, 3n).updates)).kind).toBe('conflict');
  expect(readFileSync(join(warehouse, 'demo/t/metadata/version-hint.text'), 'utf8')).toBe('4');

  await ours.drop(id);
  expect(await theirs.load(id)).toBeNull();
  expect((await theirs.create(id, NEW_TABLE)).kind).toBe('created');
  expect((await ours.load(id))?.metadata.schemas[0]?.fields).toEqual(NEW_TABLE.schema.fields);
  await ours.drop(id);
  expect(await theirs.dropNamespace('demo')).toBe('dropped');
  expect(await ours.namespaces()).toEqual([]);
});

const APPEND = `
import json, sys
import pyarrow as pa
from pyiceberg.catalog import load_catalog
table = load_catalog("c", type="rest", uri=sys.argv[1]).load_table(sys.argv[2])
schema = pa.schema([pa.field("event_type", pa.string()), pa.field("event_count", pa.int64(), nullable=False)])
table.append(pa.table({"event_type": ["click", "view"], "event_count": [2, 1]}, schema=schema))
rows = sorted(" ".join(str(v) for v in row.values()) for row in table.refresh().scan().to_arrow().to_pylist())
print(json.dumps({"rows": rows, "snapshots": len(table.snapshots()), "schema": ""}))`;
