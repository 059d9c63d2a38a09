/** The S3 blobs against the real server that AWS_ENDPOINT_URL_S3 names; `npm run test:real` starts one. */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openS3, putLifecycle } from '../../lib/adapters/s3/index.ts';
import { s3Laws } from '../adapters/s3-laws.ts';
import { required } from '../servers/listening.ts';

const endpoint = required('AWS_ENDPOINT_URL_S3', 'the endpoint of an S3 server, as `npm run services` starts it');
const bucket = `sluice-${randomBytes(6).toString('hex')}`;
const rootOf = (unique: string): string => `s3://${bucket}/${unique}?endpoint=${endpoint}&region=us-east-1`;

beforeAll(async () => {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
});

// S3 dates objects to the second.
s3Laws('S3 (real server)', rootOf, { clockMs: 1100 });

test('an object of several parts comes back whole, and is never overwritten', async () => {
  const blob = openS3(rootOf('parts'), { runtime: nodeRuntime });
  const bytes = new Uint8Array(randomBytes(20 * 1024 * 1024));
  expect(await blob.put('large', bytes)).toEqual({ kind: 'created' });
  expect(await blob.put('large', bytes.subarray(1))).toMatchObject({ kind: 'exists', info: { bytes: bytes.length } });
  expect(Buffer.compare((await blob.get('large')) ?? new Uint8Array(), bytes)).toBe(0);
  blob.close();
});

test('the lifecycle can be set again and again', async () => {
  await putLifecycle(rootOf('root'));
  await putLifecycle(rootOf('root'));
});
