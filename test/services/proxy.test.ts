/** The proxy that tests put before DynamoDB and S3: it counts, and what it breaks is broken as the clients of AWS know it. */
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHttpProxy, type HttpProxy } from '../real/proxy/http-proxy.ts';
import type { Fault } from '../real/proxy/faults.ts';

/** A server that remembers what reached it. */
let reached: string[] = [];
/** What DynamoDB says. */
let answers = '{}';
let server: Server;
let proxy: HttpProxy;
let dynamodb: DynamoDBClient;
let s3: S3Client;

beforeEach(async () => {
  reached = [];
  answers = '{}';
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => {
      reached.push(`${request.method} ${request.url} ${body}`);
      response.end(request.url === '/' ? answers : 'stored');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  proxy = await openHttpProxy(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  const access = { endpoint: proxy.url, region: 'us-east-1', maxAttempts: 1, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  dynamodb = new DynamoDBClient(access);
  s3 = new S3Client({ ...access, forcePathStyle: true });
});

afterEach(async () => {
  dynamodb.destroy();
  s3.destroy();
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

const JOB = '0123456789abcdef0123456789abcdef';
const put = (pk = `J#${JOB}#g0#P0.0.3`): Promise<unknown> => dynamodb.send(new PutItemCommand({ TableName: 't', Item: { pk: { S: pk }, sk: { S: '1' } } }));
const query = (): Promise<unknown> =>
  dynamodb.send(new QueryCommand({ TableName: 't', KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: `J#${JOB}#g0#C` } } }));
const refused = (action: Promise<unknown>): Promise<unknown> => action.then(() => 'done', (error: unknown) => error);

test('requests are counted by operation and key, without what differs from job to job', async () => {
  await put();
  await put();
  await query();
  await s3.send(new PutObjectCommand({ Bucket: 'b', Key: `platform/spill/${JOB}/7`, Body: 'x' }));
  const read = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'platform/a b' }));
  expect(await read.Body?.transformToString()).toBe('stored');
  expect(proxy.counts()).toEqual({ 'GET object platform/a b': 1, 'PUT object platform/spill/*/*': 1, 'PutItem J#*#g*#P*.*.*': 2, 'Query J#*#g*#C': 1 });
  expect(reached).toHaveLength(5);
  proxy.reset();
  expect(proxy.counts()).toEqual({});
});

test('capacity units are summed by the same names; heads and items of a job are told apart', async () => {
  answers = '{"ConsumedCapacity":{"TableName":"t","CapacityUnits":2.5},"Items":[{"b":{"S":"\\"ConsumedCapacity\\":{\\"CapacityUnits\\":9}"}}]}';
  await query();
  await query();
  await dynamodb.send(new QueryCommand({ TableName: 't', KeyConditionExpression: 'pk = :log', ExpressionAttributeValues: { ':log': { S: `J#${JOB}#g0#C` } }, ScanIndexForward: false }));
  await dynamodb.send(new PutItemCommand({ TableName: 't', Item: { pk: { S: `J#${JOB}` }, sk: { S: 'GEN#g0' } } }));
  expect(proxy.units()).toEqual({ 'PutItem J#* GEN': 2.5, 'Query J#*#g*#C': 5, 'Query newest J#*#g*#C': 2.5 });
});

const ERRORS: readonly { fault: Fault; name: string; reaches: number }[] = [
  { fault: { kind: 'throttle' }, name: 'ProvisionedThroughputExceededException', reaches: 0 },
  { fault: { kind: 'throttle', error: 'ThrottlingException' }, name: 'ThrottlingException', reaches: 0 },
  { fault: { kind: 'failure', when: 'before' }, name: 'InternalServerError', reaches: 0 },
  { fault: { kind: 'failure', when: 'after' }, name: 'InternalServerError', reaches: 1 },
];

test.each(ERRORS)('DynamoDB: $fault is $name to a client', async ({ fault, name, reaches }) => {
  proxy.inject({ fault, times: 1 });
  expect(await refused(put())).toMatchObject({ name });
  expect(reached).toHaveLength(reaches);
  expect(await refused(put())).toBe('done');
});

test('S3: throttling is SlowDown, a failure InternalError', async () => {
  const get = (): Promise<unknown> => refused(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })));
  proxy.inject({ fault: { kind: 'throttle' }, times: 1 });
  expect(await get()).toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
  proxy.inject({ fault: { kind: 'failure', when: 'before' }, times: 1 });
  expect(await get()).toMatchObject({ name: 'InternalError', $metadata: { httpStatusCode: 500 } });
  expect(reached).toEqual([]);
});

test.each([
  { when: 'before', reaches: 0 },
  { when: 'after', reaches: 1 },
] as const)('a connection that is cut $when the effect', async ({ when, reaches }) => {
  proxy.inject({ fault: { kind: 'cut', when }, times: 1 });
  expect(await refused(put())).toMatchObject({ code: 'ECONNRESET' });
  expect(reached).toHaveLength(reaches);
});

test('a rule holds for what it matches, the newest first, until it is taken away', async () => {
  const end = proxy.inject({ fault: { kind: 'throttle' }, matches: ({ operation, keys }) => operation === 'PutItem' && keys.includes('J#*#g*#P*.*.*') });
  expect(await refused(query())).toBe('done');
  expect(await refused(put('other'))).toBe('done');
  expect(await refused(put())).toMatchObject({ name: 'ProvisionedThroughputExceededException' });
  proxy.inject({ fault: { kind: 'failure', when: 'before' }, times: 1 });
  expect(await refused(put())).toMatchObject({ name: 'InternalServerError' });
  expect(await refused(put())).toMatchObject({ name: 'ProvisionedThroughputExceededException' });
  end();
  expect(await refused(put())).toBe('done');
});

test.each(['before', 'after'] as const)('a delay %s the effect', async (when) => {
  proxy.inject({ fault: { kind: 'delay', ms: 300, when }, times: 1 });
  const began = performance.now();
  const answered = put();
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(reached).toHaveLength(when === 'before' ? 0 : 1);
  await answered;
  expect(performance.now() - began).toBeGreaterThanOrEqual(299);
});

test('an outage ends what is under way, lets nothing through, and passes', async () => {
  proxy.inject({ fault: { kind: 'delay', ms: 60_000, when: 'before' }, times: 1 });
  const underWay = refused(put());
  while (Object.keys(proxy.counts()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const over = proxy.outage(200);
  expect(await underWay).toMatchObject({ code: 'ECONNRESET' });
  expect(await refused(put())).toMatchObject({ code: 'ECONNRESET' });
  expect(reached).toEqual([]);
  await over;
  expect(await refused(put())).toBe('done');
});
