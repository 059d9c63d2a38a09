/** A directory keeps the laws of IcebergCatalog, on a disk and in a store of objects; its files are those of Iceberg's HadoopCatalog. */
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { IcebergCatalog, LoadedTable } from '../../lib/adapters/iceberg/catalog.ts';
import type { WarehouseIO } from '../../lib/adapters/iceberg/file-io.ts';
import { HadoopCatalog } from '../../lib/adapters/iceberg/hadoop-catalog.ts';
import { KeyIO } from '../../lib/adapters/iceberg/key-io.ts';
import { VersionFiles } from '../../lib/adapters/iceberg/version-files.ts';
import { MemoryBlob } from '../../lib/adapters/memory/blob.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { wallTime } from '../../lib/core/numbers.ts';
import { openWarehouse, warehouseOf } from '../../lib/place/warehouse.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { appending, icebergCatalogContract, NEW_TABLE } from '../contracts/iceberg-catalog.ts';
import { temporaryDirectory } from './temporary.ts';

const runtime = nodeRuntime;
const ID = { namespace: 'demo', name: 't' };

const onDisk = (root: string): IcebergCatalog => new HadoopCatalog({ warehouse: warehouseOf(root).location, io: openWarehouse({}, runtime), runtime });

icebergCatalogContract('hadoop on a disk', () => {
  const root = join(temporaryDirectory(), '.hidden', 'ware house');
  return { first: onDisk(root), second: onDisk(`file:${root}`) };
});

icebergCatalogContract('hadoop in a store of objects', () => {
  const blob = new MemoryBlob(runtime);
  const open = (): IcebergCatalog => new HadoopCatalog({ warehouse: 's3://b/w', io: new KeyIO((location) => ({ blob, key: location.slice('s3://b/'.length) })), runtime });
  return { first: open(), second: open() };
});

async function created(catalog: IcebergCatalog) {
  const made = await catalog.create(ID, NEW_TABLE);
  if (made.kind !== 'created') throw new Error('exists');
  return made.table;
}

async function appended(catalog: IcebergCatalog, id: bigint): Promise<void> {
  const base = await catalog.load(ID);
  if (base === null) throw new Error('gone');
  const { requirements, updates } = appending(base, id);
  expect((await catalog.commit(ID, base, requirements, updates)).kind).toBe('committed');
}

