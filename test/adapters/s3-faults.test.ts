/** What the S3 blobs make of lost requests and answers, of refusals, damage and large objects. */
import { GetBucketLifecycleConfigurationCommand, PutBucketLifecycleConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { THROTTLED_ATTEMPTS, type Limits } from '../../lib/adapters/aws-requests.ts';
import { openS3, putLifecycle, type S3Blob } from '../../lib/adapters/s3/index.ts';
import { startFaulty, type Fault, type FaultyServer } from '../servers/faulty.ts';
import { freePort, useTestCredentials } from '../servers/listening.ts';
import { startS3, type S3Server } from '../servers/s3.ts';

useTestCredentials();

let backend: S3Server;
let server: FaultyServer;
beforeAll(async () => {
  backend = await startS3();
  backend.createBucket('bucket');
  server = await startFaulty(backend.endpoint);
});
afterAll(async () => {
  await server.stop();
  await backend.stop();
});
beforeEach(() => server.next());

const LIMITS = { attempt: 150, deadline: 400 };
const TRANSFER = 1100;
/** As long as on AWS, but for the pauses of what is throttled. */
const HURRIED = { attempt: 5000, deadline: 20_000, throttled: 1 };
const LARGE = 20 * 1024 * 1024;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const error = (status: number, code: string): Fault => ({ status, body: `<Error><Code>${code}</Code><Message>told by the test</Message></Error>` });
const addressOf = (path: string, endpoint = server.endpoint): string => `s3://${path}?endpoint=${endpoint}&region=us-east-1`;

/** A root of its own. */
function opened(address = addressOf(`bucket/${nodeRuntime.randomHex(8)}`), limits?: Limits): S3Blob {
  const blob = openS3(address, { runtime: nodeRuntime, limits });
  onTestFinished(() => blob.close());
  return blob;
}

test.each<[string, Fault]>([
  ['slowed down', error(503, 'SlowDown')],
  ['in conflict with another one', error(409, 'ConditionalRequestConflict')],
  ['lost on its way', 'lost-before'],
])('a put that is %s is asked again', async (_what, fault) => {
  const blob = opened();
  server.next(fault);
  expect(await blob.put('k', text('v'))).toEqual({ kind: 'created' });
  expect(Buffer.from((await blob.get('k')) ?? []).toString()).toBe('v');
});

test('a put whose answer was lost finds itself', async () => {
  const blob = opened();
  server.next('lost-after');
  expect(await blob.put('k', text('v'))).toMatchObject({ kind: 'exists', info: { key: 'k', bytes: 1 } });
});

test('a put that may have happened in one attempt may have happened; one that was slowed down in all of them did not', async () => {
  const blob = opened(undefined, HURRIED);
  const slow = Array.from({ length: THROTTLED_ATTEMPTS }, () => error(503, 'SlowDown'));
  server.next(...slow);
  await expect(blob.put('k', text('v'))).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
  server.next('lost-after', ...slow.slice(1));
  await expect(blob.put('k', text('v'))).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'maybe' });
});

test.each<Fault>(['silent', 'stalled'])('a server that is %j is given up at the deadline', async (fault) => {
  const blob = opened(undefined, LIMITS);
  await blob.put('k', new Uint8Array(100_000));
  server.next(fault, fault, fault, fault);
  const start = performance.now();
  await expect(blob.get('k', { start: 0, end: 100_000 })).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining('no answer within') });
  expect(performance.now() - start).toBeLessThan(LIMITS.deadline + TRANSFER);
});

test('a damaged object is STORE_CORRUPT', async () => {
  const root = nodeRuntime.randomHex(8);
  const blob = opened(addressOf(`bucket/${root}`));
  await blob.put('k', text('value'));
  backend.damage('bucket', `${root}/k`);
  await expect(blob.get('k')).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining('k does not match its checksum') });
});

test('a bucket that is not there is named, with what to do', async () => {
  const blob = opened(addressOf('missing/root'));
  for (const request of [() => blob.put('k', text('v')), () => blob.get('k'), () => blob.list('', { after: '', limit: 1 })]) {
    await expect(request()).rejects.toMatchObject({
      happened: 'no',
      message: expect.stringMatching(/NoSuchBucket.*s3:\/\/missing\/root\/ at http/),
      hint: expect.stringContaining('create the bucket'),
    });
  }
});

test.each([
  [403, 'AccessDenied', 'allow'],
  [403, 'InvalidAccessKeyId', 'credentials'],
  [301, 'PermanentRedirect', 'region'],
])('%i %s is final, did not happen, and says what to do', async (status, code, hint) => {
  const blob = opened();
  const before = server.seen;
  server.next(error(status, code));
  await expect(blob.put('k', text('v'))).rejects.toMatchObject({ happened: 'no', message: expect.stringContaining(code), hint: expect.stringContaining(hint) });
  expect(server.seen).toBe(before + 1);
});

test('nobody listens: it did not happen, and the hint names the endpoint', async () => {
  const blob = opened(addressOf('bucket/root', `http://127.0.0.1:${await freePort()}`));
  await expect(blob.put('k', text('v'))).rejects.toMatchObject({ happened: 'no', message: expect.stringContaining('ECONNREFUSED'), hint: expect.stringContaining('endpoint') });
});

