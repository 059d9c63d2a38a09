/** What the DynamoDB store makes of lost requests and answers, of refusals, and of what it pays. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { THROTTLED_ATTEMPTS, type Limits } from '../../lib/adapters/aws-requests.ts';
import { createTable, openDynamoStore, type DynamoStore } from '../../lib/adapters/dynamodb/index.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { StoreError } from '../../lib/core/errors.ts';
import { seq } from '../../lib/core/numbers.ts';
import type { LogItem } from '../../lib/ports/log.ts';
import { startDynalite } from '../servers/dynamodb.ts';
import { startFaulty, type Fault, type FaultyServer } from '../servers/faulty.ts';
import { freePort, useTestCredentials, type RunningServer } from '../servers/listening.ts';
import { freshAddress } from './dynamodb-laws.ts';

useTestCredentials();

let backend: RunningServer;
let server: FaultyServer;
let url: string;

beforeAll(async () => {
  backend = await startDynalite();
  server = await startFaulty(backend.endpoint);
});
afterAll(async () => {
  await server.stop();
  await backend.stop();
});
beforeEach(async () => {
  server.next();
  url = freshAddress(server.endpoint);
  await createTable(url);
});

/** Longest attempt and deadline that a test waits for. */
const LIMITS = { attempt: 150, deadline: 400 };
const KEY = { pk: 'J', sk: 'CTRL' };
/** As long as on AWS, but for the pauses of what is throttled. */
const HURRIED = { attempt: 5000, deadline: 20_000, throttled: 1 };

const item = (n: number, changes: Partial<LogItem> = {}): LogItem => ({ seq: seq(n), id: `id${n}`, body: '{}', data: null, ttl: 1, ...changes });

const error = (status: number, name: string, message = 'told by the test'): Fault => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message }),
});

function opened(address = url, limits?: Limits): DynamoStore {
  const store = openDynamoStore(address, { runtime: nodeRuntime, limits });
  onTestFinished(() => store.close());
  return store;
}

const failureOf = async (request: Promise<unknown>): Promise<StoreError> => {
  const failure: unknown = await request.then(() => null, (cause: unknown) => cause);
  if (failure instanceof StoreError) return failure;
  throw new Error(`no StoreError: ${String(failure)}`);
};

test.each<[string, Fault]>([
  ['is throttled', error(400, 'ProvisionedThroughputExceededException')],
  ['is lost on its way', 'lost-before'],
  ['fails within the server', error(500, 'InternalServerError')],
])('an append that %s is asked again', async (_what, fault) => {
  const { log } = opened();
  server.next(fault);
  expect(await log.append('L', item(0))).toEqual({ kind: 'appended' });
});

test('an append whose answer was lost meets itself', async () => {
  const { log } = opened();
  server.next('lost-after');
  expect(await log.append('L', item(0))).toEqual({ kind: 'exists', item: item(0) });
});

test('an append that may have happened in one attempt may have happened, whatever the last attempt says', async () => {
  const { log } = opened(url, HURRIED);
  server.next('lost-after', ...Array.from({ length: THROTTLED_ATTEMPTS - 1 }, () => error(400, 'ThrottlingException')));
  expect(await failureOf(log.append('L', item(0)))).toMatchObject({ happened: 'maybe' });
  expect(await log.get('L', seq(0))).toEqual(item(0));
});

test('attempts are bounded; what was throttled in all of them did not happen', async () => {
  const { log, consumed } = opened(url, HURRIED);
  server.next(...Array.from({ length: THROTTLED_ATTEMPTS }, () => error(400, 'ThrottlingException')));
  expect(await failureOf(log.append('L', item(0)))).toMatchObject({ happened: 'no', message: expect.stringContaining('ThrottlingException') });
  expect(consumed).toEqual({ reads: 0, writes: THROTTLED_ATTEMPTS, readUnits: 0, writeUnits: 0 });
  expect(await log.head('L')).toBeNull();
});

