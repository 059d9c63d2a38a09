/** Directories keep the laws of Blob. */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FileBlob } from '../../lib/adapters/file/blob.ts';
import { openDirectory } from '../../lib/place/directories.ts';
import { directoryPath } from '../../lib/adapters/file/directory.ts';
import { nodeFileCalls, type FileCalls } from '../../lib/adapters/file/durable.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { blobContract } from '../contracts/blob.ts';
import { blobUnderFaults } from '../contracts/faults/blob.ts';
import type { TwoHandles } from '../contracts/suite.ts';
import { systemError, temporaryDirectory } from './temporary.ts';

const BYTES = new TextEncoder().encode('content');
const runtime = nodeRuntime;

const blobIn = (root: string, calls: Partial<FileCalls> = {}): FileBlob => new FileBlob(root, runtime, { ...nodeFileCalls, ...calls });

/** Fails every call with this error of the system. */
const failing = (code: string) => (): never => {
  throw systemError(code);
};

const blobs = (): TwoHandles<Blob> => {
  const root = join(temporaryDirectory(), 'not', 'yet', 'there');
  return { first: blobIn(root), second: openDirectory(pathToFileURL(root).href, runtime) };
};

blobContract('file', blobs);
blobUnderFaults('file', blobs);

describe('FileBlob', () => {
  const OUTSIDE = ['../x', 'a/../../x', '/etc/x', '', 'a//b', 'a/.', '.hidden', 'a/.x.tmp', 'a\\..\\x', 'a\0'];
  test.each(OUTSIDE)('refuses the key %j', async (key) => {
    const blob = blobIn(temporaryDirectory());
    await expect(blob.put(key, BYTES)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(blob.get(key)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(blob.remove(key)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('passes over what a killed put has left, and leaves nothing itself', async () => {
    const root = temporaryDirectory();
    await fs.writeFile(join(root, '.k.0011223344556677.tmp'), 'half');
    await blobIn(root).put('k', BYTES);
    expect((await blobIn(root).list('', { after: '', limit: 10 })).map((info) => info.key)).toEqual(['k']);
    expect((await fs.readdir(root)).length).toBe(2);
  });

  test('lists folders where their keys belong, page by page, whatever their names share', async () => {
    const blob = blobIn(temporaryDirectory());
    const keys = ['a-b', 'a/b-c/d', 'a/b/c', 'a/c', 'a0/x', 'a.b/c', 'ab/c', 'b/é', 'b/z'];
    for (const key of keys) await blob.put(key, BYTES);
    for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b-', 'b/z', 'c']) {
      const wanted = keys.filter((key) => key.startsWith(prefix)).toSorted();
      for (const after of ['', ...wanted, 'a/', 'a/b', 'a0']) {
        const page = await blob.list(prefix, { after, limit: 3 });
        expect({ prefix, after, keys: page.map(({ key }) => key) }).toEqual({ prefix, after, keys: wanted.filter((key) => key > after).slice(0, 3) });
      }
    }
  });

  test('does not read a whole disk for one key', async () => {
    const blob = blobIn(temporaryDirectory());
    for (let i = 10; i < 30; i++) await blob.put(`d${i}/below/k`, BYTES);
    const readdir = vi.spyOn(fs, 'readdir');
    onTestFinished(() => readdir.mockRestore());
    expect(await blob.list('', { after: 'd20/below/k', limit: 1 })).toMatchObject([{ key: 'd21/below/k' }]);
    // The root, the two folders in which the page before ended, and the two of the key.
    expect(readdir.mock.calls.length).toBe(5);
  });

  test.each(['ENOSPC', 'EACCES', 'EROFS', 'EIO'])('%s before the link: nothing happened, no file', async (code) => {
    const root = temporaryDirectory();
    const put = blobIn(root, { open: failing(code) }).put('k', BYTES);
    await expect(put).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining(join(root, 'k')) });
    expect(await fs.readdir(root)).toEqual([]);
  });

  test.each([
    ['ENOSPC', 'no'],
    ['EIO', 'maybe'],
  ])('%s at the link: %s', async (code, happened) => {
    const root = temporaryDirectory();
    await expect(blobIn(root, { link: failing(code) }).put('k', BYTES)).rejects.toMatchObject({ code: 'STORE_FAILED', happened });
    expect(await fs.readdir(root)).toEqual([]);
  });

  test.each(['EIO', 'EACCES', 'EMFILE', 'ENOSPC'])('%s behind the link, where the name is made durable: perhaps', async (code) => {
    const root = temporaryDirectory();
    const open: FileCalls['open'] = (path, flags) => (flags === 'r' ? Promise.reject(systemError(code)) : fs.open(path, flags));
    await expect(blobIn(root, { open }).put('k', BYTES)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'maybe' });
    expect(await fs.readdir(root)).toEqual(['k']);
  });

  /** Calls of the system that `FileBlob` makes directly. */
  const OTHERS = [
    ['readFile', 'EIO', 'no', (blob: FileBlob) => blob.get('k')],
    ['readFile', 'EACCES', 'no', (blob: FileBlob) => blob.get('k')],
    ['open', 'EMFILE', 'no', (blob: FileBlob) => blob.get('k', { start: 0, end: 1 })],
    ['readdir', 'EIO', 'no', (blob: FileBlob) => blob.list('', { after: '', limit: 1 })],
    ['stat', 'EIO', 'no', (blob: FileBlob) => blob.list('', { after: '', limit: 1 })],
    ['unlink', 'EROFS', 'no', (blob: FileBlob) => blob.remove('k')],
    ['unlink', 'EIO', 'maybe', (blob: FileBlob) => blob.remove('k')],
    ['utimes', 'EROFS', 'no', (blob: FileBlob) => blob.renew('k', BYTES)],
    ['utimes', 'EIO', 'maybe', (blob: FileBlob) => blob.renew('k', BYTES)],
  ] as const;

  test.each(OTHERS)('%s fails with %s: %s', async (call, code, happened, use) => {
    const blob = blobIn(temporaryDirectory());
    await blob.put('k', BYTES);
    const original = fs[call];
    onTestFinished(() => void Object.assign(fs, { [call]: original }));
    Object.assign(fs, { [call]: () => Promise.reject(systemError(code)) });
    await expect(use(blob)).rejects.toMatchObject({ code: 'STORE_FAILED', happened, message: expect.stringContaining(blob.root) });
  });

  test('a temporary file that stays does not hide what happened', async () => {
    const root = temporaryDirectory();
    const unlink = (): Promise<never> => Promise.reject(systemError('EROFS'));
    expect(await blobIn(root, { unlink }).put('k', BYTES)).toEqual({ kind: 'created' });
    await expect(blobIn(root, { unlink, link: failing('EROFS') }).put('l', BYTES)).rejects.toMatchObject({ happened: 'no' });
  });

  test('a file where a directory should be is a StoreError with its path', async () => {
    const root = temporaryDirectory();
    await fs.writeFile(join(root, 'a'), '');
    const calls = [
      () => blobIn(root).put('a/k', BYTES),
      () => blobIn(root).get('a/k'),
      () => blobIn(join(root, 'a')).list('', { after: '', limit: 1 }),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining(root) });
    }
  });
});

describe('directoryPath', () => {
  test('takes paths and file URLs', () => {
    expect(directoryPath('/tmp/a b')).toBe('/tmp/a b');
    expect(directoryPath('a/b/')).toBe(join(process.cwd(), 'a/b'));
    expect(directoryPath('file:/tmp/x')).toBe('/tmp/x');
    expect(directoryPath('file:///tmp/a%20b/')).toBe('/tmp/a b');
    expect(directoryPath('FILE:///tmp/x')).toBe('/tmp/x');
  });

  const OTHERS = ['', 's3://bucket/x', 'hdfs:///x', 'file://host/x', 'file:x', 'file:', 'file:///%zz'];
  test.each(OTHERS)('refuses %j, and says what it takes', (url) => {
    const refused = expect.objectContaining({ code: 'OPTION_INVALID', hint: "Give a path, 'file:/path', 'file:///path' or 's3://BUCKET/PREFIX'." });
    expect(() => directoryPath(url)).toThrow(refused);
  });
});