describe('the files of a hadoop catalog', () => {
  test('are those that Iceberg writes', async () => {
    const root = temporaryDirectory();
    const catalog = onDisk(root);
    await created(catalog);
    await appended(catalog, 5n);
    const metadata = join(root, 'demo', 't', 'metadata');
    expect(fs.readdirSync(metadata).toSorted()).toEqual(['v1.metadata.json', 'v2.metadata.json', 'version-hint.text']);
    expect(fs.readFileSync(join(metadata, 'version-hint.text'), 'utf8')).toBe('2');
    const written = JSON.parse(fs.readFileSync(join(metadata, 'v2.metadata.json'), 'utf8'));
    expect(written).toMatchObject({ 'format-version': 2, location: `file://${root}/demo/t`, 'current-snapshot-id': 5, refs: { main: { 'snapshot-id': 5, type: 'branch' } } });
    expect(written['metadata-log']).toEqual([{ 'timestamp-ms': expect.any(Number), 'metadata-file': `file://${root}/demo/t/metadata/v1.metadata.json` }]);
    expect(written['table-uuid']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test.each(['missing', 'old', 'of a version that is gone', 'no number'])('are read whatever the hint says: %s', async (hint) => {
    const root = temporaryDirectory();
    const catalog = onDisk(root);
    await created(catalog);
    for (const id of [1n, 2n, 3n]) await appended(catalog, id);
    const path = join(root, 'demo', 't', 'metadata', 'version-hint.text');
    if (hint === 'missing') fs.rmSync(path);
    else fs.writeFileSync(path, { old: '1', 'no number': 'v4\n' }[hint] ?? '17');
    expect((await onDisk(root).load(ID))?.metadata['current-snapshot-id']).toBe(3n);
    await appended(onDisk(root), 4n);
    expect(fs.readFileSync(path, 'utf8')).toBe('5');
  });

  test('a base whose successor has been cleaned away is no base to commit on', async () => {
    const root = temporaryDirectory();
    const catalog = onDisk(root);
    const base = await created(catalog);
    for (const id of [1n, 2n, 3n]) await appended(catalog, id);
    fs.rmSync(join(root, 'demo', 't', 'metadata', 'v2.metadata.json'));
    const { requirements, updates } = appending(base, 9n);
    expect(await catalog.commit(ID, base, requirements, updates)).toEqual({ kind: 'conflict' });
    expect(fs.existsSync(join(root, 'demo', 't', 'metadata', 'v2.metadata.json'))).toBe(false);
  });

  test('a base that has been cleaned away is no base either, whatever the hint says', async () => {
    const root = temporaryDirectory();
    const catalog = onDisk(root);
    const base = await created(catalog);
    for (const id of [1n, 2n]) await appended(catalog, id);
    for (const name of ['v1.metadata.json', 'v2.metadata.json', 'version-hint.text']) fs.rmSync(join(root, 'demo', 't', 'metadata', name));
    const { requirements, updates } = appending(base, 9n);
    expect(await catalog.commit(ID, base, requirements, updates)).toEqual({ kind: 'conflict' });
    expect((await catalog.load(ID))?.metadata['current-snapshot-id']).toBe(2n);
  });

  const HOUR_MS = 3_600_000;
  const REMOVING = { 'write.metadata.delete-after-commit.enabled': 'true', 'write.metadata.previous-versions-max': '2' };
  const filesOf = (root: string): string[] => fs.readdirSync(join(root, 'demo', 't', 'metadata')).toSorted();

  /** A catalog whose clock stands still. */
  const atTime = (root: string, now: number, io: WarehouseIO = openWarehouse({}, runtime)): IcebergCatalog =>
    new HadoopCatalog({ warehouse: warehouseOf(root).location, io, runtime: { ...runtime, now: () => wallTime(now) } });

  /** A table that removes old versions, at version 2. */
  async function removing(catalog: IcebergCatalog): Promise<LoadedTable> {
    const result = await catalog.commit(ID, await created(catalog), [], [{ action: 'set-properties', updates: REMOVING }]);
    if (result.kind !== 'committed') throw new Error('conflict');
    return result.table;
  }

  /** Commits from version `from` on, each an hour behind the one before. */
  async function hourly(root: string, from: number, ids: readonly bigint[]): Promise<void> {
    for (const [i, id] of ids.entries()) await appended(atTime(root, (from + i) * HOUR_MS), id);
  }

  test('old versions go if the table says so', async () => {
    const root = temporaryDirectory();
    await removing(atTime(root, HOUR_MS));
    await hourly(root, 2, [1n, 2n, 3n, 4n]);
    expect(filesOf(root)).toEqual(['v4.metadata.json', 'v5.metadata.json', 'v6.metadata.json', 'version-hint.text']);
    expect((await onDisk(root).load(ID))?.metadata.snapshots).toHaveLength(4);
  });

  test('old versions of a table that was made here go after ten, unless it was asked for otherwise', async () => {
    const root = temporaryDirectory();
    await created(atTime(root, HOUR_MS));
    await hourly(root, 2, Array.from({ length: 14 }, (_, i) => BigInt(i + 1)));
    expect(filesOf(root)).toHaveLength(12);
    const kept = await onDisk(root).create({ ...ID, name: 'u' }, { ...NEW_TABLE, properties: { 'write.metadata.delete-after-commit.enabled': 'false' } });
    expect(kept).toMatchObject({ table: { metadata: { properties: { 'write.metadata.delete-after-commit.enabled': 'false' } } } });
  });

  test('they go an hour after they were made: by then nobody commits on them any more', async () => {
    const root = temporaryDirectory();
    await removing(atTime(root, HOUR_MS));
    for (const id of [1n, 2n, 3n, 4n]) await appended(atTime(root, HOUR_MS), id);
    expect(filesOf(root)).toHaveLength(7);
    await appended(atTime(root, 2 * HOUR_MS + 10), 5n);
    expect(filesOf(root)).toEqual(['v5.metadata.json', 'v6.metadata.json', 'v7.metadata.json', 'version-hint.text']);
  });

  /** Runs `meanwhile` once, right in front of the creation of a version: the writer sleeps there. */
  function sleeping(meanwhile: () => Promise<void>): WarehouseIO {
    const io = openWarehouse({}, runtime);
    let isAwake = false;
    const blobOf = (blob: Blob): Blob =>
      new Proxy(blob, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== 'function') return member;
          return async (...args: unknown[]): Promise<unknown> => {
            if (name === 'put' && !isAwake && String(args[0]).endsWith('.metadata.json')) {
              isAwake = true;
              await meanwhile();
            }
            return Reflect.apply(member, target, args);
          };
        },
      });
    return {
      at: (location) => ({ ...io.at(location), blob: blobOf(io.at(location).blob) }),
      directories: (location) => io.directories(location),
      makeDirectory: (location) => io.makeDirectory(location),
      removeDirectory: (location) => io.removeDirectory(location),
    };
  }

  test('a version whose name became free while its writer slept is withdrawn', async () => {
    const root = temporaryDirectory();
    const base = await removing(atTime(root, HOUR_MS));
    const old = atTime(root, HOUR_MS, sleeping(() => hourly(root, 2, [1n, 2n, 3n, 4n, 5n])));
    const { requirements, updates } = appending(base, 9n);
    expect(await old.commit(ID, base, requirements, updates)).toEqual({ kind: 'conflict' });
    expect(filesOf(root)).toEqual(['v5.metadata.json', 'v6.metadata.json', 'v7.metadata.json', 'version-hint.text']);
    expect(fs.readFileSync(join(root, 'demo', 't', 'metadata', 'version-hint.text'), 'utf8')).toBe('7');
    expect((await onDisk(root).load(ID))?.metadata.snapshots.map((snapshot) => snapshot['snapshot-id'])).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  test('a table that was dropped while a writer slept: nobody knows what became of the commit', async () => {
    const root = temporaryDirectory();
    const base = await created(onDisk(root));
    const old = atTime(root, HOUR_MS, sleeping(() => onDisk(root).drop(ID)));
    const { requirements, updates } = appending(base, 9n);
    await expect(old.commit(ID, base, requirements, updates)).rejects.toMatchObject({ happened: 'maybe' });
  });

  test('a table that is made while another one under its name has lost its first version exists', async () => {
    const root = temporaryDirectory();
    const late = atTime(root, HOUR_MS, sleeping(async () => {
      await removing(atTime(root, HOUR_MS));
      await hourly(root, 2, [1n, 2n, 3n]);
    }));
    expect(await late.create(ID, NEW_TABLE)).toEqual({ kind: 'exists' });
    expect(filesOf(root)).toEqual(['v3.metadata.json', 'v4.metadata.json', 'v5.metadata.json', 'version-hint.text']);
    expect((await onDisk(root).load(ID))?.metadata.snapshots).toHaveLength(3);
  });

  test('the hint is not put back to an older version', async () => {
    const root = temporaryDirectory();
    await created(onDisk(root));
    for (const id of [1n, 2n]) await appended(onDisk(root), id);
    const hint = join(root, 'demo', 't', 'metadata', 'version-hint.text');
    const versions = new VersionFiles(openWarehouse({}, runtime), `${warehouseOf(root).location}/demo/t/metadata/`);
    await versions.leaveHint(2);
    expect(fs.readFileSync(hint, 'utf8')).toBe('3');
  });

  test('a commit asks for the same number of files, however many there are', async () => {
    let calls = 0;
    const blob = new MemoryBlob(runtime);
    const counted = new Proxy(blob, { get: (target, name) => { const member = Reflect.get(target, name); calls++; return typeof member === 'function' ? member.bind(target) : member; } });
    const catalog = new HadoopCatalog({ warehouse: 's3://b/w', io: new KeyIO((location) => ({ blob: counted, key: location.slice('s3://b/'.length) })), runtime });
    await created(catalog);
    const costs: number[] = [];
    for (let id = 1n; id <= 12n; id++) {
      calls = 0;
      await appended(catalog, id);
      costs.push(calls);
    }
    // Load: hint, version, the one behind it. Commit: hint, base, the new version, base; then the hint is read, removed and written.
    expect(costs).toEqual(costs.map(() => 10));
  });

  test('a writer that is not ours is seen', async () => {
    const root = temporaryDirectory();
    const catalog = onDisk(root);
    const base = await created(catalog);
    const path = (version: number): string => join(root, 'demo', 't', 'metadata', `v${version}.metadata.json`);
    fs.writeFileSync(path(2), fs.readFileSync(path(1), 'utf8').replace('"properties":{', '"properties":{"foreign":"yes",'));
    const { requirements, updates } = appending(base, 1n);
    expect(await catalog.commit(ID, base, requirements, updates)).toEqual({ kind: 'conflict' });
    expect((await catalog.load(ID))?.metadata.properties['foreign']).toBe('yes');
  });

  test('of versions and kinds that Sluice does not write are refused', async () => {
    const root = temporaryDirectory();
    const catalog = onDisk(root);
    await created(catalog);
    const directory = join(root, 'demo', 't', 'metadata');
    fs.writeFileSync(join(directory, 'v2.metadata.json'), fs.readFileSync(join(directory, 'v1.metadata.json'), 'utf8').replace('"format-version":2', '"format-version":3'));
    await expect(catalog.load(ID)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('format version 3') });
    fs.rmSync(join(directory, 'v2.metadata.json'));
    const base = await catalog.load(ID);
    if (base === null) throw new Error('gone');
    fs.writeFileSync(join(directory, 'v2.gz.metadata.json'), 'x');
    fs.writeFileSync(join(directory, 'version-hint.text'), '2');
    await expect(catalog.commit(ID, base, [], [])).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(catalog.load(ID)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('compressed') });
    fs.rmSync(join(directory, 'v2.gz.metadata.json'));
    fs.writeFileSync(join(directory, 'v2.metadata.json'), '{"half');
    await expect(catalog.load(ID)).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining('v2.metadata.json') });
  });

  test('drop takes data, and the hidden files that Java leaves', async () => {
    const root = temporaryDirectory();
    const catalog = onDisk(root);
    await created(catalog);
    fs.mkdirSync(join(root, 'demo', 't', 'data', 'p=1'), { recursive: true });
    fs.writeFileSync(join(root, 'demo', 't', 'data', 'p=1', 'f.parquet'), 'x');
    fs.writeFileSync(join(root, 'demo', 't', 'metadata', '.v1.metadata.json.crc'), 'x');
    await catalog.drop(ID);
    expect(fs.readdirSync(join(root, 'demo'))).toEqual([]);
    expect(await catalog.namespaces()).toEqual(['demo']);
  });

  test.each(['a/b', '..', '.hidden', '', 'a*'])('no database is called %j', async (namespace) => {
    await expect(onDisk(temporaryDirectory()).createNamespace(namespace, {})).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('a database has no properties', async () => {
    await expect(onDisk(temporaryDirectory()).createNamespace('d', { comment: 'x' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

describe('warehouseOf', () => {
  test.each([
    ['/w/', 'file:///w'],
    ['file:/w/x', 'file:///w/x'],
    ['file:///w', 'file:///w'],
    ['s3a://b/w/', 's3://b/w'],
    ['s3://b', 's3://b'],
    ['s3://b?endpoint=http://h:1', 's3://b'],
  ])('%s', (url, location) => {
    expect(warehouseOf(url).location).toBe(location);
  });

  test('reads where S3 is', () => {
    expect(warehouseOf('s3://b/w?endpoint=http://h:1&region=eu&path-style=true').options).toEqual({ 's3.endpoint': 'http://h:1', 'client.region': 'eu', 's3.path-style-access': 'true' });
  });

  test.each(['hdfs://n/w', 'w', 'file://host/w'])('refuses %s', (url) => {
    expect(() => warehouseOf(url)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});