test.each<[Fault, boolean]>([
  ['lost-before', false],
  ['lost-after', true],
  [error(500, 'InternalServerError'), false],
])('a control put with a version is asked once if it may have happened: %j', async (fault, isThere) => {
  const { control, consumed } = opened();
  server.next(fault);
  expect(await failureOf(control.put(KEY, '1', 'absent'))).toMatchObject({ happened: 'maybe' });
  expect(consumed.writes).toBe(1);
  expect(await control.get(KEY)).toEqual(isThere ? { ...KEY, version: 1, body: '1' } : null);
});

test('a control put with a version that surely did not happen is asked again', async () => {
  const { control } = opened();
  server.next(error(400, 'ThrottlingException'));
  expect(await control.put(KEY, '1', 'absent')).toEqual({ kind: 'stored', version: 1 });
});

test('a hint that may have been put is put again', async () => {
  const { control } = opened();
  server.next('lost-after');
  expect(await control.put(KEY, '1', 'any')).toEqual({ kind: 'stored', version: 2 });
});

test.each<Fault>(['silent', 'silent-after', 'stalled'])('a server that is %s is given up at the deadline', async (fault) => {
  const { log } = opened(url, LIMITS);
  server.next(fault, fault, fault, fault);
  const start = performance.now();
  expect(await failureOf(log.append('L', item(0)))).toMatchObject({ happened: 'maybe', message: expect.stringContaining('no answer within') });
  expect(performance.now() - start).toBeLessThan(LIMITS.deadline + 200);
});

test('a read that fails did not happen', async () => {
  const { log, chunks } = opened(url, LIMITS);
  server.next('lost-before', 'lost-before', 'lost-before', 'lost-before');
  expect(await failureOf(log.head('L'))).toMatchObject({ happened: 'no' });
  server.next('lost-before');
  expect(await chunks.get('W', 'k')).toBeNull();
});

test('nobody listens: it did not happen, and the hint names the endpoint', async () => {
  const { log } = opened(freshAddress(`http://127.0.0.1:${await freePort()}`));
  expect(await failureOf(log.append('L', item(0)))).toMatchObject({ happened: 'no', message: expect.stringContaining('ECONNREFUSED'), hint: expect.stringContaining('endpoint') });
});

test('a table that is not there is named, with what to do', async () => {
  const { log, control } = opened(`dynamodb://missing?endpoint=${server.endpoint}&region=us-east-1`);
  for (const request of [() => log.append('L', item(0)), () => control.put(KEY, '', 'any'), () => log.head('L')]) {
    expect(await failureOf(request())).toMatchObject({
      happened: 'no',
      message: expect.stringMatching(/ResourceNotFoundException.*table 'missing' in us-east-1 at http/),
      hint: expect.stringContaining('sluice store create'),
    });
  }
});

test.each([
  [400, 'AccessDeniedException', 'allow'],
  [400, 'UnrecognizedClientException', 'credentials'],
])('%i %s is final, did not happen, and says what to do', async (status, name, hint) => {
  const { log } = opened();
  const before = server.seen;
  server.next(error(status, name, 'User x is not authorized to perform dynamodb:PutItem'));
  expect(await failureOf(log.append('L', item(0)))).toMatchObject({ happened: 'no', message: expect.stringContaining('dynamodb:PutItem'), hint: expect.stringContaining(hint) });
  expect(server.seen).toBe(before + 1);
});

test('an item above the limit of DynamoDB is refused before it is sent; one at the limit is stored', async () => {
  const { log, control } = opened();
  const before = server.seen;
  const overhead = 'pk'.length + 'L'.length + 'sk'.length + 16 + 'i'.length + 'id0'.length + 'b'.length + '{}'.length + 'ttl'.length + 21 + 'd'.length;
  const largest = 400 * 1024 - overhead;
  await expect(log.append('L', item(0, { data: new Uint8Array(largest + 1) }))).rejects.toMatchObject({ code: 'INVARIANT', message: expect.stringContaining('409601') });
  await expect(control.put(KEY, 'ä'.repeat(205_000), 'any')).rejects.toMatchObject({ code: 'INVARIANT' });
  expect(server.seen).toBe(before);
  expect(await log.append('L', item(0, { data: new Uint8Array(largest) }))).toEqual({ kind: 'appended' });
});