test('an object of several parts comes back whole, in ranges too, and is never overwritten', async () => {
  const blob = opened();
  const bytes = new Uint8Array(randomBytes(LARGE));
  expect(await blob.put('k', bytes)).toEqual({ kind: 'created' });
  expect(await blob.put('k', bytes.subarray(1))).toMatchObject({ kind: 'exists', info: { bytes: LARGE } });
  expect(Buffer.compare((await blob.get('k')) ?? text(''), bytes)).toBe(0);
  expect(Buffer.compare((await blob.get('k', { start: 8_388_600, end: 8_388_620 })) ?? text(''), bytes.subarray(8_388_600, 8_388_620))).toBe(0);
  await blob.renew('k', bytes);
  expect(backend.uploads()).toBe(0);
});

test.each<[string, Fault[]]>([
  ['in its first request', ['none', error(403, 'AccessDenied')]],
  ['in a part', ['none', 'none', 'none', error(403, 'AccessDenied')]],
  ['at its completion', ['none', 'none', 'none', 'none', 'none', error(403, 'AccessDenied')]],
])('an upload that fails %s is aborted, and nothing is there', async (_when, faults) => {
  const blob = opened();
  server.next(...faults);
  await expect(blob.put('k', new Uint8Array(LARGE))).rejects.toMatchObject({ happened: 'no', message: expect.stringContaining('AccessDenied') });
  expect(backend.uploads()).toBe(0);
  expect(await blob.get('k')).toBeNull();
});

test('of two uploads of one object one wins, and the other one leaves no parts', async () => {
  const blob = opened();
  const results = await Promise.all([1, 2].map((n) => blob.put('k', new Uint8Array(LARGE).fill(n))));
  const winner = results.findIndex((result) => result.kind === 'created') + 1;
  expect(results.map((result) => result.kind).toSorted()).toEqual(['created', 'exists']);
  expect((await blob.get('k'))?.every((byte) => byte === winner)).toBe(true);
  expect(backend.uploads()).toBe(0);
});

test('a listing of more than a page of S3 is whole', async () => {
  const blob = opened(addressOf(`bucket/${nodeRuntime.randomHex(8)}`, backend.endpoint));
  const keys = Array.from({ length: 1005 }, (_, n) => `k${String(n).padStart(4, '0')}`);
  for (let n = 0; n < keys.length; n += 50) await Promise.all(keys.slice(n, n + 50).map((key) => blob.put(key, text(key))));
  expect((await blob.list('', { after: '', limit: 2000 })).map((info) => info.key)).toEqual(keys);
  expect(await blob.list('', { after: 'k0001', limit: 1 })).toMatchObject([{ key: 'k0002', bytes: 5 }]);
});

test('the root is the prefix, with or without a slash, in every scheme; its folder object is no key', async () => {
  const root = `bucket/${nodeRuntime.randomHex(8)}`;
  await opened(addressOf(root)).put('a/b', text('v'));
  for (const scheme of ['s3', 's3a', 's3p']) {
    const blob = opened(addressOf(`${root}/`).replace('s3:', `${scheme}:`));
    expect((await blob.list('', { after: '', limit: 9 })).map((info) => info.key)).toEqual(['a/b']);
  }
  await opened(addressOf('bucket')).put(`${root.slice('bucket/'.length)}/`, text(''));
  expect((await opened(addressOf(root)).list('', { after: '', limit: 9 })).map((info) => info.key)).toEqual(['a/b']);
});

test('the lifecycle covers the prefixes of the protocol, and keeps the rules of others', async () => {
  const client = new S3Client({ endpoint: backend.endpoint, region: 'us-east-1', forcePathStyle: true });
  onTestFinished(() => client.destroy());
  const other = { ID: 'other', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 3 } } as const;
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'bucket', LifecycleConfiguration: { Rules: [other] } }));
  for (let n = 0; n < 2; n++) await putLifecycle(addressOf('bucket/root'));
  const { Rules = [] } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: 'bucket' }));
  expect(Rules.map((rule) => [rule.Filter?.Prefix, rule.Expiration?.Days])).toEqual([
    ['logs/', 3],
    ['root/spill/', 30],
    ['root/res/', 30],
    ['root/chunks/', 30],
    ['root/', undefined],
  ]);
});

test.each([
  ['gs://bucket/x', 'is not the address'],
  ['s3:/bucket', 'is not the address'],
  ['s3://Bucket/x', "names the bucket 'Bucket'"],
  ['s3:///x', "names the bucket ''"],
  ['s3://bucket--use1-az4--x-s3/x', 'directory bucket'],
  ['s3://bucket/x?path_style=true', "has the option 'path_style'"],
  ['s3://bucket/x?path-style=yes', 'neither true nor false'],
  ['s3://bucket/x?endpoint=minio:9000', 'no http(s) URL'],
])('%s is OPTION_INVALID, and the hint shows the form', async (address, why) => {
  const refusal = expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(why), hint: expect.stringContaining('s3://BUCKET') });
  expect(() => openS3(address, { runtime: nodeRuntime })).toThrow(refusal);
  await expect(putLifecycle(address)).rejects.toEqual(refusal);
});
