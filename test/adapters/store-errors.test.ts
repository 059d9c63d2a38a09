/** Every error of a laptop's store says whether its effect may have happened: SQLite's, as they are, and the system's, simulated. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EmbeddedChunks } from '../../lib/adapters/embedded/chunks.ts';
import { EmbeddedControl } from '../../lib/adapters/embedded/control.ts';
import { EmbeddedLog } from '../../lib/adapters/embedded/log.ts';
import { EmbeddedOffsets } from '../../lib/adapters/embedded/offsets.ts';
import { sqliteError } from '../../lib/adapters/embedded/sqlite-errors.ts';
import { openStore, type Store } from '../../lib/adapters/embedded/store.ts';
import { sweep } from '../../lib/adapters/embedded/sweep.ts';
import { EmbeddedTopics } from '../../lib/adapters/embedded/topics.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { offset, seq } from '../../lib/core/numbers.ts';
import { systemError, temporaryDirectory } from './temporary.ts';

const KEY = { pk: 'J#1', sk: 'CTRL' };
const LARGE = new Uint8Array(200_000).fill(7);

function freshStore(): Store {
  const store = openStore(temporaryDirectory(), { create: true });
  onTestFinished(() => store.close());
  return store;
}

/** One call of every kind that writes. */
const WRITES: readonly [string, (store: Store) => Promise<unknown>][] = [
  ['append', (store) => new EmbeddedLog(store).append('L', { seq: seq(0), id: 'i', body: '{}', data: LARGE, ttl: 1 })],
  ['control put', (store) => new EmbeddedControl(store).put(KEY, 'x'.repeat(LARGE.length), 'absent')],
  ['control put over any', (store) => new EmbeddedControl(store).put(KEY, 'x'.repeat(LARGE.length), 'any')],
  ['chunk put', (store) => new EmbeddedChunks(store).put('W', 'k', { sha: 's', data: LARGE, expiresAt: 1 })],
  ['commit', (store) => new EmbeddedOffsets(store).commit('g'.repeat(LARGE.length), 't', 0, offset(1))],
];

describe.each(WRITES)('%s', (_, write) => {
  const refused = { name: 'StoreError', code: 'STORE_FAILED', happened: 'no' };

  /** The same call on a store that is well: there is nothing of the first one. */
  async function succeeds(store: Store): Promise<void> {
    expect(await write(store)).not.toMatchObject({ kind: expect.stringMatching(/exists|conflict/) });
  }

  test('while another process holds the lock: nothing happened', async () => {
    const store = freshStore();
    store.exec('PRAGMA busy_timeout = 20');
    const other = new DatabaseSync(store.path);
    onTestFinished(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    await expect(write(store)).rejects.toMatchObject(refused);
    other.exec('ROLLBACK');
    await succeeds(store);
  });

  test('on a full disk: nothing happened', async () => {
    const store = freshStore();
    const pages = Number(store.prepare('PRAGMA page_count').get()?.['page_count']);
    store.exec(`PRAGMA max_page_count = ${pages}`);
    await expect(write(store)).rejects.toMatchObject({ ...refused, message: expect.stringContaining('the disk is full') });
    store.exec('PRAGMA max_page_count = 1000000');
    await succeeds(store);
  });

  test('on a file that must not be written: nothing happened', async () => {
    const store = freshStore();
    store.exec('PRAGMA query_only = ON');
    await expect(write(store)).rejects.toMatchObject({ ...refused, message: expect.stringContaining('read-only') });
    store.exec('PRAGMA query_only = OFF');
    await succeeds(store);
  });

  test('on a store that was closed: nothing happened', async () => {
    const store = freshStore();
    store.close();
    await expect((async () => write(store))()).rejects.toMatchObject(refused);
  });

  test('on a damaged file: STORE_CORRUPT', async () => {
    const store = freshStore();
    await succeeds(store);
    store.close();
    const bytes = fs.readFileSync(store.path);
    fs.writeFileSync(store.path, bytes.fill(0xff, 4096));
    await expect((async () => write(reopened(store)))()).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: { path: store.path } });
  });
});

function reopened(store: Store): Store {
  const again = openStore(join(store.path, '..'), { create: false });
  onTestFinished(() => again.close());
  return again;
}

test('a sweep that meets a full or locked store has deleted nothing', async () => {
  const store = freshStore();
  const log = new EmbeddedLog(store);
  for (let n = 0; n < 3; n++) await log.append('L', { seq: seq(n), id: `${n}`, body: '{}', data: null, ttl: 1 });
  const order = { logs: [{ log: 'L', below: seq(2) }], chunks: [] };
  store.exec('PRAGMA query_only = ON');
  expect(() => sweep(store, order)).toThrow(expect.objectContaining({ code: 'STORE_FAILED', happened: 'no' }));
  store.exec('PRAGMA query_only = OFF');
  expect((await log.readAfter('L', -1, 1e9)).items).toHaveLength(3);
  expect(sweep(store, order).entries).toBe(2);
});

test('a transaction that cannot be rolled back tells its own error', () => {
  const store = freshStore();
  const failing = (): never => {
    store.close();
    throw new Error('the first error');
  };
  expect(() => store.locked(failing)).toThrow('the first error');
});

