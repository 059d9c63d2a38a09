/** Each server answers, in its own way and in the ways that the stores rely on, and `down` leaves nothing. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConditionalCheckFailedException, DescribeTimeToLiveCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { runningIn } from '../services/daemon.ts';
import { BUCKET, TABLE } from '../services/environment.ts';
import { isAlive } from '../services/process.ts';
import { kafkaTool, restart, servers } from './servers.ts';

const run = promisify(execFile);
const MAIN = new URL('../services/main.ts', import.meta.url).pathname;
const services = (...words: string[]): Promise<{ stdout: string; stderr: string }> => run(process.execPath, [MAIN, ...words]);

const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
afterAll(() => {
  dynamodb.destroy();
  s3.destroy();
});

test('Kafka keeps topics and records over a restart, on its port', async () => {
  await kafkaTool('topics', ['--create', '--topic', 'restarted', '--partitions', '3']);
  await kafkaTool('producer', ['--topic', 'restarted'], 'one\ntwo\n');
  const pid = (await runningIn(join(servers.dir, 'kafka')))?.pid ?? 0;
  await restart('kafka', 'SIGKILL');
  expect(isAlive(pid)).toBe(false);
  expect((await kafkaTool('topics', ['--list'])).split('\n')).toContain('restarted');
  const read = await kafkaTool('consumer', ['--topic', 'restarted', '--from-beginning', '--max-messages', '2', '--timeout-ms', '20000']);
  expect(read.trim().split('\n').sort()).toEqual(['one', 'two']);
});

test('DynamoDB returns the item that stands in the way of a conditional put', async () => {
  const put = (v: string): PutItemCommand =>
    new PutItemCommand({
      TableName: TABLE,
      Item: { pk: { S: 'services' }, sk: { S: '1' }, v: { S: v } },
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  await dynamodb.send(put('first'));
  const refused = await dynamodb.send(put('second')).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConditionalCheckFailedException);
  expect(refused).toMatchObject({ Item: { v: { S: 'first' } } });
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));
  expect(TimeToLiveDescription).toEqual({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });
});

test('S3 lets one of many racing puts with If-None-Match win', async () => {
  const puts = Array.from({ length: 20 }, (_, i) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'race', Body: String(i), IfNoneMatch: '*' })));
  const outcomes = await Promise.allSettled(puts);
  const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [String(i)] : []));
  expect(winners).toHaveLength(1);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'race' }));
  expect(await Body?.transformToString()).toBe(winners[0]);
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refusals).toHaveLength(19);
  for (const refusal of refusals) expect(refusal).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
});

test('the command starts what is asked for, finds it again, and leaves no process', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-services-'));
  try {
    const first = await services('up', '--dir', dir, '--only', 's3,dynamodb');
    expect(first.stdout).toMatch(/^export SLUICE_STORE=dynamodb:\/\/sluice$/m);
    expect(first.stdout).not.toContain('KAFKA');
    const pids = ['s3', 'dynamodb'].map((name): number => JSON.parse(readFileSync(join(dir, name, 'pid.json'), 'utf8')).pid);
    expect(pids.map(isAlive)).toEqual([true, true]);
    expect((await services('up', '--dir', dir, '--only', 's3,dynamodb')).stdout).toBe(first.stdout);
    expect((await services('status', '--dir', dir)).stdout).toBe(first.stdout);
    await services('down', '--dir', dir);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect((await services('down', '--dir', dir)).stderr).toBe('nothing runs\n');
    expect((await services('status', '--dir', dir)).stdout).toBe('');
  } finally {
    await services('down', '--dir', dir);
    rmSync(dir, { recursive: true });
  }
});
