/** Names, retries, leftovers, probes and disposal (protocol 14.1). */
import { describe, expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { StoreError } from '../../lib/core/errors.ts';
import { jobId, wallTime } from '../../lib/core/numbers.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { disposeSavepoint } from '../../lib/savepoint/dispose.ts';
import { savepointName } from '../../lib/savepoint/name.ts';
import { openSavepoint } from '../../lib/savepoint/open.ts';
import { probeDirectory } from '../../lib/savepoint/probe.ts';
import { describeSavepoint } from '../../lib/savepoint/verify.ts';
import { writeSavepoint } from '../../lib/savepoint/write.ts';
import { Disk, nameOf, ordersContent } from './fixture.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const failure = (): StoreError => new StoreError('no', { message: '/mnt/full: no space left on device' });
const namesIn = async (blob: Blob): Promise<string[]> => (await blob.list('', { after: '', limit: 1000 })).map((info) => info.key);

/** `blob`, but these calls are answered by others. */
const withCalls = (blob: Blob, calls: Partial<Blob>): Blob => ({
  put: (key, data) => blob.put(key, data),
  renew: (key, data) => blob.renew(key, data),
  get: (key, range) => blob.get(key, range),
  list: (prefix, page) => blob.list(prefix, page),
  remove: (key) => blob.remove(key),
  ...calls,
});

test('the name follows from job and trigger', () => {
  const job = jobId('3addd4'.padEnd(32, '0'));
  expect(savepointName(nodeCodec, job, 't1')).toBe(`savepoint-3addd4-${nodeCodec.sha256(`${job}:t1`).slice(0, 12)}`);
  expect(savepointName(nodeCodec, job, 't2')).not.toBe(savepointName(nodeCodec, job, 't1'));
});

describe('writing', () => {
  test('puts data files first and _metadata last', async () => {
    const disk = new Disk();
    const order: string[] = [];
    const blob = withCalls(disk.target, {
      put: (key, data) => {
        order.push(key.slice(key.indexOf('/') + 1));
        return disk.target.put(key, data);
      },
    });
    await writeSavepoint({ blob, codec: nodeCodec }, nameOf(ordersContent), ordersContent, { compression: 'gzip' });
    expect(order).toEqual([expect.stringMatching(/^orders-per-country\.acc\.0-127\.[0-9a-f]{16}\.ndjson\.gz$/), '_metadata']);
  });

  test('names a file after the hash of its bytes, and says how much there is', async () => {
    const disk = new Disk();
    const written = await disk.write(ordersContent, 'zstd');
    const files = await disk.files(ordersContent);
    for (const [name, data] of files) if (name !== '_metadata') expect(name).toContain(`.${nodeCodec.sha256(data).slice(0, 16)}.ndjson.zst`);
    expect(written).toEqual({ files: 2, bytes: [...files.values()].reduce((n, data) => n + data.length, 0) });
  });

  test('leaves no absolute path inside', async () => {
    const disk = new Disk();
    await disk.write(ordersContent);
    for (const data of (await disk.files(ordersContent)).values()) expect(new TextDecoder().decode(data)).not.toMatch(/target|\/tmp|file:|s3:/);
  });

  test('again changes nothing, even at another time and with another compression', async () => {
    const disk = new Disk();
    const written = await disk.write(ordersContent, 'gzip');
    const before = await disk.files(ordersContent);
    expect(await disk.write({ ...ordersContent, createdAt: wallTime(0) }, 'none')).toEqual(written);
    expect(await disk.files(ordersContent)).toEqual(before);
  });

  test('goes on where another executor died, and removes what that left', async () => {
    const disk = new Disk();
    await disk.write(ordersContent, 'none');
    await disk.target.remove(`${nameOf(ordersContent)}/_metadata`);
    await disk.target.put(`${nameOf(ordersContent)}/README`, bytes('mine'));
    await disk.write(ordersContent, 'gzip');
    expect([...(await disk.files(ordersContent)).keys()]).toEqual(['README', '_metadata', expect.stringMatching(/\.ndjson\.gz$/)]);
  });

  test('takes the _metadata of a faster executor for its own', async () => {
    const disk = new Disk();
    const faster = withCalls(disk.target, {
      put: async (key, data) => {
        if (key.endsWith('/_metadata')) await disk.write(ordersContent, 'gzip');
        return disk.target.put(key, data);
      },
    });
    await writeSavepoint({ blob: faster, codec: nodeCodec }, nameOf(ordersContent), ordersContent, { compression: 'none' });
    expect([...(await disk.files(ordersContent)).keys()]).toEqual(['_metadata', expect.stringMatching(/\.ndjson\.gz$/)]);
    await openSavepoint(await disk.copyOf(ordersContent), 'dir');
  });

  test('refuses to call a directory finished of which a file is gone', async () => {
    const disk = new Disk();
    await disk.write(ordersContent);
    const [, data = ''] = [...(await disk.files(ordersContent)).keys()];
    await disk.target.remove(`${nameOf(ordersContent)}/${data}`);
    await expect(disk.write(ordersContent)).rejects.toMatchObject({ code: 'SAVEPOINT_CORRUPT', message: expect.stringContaining(data) });
  });

  test('does not fail for leftovers that cannot be removed', async () => {
    const disk = new Disk();
    await disk.write(ordersContent, 'none');
    await disk.target.remove(`${nameOf(ordersContent)}/_metadata`);
    const blob = withCalls(disk.target, { remove: () => Promise.reject(failure()) });
    await writeSavepoint({ blob, codec: nodeCodec }, nameOf(ordersContent), ordersContent, { compression: 'gzip' });
    expect((await disk.files(ordersContent)).size).toBe(3);
  });

  test('that fails leaves no savepoint', async () => {
    const disk = new Disk();
    const blob = withCalls(disk.target, { put: (key, data) => (key.endsWith('_metadata') ? Promise.reject(failure()) : disk.target.put(key, data)) });
    await expect(writeSavepoint({ blob, codec: nodeCodec }, nameOf(ordersContent), ordersContent, { compression: 'none' })).rejects.toThrow('no space left');
    await expect(openSavepoint(await disk.copyOf(ordersContent), 'dir')).rejects.toMatchObject({ code: 'SAVEPOINT_NOT_FOUND' });
  });
});

test('describing reads no state file', async () => {
  const disk = new Disk();
  await disk.write(ordersContent);
  const ports = await disk.copyOf(ordersContent);
  for (const name of await namesIn(ports.blob)) if (name !== '_metadata') await ports.blob.remove(name);
  const metadata = await describeSavepoint(ports, 'dir');
  expect(metadata).toMatchObject({ job: ordersContent.job, created: '2026-11-20T10:05:01.234Z', drained: false, chunks: [{ operator: 'orders-per-country', state: 'acc', lines: 4 }] });
  expect(metadata.plan.operators[0]?.states[0]).toMatchObject({ value: [{ name: 'rows', type: 'BIGINT' }, { name: 'cnt', type: 'BIGINT' }, { name: 'sum', type: 'DECIMAL(38, 2)' }] });
});

describe('a probe', () => {
  test('leaves nothing behind', async () => {
    const { target } = new Disk();
    await probeDirectory(target, '/savepoints', 'u1');
    expect(await namesIn(target)).toEqual([]);
  });

  test('of a directory that cannot be written names it and the cause', async () => {
    const cause = failure();
    const blob = withCalls(new Disk().target, { put: () => Promise.reject(cause) });
    await expect(probeDirectory(blob, '/savepoints', 'u1')).rejects.toMatchObject({
      code: 'SAVEPOINT_UNWRITABLE',
      message: expect.stringMatching(/\/savepoints .*no space left on device/),
      hint: expect.any(String),
      cause,
    });
  });
});

describe('disposing', () => {
  test('removes _metadata first, then the files, and nothing that is not its own', async () => {
    const disk = new Disk();
    await disk.write(ordersContent, 'gzip');
    const ports = await disk.copyOf(ordersContent);
    await ports.blob.put('notes.txt', bytes('mine'));
    const order: string[] = [];
    const blob = withCalls(ports.blob, {
      remove: (key) => {
        order.push(key);
        return ports.blob.remove(key);
      },
    });
    await disposeSavepoint({ ...ports, blob }, 'dir');
    expect(order).toEqual(['_metadata', expect.stringMatching(/^orders-per-country\.acc\./)]);
    expect(await namesIn(ports.blob)).toEqual(['notes.txt']);
    await expect(disposeSavepoint(ports, 'dir')).rejects.toMatchObject({ code: 'SAVEPOINT_NOT_FOUND' });
  });

  test.each(['', '{"name":"package"}'])('refuses a directory whose _metadata is %j', async (text) => {
    const { target } = new Disk();
    await target.put('_metadata', bytes(text));
    await target.put('data.ndjson', bytes('{}'));
    await expect(disposeSavepoint({ blob: target, codec: nodeCodec }, 'dir')).rejects.toMatchObject({ code: 'SAVEPOINT_CORRUPT' });
    expect(await namesIn(target)).toEqual(['_metadata', 'data.ndjson']);
  });

  test('refuses a directory that is not a savepoint', async () => {
    const { target } = new Disk();
    await target.put('orders.acc.0-127.0123456789abcdef.ndjson', bytes('{}'));
    await expect(disposeSavepoint({ blob: target, codec: nodeCodec }, 'dir')).rejects.toMatchObject({ code: 'SAVEPOINT_NOT_FOUND' });
    expect(await namesIn(target)).toHaveLength(1);
  });
});