/** https://www.sqlite.org/rescode.html */
const RESULTS: readonly [string, number, 'no' | 'maybe' | 'STORE_CORRUPT'][] = [
  ['BUSY', 5, 'no'],
  ['BUSY_SNAPSHOT', 5 | (2 << 8), 'no'],
  ['LOCKED', 6, 'no'],
  ['NOMEM', 7, 'maybe'],
  ['READONLY', 8, 'no'],
  ['READONLY_DBMOVED', 8 | (4 << 8), 'no'],
  ['IOERR', 10, 'maybe'],
  ['IOERR_WRITE', 10 | (3 << 8), 'maybe'],
  ['IOERR_FSYNC', 10 | (4 << 8), 'maybe'],
  ['CORRUPT', 11, 'STORE_CORRUPT'],
  ['CORRUPT_INDEX', 11 | (3 << 8), 'STORE_CORRUPT'],
  ['FULL', 13, 'no'],
  ['CANTOPEN', 14, 'no'],
  ['PROTOCOL', 15, 'maybe'],
  ['TOOBIG', 18, 'no'],
  ['NOTADB', 26, 'STORE_CORRUPT'],
  ['one that is not known yet', 99, 'maybe'],
];

test.each(RESULTS)('SQLITE_%s (%i): %s', (_, errcode, expected) => {
  const cause = Object.assign(new Error('simulated'), { code: 'ERR_SQLITE_ERROR', errcode });
  const error = sqliteError('/data/store.db', cause);
  const told = expected === 'STORE_CORRUPT' ? { code: 'STORE_CORRUPT', kind: 'lost' } : { code: 'STORE_FAILED', happened: expected };
  expect(error).toMatchObject({ ...told, cause, details: { path: '/data/store.db', sqlite: errcode } });
});

describe('topics on a failing disk', () => {
  /** Puts a call of the system out of order from now on, for all who use it, until the test is over. */
  function fail(call: 'openSync' | 'fsyncSync' | 'closeSync' | 'mkdirSync' | 'renameSync' | 'rmSync' | 'ftruncateSync', code: string): void {
    const original = fs[call];
    const set = (value: unknown): void => {
      Object.assign(fs, { [call]: value });
      syncBuiltinESMExports();
    };
    set((): never => {
      throw systemError(code);
    });
    onTestFinished(() => set(original));
  }

  function openTopics(): { topics: EmbeddedTopics; root: string } {
    const store = freshStore();
    const dir = join(store.path, '..');
    const topics = new EmbeddedTopics({ dir, store, offsets: new EmbeddedOffsets(store), runtime: nodeRuntime });
    onTestFinished(() => topics.close());
    return { topics, root: join(dir, 'topics') };
  }

  test.each(['ENOSPC', 'EACCES', 'EROFS', 'EIO'])('%s while a topic is built: there is none', async (code) => {
    const { topics, root } = openTopics();
    await topics.createTopic('other', 1);
    fail('mkdirSync', code);
    await expect(topics.createTopic('t', 2)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining(code) });
    expect(fs.readdirSync(root)).toEqual(['other']);
  });

  test('EIO when its name is made durable: perhaps', async () => {
    const { topics, root } = openTopics();
    const { renameSync } = fs;
    Object.assign(fs, {
      renameSync: (from: string, to: string) => {
        renameSync(from, to);
        fail('fsyncSync', 'EIO');
      },
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      Object.assign(fs, { renameSync });
      syncBuiltinESMExports();
    });
    await expect(topics.createTopic('t', 2)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'maybe' });
    expect(fs.readdirSync(root)).toEqual(['t']);
  });

  test('what cannot be cleared away does not hide the error', async () => {
    const { topics } = openTopics();
    fail('renameSync', 'EROFS');
    fail('rmSync', 'EROFS');
    await expect(topics.createTopic('t', 1)).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining("create topic 't'") });
    expect(await topics.listTopics()).toEqual([]);
  });

  test.each([
    ['openSync', 'EACCES', 'no', []],
    ['openSync', 'EROFS', 'no', []],
    ['fsyncSync', 'EIO', 'maybe', ['a']],
    ['closeSync', 'EIO', 'maybe', ['a']],
  ] as const)('%s fails with %s while records are appended: %s', async (call, code, happened, records) => {
    const { topics, root } = openTopics();
    await topics.createTopic('t', 1);
    fail(call, code);
    await expect(topics.produce('t', ['a'])).rejects.toMatchObject({ code: 'STORE_FAILED', happened, message: expect.stringContaining(code) });
    expect(fs.readFileSync(join(root, 't', '0.jsonl'), 'utf8').trimEnd().split('\n').filter(Boolean)).toEqual(records);
  });

  test('a tail that cannot be cut: nothing was appended', async () => {
    const { topics, root } = openTopics();
    await topics.createTopic('t', 1);
    fs.appendFileSync(join(root, 't', '0.jsonl'), 'torn');
    fail('ftruncateSync', 'EROFS');
    await expect(topics.produce('t', ['a'])).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
    expect(fs.readFileSync(join(root, 't', '0.jsonl'), 'utf8')).toBe('torn');
  });

  test.each(['EIO', 'EACCES'])('%s on reading is a StoreError', async (code) => {
    const { topics } = openTopics();
    await topics.createTopic('t', 1);
    fail('openSync', code);
    await expect(topics.fetch('t', 0, offset(0), 10)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
    await expect(topics.topic('t')).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
  });
});