test('a batch costs one read of the head and one put (I-COST); units are counted', async () => {
  const { log, control, chunks, consumed } = opened();
  await log.append('L', item(0, { data: new Uint8Array(3000) }));
  expect(consumed).toEqual({ reads: 0, writes: 1, readUnits: 0, writeUnits: 3 });
  await log.head('L');
  expect(consumed).toEqual({ reads: 1, writes: 1, readUnits: 1, writeUnits: 3 });
  await control.put(KEY, '1', 'any');
  await chunks.put('W', 'k', { sha: 's', data: new Uint8Array(9000), expiresAt: 1 });
  expect(consumed).toEqual({ reads: 1, writes: 3, readUnits: 1, writeUnits: 13 });
  await chunks.get('W', 'k');
  expect(consumed).toEqual({ reads: 2, writes: 3, readUnits: 4, writeUnits: 13 });
});

test('a page of a log is one query, however long the log is, and reads little more than was asked for', async () => {
  const { log, consumed } = opened();
  for (let n = 0; n < 40; n++) await log.append('L', item(n, { data: new Uint8Array(2000) }));
  const { items, more } = await log.readAfter('L', 9, 6000);
  expect({ count: items.length, more, reads: consumed.reads }).toEqual({ count: 3, more: true, reads: 1 });
  expect(consumed.readUnits).toBeLessThanOrEqual(13);
  await log.readAfter('L', -1, 1e6);
  expect(consumed.reads).toBe(2);
});

test('entries of more than a megabyte come in several queries, none twice', async () => {
  const { log, consumed } = opened();
  for (let n = 0; n < 7; n++) await log.append('L', item(n, { data: new Uint8Array(390_000) }));
  const { items, more } = await log.readAfter('L', -1, 1e7);
  expect(items.map((found) => found.seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(more).toBe(false);
  expect(consumed.reads).toBeGreaterThan(1);
});

test('every answer tells the time of the server, a refusal too (K1)', async () => {
  const { log } = opened(`dynamodb://missing?endpoint=${server.endpoint}&region=us-east-1`);
  expect(log.serverTime).toBeNull();
  await failureOf(log.head('L'));
  expect(Math.abs((log.serverTime ?? 0) - Date.now())).toBeLessThan(2000);
});

test('createTable can be repeated, and what is in the table stays', async () => {
  const { log } = opened();
  await log.append('L', item(0));
  await createTable(url);
  expect(await log.head('L')).toEqual(item(0));
});

test('createTable refuses a table with another key', async () => {
  const client = new DynamoDBClient({ endpoint: backend.endpoint, region: 'us-east-1' });
  onTestFinished(() => client.destroy());
  await client.send(
    new CreateTableCommand({
      TableName: 'other-key',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const address = `dynamodb://other-key?endpoint=${backend.endpoint}&region=us-east-1`;
  await expect(createTable(address)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('(id S)') });
});

test.each([
  ['dynamodb:/t', 'is not the address'],
  ['s3://t', 'is not the address'],
  ['dynamodb://t/sub', 'is not the address'],
  ['dynamodb://ab', "names the table 'ab'"],
  ['dynamodb://my table', 'names the table'],
  ['dynamodb://t-1?endpont=x', "has the option 'endpont'"],
  ['dynamodb://t-1?endpoint=localhost:8000', 'no http(s) URL'],
  ['dynamodb://t-1?region=', 'without a value'],
])('%s is OPTION_INVALID, and the hint shows the form', async (address, why) => {
  const refusal = expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(why), hint: expect.stringContaining('dynamodb://TABLE') });
  expect(() => openDynamoStore(address, { runtime: nodeRuntime })).toThrow(refusal);
  await expect(createTable(address)).rejects.toEqual(refusal);
});
