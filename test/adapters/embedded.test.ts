/** The store of a laptop keeps the laws of Log, Control and Chunks, from two connections and from several processes. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedChunks } from '../../lib/adapters/embedded/chunks.ts';
import { EmbeddedControl } from '../../lib/adapters/embedded/control.ts';
import { EmbeddedLog } from '../../lib/adapters/embedded/log.ts';
import { openStore, type Store } from '../../lib/adapters/embedded/store.ts';
import { chunkKeys, sweep } from '../../lib/adapters/embedded/sweep.ts';
import { seq } from '../../lib/core/numbers.ts';
import { chunksContract } from '../contracts/chunks.ts';
import { controlContract } from '../contracts/control.ts';
import { chunksUnderFaults } from '../contracts/faults/chunks.ts';
import { controlUnderFaults } from '../contracts/faults/control.ts';
import { logUnderFaults } from '../contracts/faults/log.ts';
import { logContract } from '../contracts/log.ts';
import type { TwoHandles } from '../contracts/suite.ts';
import { temporaryDirectory } from './temporary.ts';

const twoHandles = <Port>(open: (store: Store) => Port) => (): TwoHandles<Port> => {
  const dir = temporaryDirectory();
  const stores = [openStore(dir, { create: true }), openStore(dir, { create: false })] as const;
  return { first: open(stores[0]), second: open(stores[1]), close: () => stores.forEach((store) => store.close()) };
};

const logs = twoHandles((store) => new EmbeddedLog(store));
const controls = twoHandles((store) => new EmbeddedControl(store));
const chunkStores = twoHandles((store) => new EmbeddedChunks(store));

logContract('embedded', logs);
controlContract('embedded', controls);
chunksContract('embedded', chunkStores);
logUnderFaults('embedded', logs);
controlUnderFaults('embedded', controls);
chunksUnderFaults('embedded', chunkStores);

function freshStore(dir = temporaryDirectory()): Store {
  const store = openStore(dir, { create: true });
  onTestFinished(() => store.close());
  return store;
}

const item = (n: number, data: Uint8Array | null = null) => ({ seq: seq(n), id: `id${n}`, body: '{}', data, ttl: 1 });

async function filledLog(store: Store, length: number): Promise<EmbeddedLog> {
  const log = new EmbeddedLog(store);
  for (let n = 0; n < length; n++) await log.append('L', item(n));
  return log;
}

test('what was written is there after closing and opening', async () => {
  const dir = temporaryDirectory();
  const store = freshStore(dir);
  await filledLog(store, 3);
  store.close();
  expect((await new EmbeddedLog(freshStore(dir)).head('L'))?.seq).toBe(2);
});

test('a directory without a store is FILE_UNREADABLE unless it may be created', () => {
  const dir = join(temporaryDirectory(), 'a', 'b');
  expect(() => openStore(dir, { create: false })).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  freshStore(dir);
  openStore(dir, { create: false }).close();
});

test.each([1, 3])('a store of another format, %i, is FORMAT_VERSION', (version) => {
  const dir = temporaryDirectory();
  freshStore(dir).exec(`PRAGMA user_version = ${version}`);
  expect(() => openStore(dir, { create: false })).toThrow(expect.objectContaining({ code: 'FORMAT_VERSION' }));
});

test('a file that is no database is STORE_CORRUPT', () => {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'store.db'), 'not a database, but longer than the header of one. '.repeat(20));
  expect(() => openStore(dir, { create: true })).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
});

test('locked commits all or nothing', async () => {
  const store = freshStore();
  const log = await filledLog(store, 1);
  const failing = (): never => {
    store.exec('DELETE FROM log');
    throw new Error('stop');
  };
  expect(() => store.locked(failing)).toThrow('stop');
  expect((await log.head('L'))?.seq).toBe(0);
});

test('sweep deletes below a position, and never a head', async () => {
  const store = freshStore();
  const log = await filledLog(store, 5);
  expect(sweep(store, { logs: [{ log: 'L', below: seq(3) }], chunks: [] })).toEqual({ entries: 3, chunks: 0 });
  expect((await log.readAfter('L', -1, 1e9)).items.map((found) => found.seq)).toEqual([3, 4]);
  expect(sweep(store, { logs: [{ log: 'L', below: seq(99) }, { log: 'none', below: seq(9) }], chunks: [] }).entries).toBe(1);
  expect((await log.head('L'))?.seq).toBe(4);
});

test('sweep deletes the chunks it is told', async () => {
  const store = freshStore();
  const chunks = new EmbeddedChunks(store);
  for (const key of ['b', 'a', 'c']) await chunks.put('W', key, { sha: key, data: new Uint8Array(1), expiresAt: 1 });
  expect(sweep(store, { logs: [], chunks: [{ collection: 'W', key: 'a' }, { collection: 'W', key: 'x' }] }).chunks).toBe(1);
  expect(chunkKeys(store, 'W', { after: '', limit: 10 })).toEqual(['b', 'c']);
  expect(chunkKeys(store, 'W', { after: 'b', limit: 10 })).toEqual(['c']);
});

/** Opens the store of `dir`, and adds 1 to a counter and an entry to a log 20 times, against all others. */
const CONTENDER = `
const lib = process.argv[1];
const { openStore } = await import(lib + 'adapters/embedded/store.ts');
const { EmbeddedControl } = await import(lib + 'adapters/embedded/control.ts');
const { EmbeddedLog } = await import(lib + 'adapters/embedded/log.ts');
const store = openStore(process.argv[2], { create: true });
const control = new EmbeddedControl(store);
const log = new EmbeddedLog(store);
const key = { pk: 'J', sk: 'n' };
for (let done = 0; done < 20; ) {
  const item = await control.get(key);
  const put = await control.put(key, String(Number(item?.body ?? 0) + 1), item?.version ?? 'absent');
  if (put.kind === 'stored') done++;
}
for (let done = 0; done < 20; ) {
  const next = ((await log.head('L'))?.seq ?? -1) + 1;
  const result = await log.append('L', { seq: next, id: process.pid + '.' + done, body: '{}', data: null, ttl: 1 });
  if (result.kind === 'appended') done++;
}
store.close();
`;

test('processes that create one store at the same time lose no update', async () => {
  const dir = temporaryDirectory();
  const lib = new URL('../../lib/', import.meta.url).href;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', CONTENDER, lib, dir]);
  await Promise.all(Array.from({ length: 6 }, run));
  const store = freshStore(dir);
  expect(await new EmbeddedControl(store).get({ pk: 'J', sk: 'n' })).toMatchObject({ version: 120, body: '120' });
  const { items } = await new EmbeddedLog(store).readAfter('L', -1, 1e9);
  expect(items.map((found) => found.seq)).toEqual(Array.from({ length: 120 }, (_, i) => i));
});
