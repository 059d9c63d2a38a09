/** Directories of a warehouse where there are none: what is asked of S3 for them. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFile } from '../../lib/adapters/iceberg/file-io.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openWarehouse } from '../../lib/place/warehouse.ts';
import { startS3 } from '../servers/s3.ts';

async function world() {
  const s3 = await startS3();
  onTestFinished(() => s3.stop());
  s3.createBucket('lake');
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' })) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const io = openWarehouse({ 's3.endpoint': s3.endpoint, 's3.path-style-access': 'true' }, nodeRuntime);
  const put = (key: string): Promise<boolean> => createFile(io, `s3://lake/${key}`, new Uint8Array(0));
  return { s3, io, put };
}

test('one request lists them all, empty ones and full ones, and nothing but them', async () => {
  const { s3, io, put } = await world();
  for (const name of ['b', 'a', 'ä b', 'a.b']) for (const file of ['1', '2/3']) await put(`w/${name}/${file}`);
  for (const key of ['w/', 'w/file', 'w.x/y', 'v/z/1']) await put(key);
  await io.makeDirectory('s3://lake/w/empty/');
  const before = s3.listings();
  expect((await io.directories('s3://lake/w/')).toSorted()).toEqual(['a', 'a.b', 'b', 'empty', 'ä b']);
  expect(s3.listings() - before).toBe(1);
  expect(await io.directories('s3://lake/nothing/')).toEqual([]);
  expect((await io.directories('s3://lake/')).toSorted()).toEqual(['v', 'w', 'w.x']);
});

test('more than one page of them', async () => {
  const { s3, io, put } = await world();
  const names = Array.from({ length: 1001 }, (_, i) => `d${String(i).padStart(4, '0')}`);
  for (let i = 0; i < names.length; i += 50) await Promise.all(names.slice(i, i + 50).map((name) => put(`w/${name}/file`)));
  const before = s3.listings();
  expect(await io.directories('s3://lake/w/')).toEqual(names);
  expect(s3.listings() - before).toBe(2);
});
