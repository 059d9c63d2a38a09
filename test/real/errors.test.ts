/** What users meet on real parts: each mistake is one clear error with a hint, other work goes on, and nothing is lost. */
import { createServer } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BUCKET } from '../services/environment.ts';
import { freePort } from '../services/kafka.ts';
import { administrator } from './administrator.ts';
import { openHttpProxy, type HttpProxy } from './proxy/http-proxy.ts';
import { until as untilSeen } from '../cli/shop.ts';
import { click, COUNTS, RealShop } from './real-shop.ts';
import { fresh } from './kafka-world.ts';
import { servers } from './servers.ts';

afterEach(() => void vi.unstubAllEnvs());

/** Sandboxes and consumer groups need longer than a store in this process. */
const until = <T>(look: () => Promise<T>, isSeen: (seen: T) => boolean): Promise<T> => untilSeen(look, isSeen, 60_000);

const nowhere = async (): Promise<string> => `127.0.0.1:${await freePort()}`;

async function proxyTo(target: string): Promise<HttpProxy> {
  const proxy = await openHttpProxy(target);
  onTestFinished(() => proxy.close());
  return proxy;
}

describe('parts that are not there', () => {
  test('a store that refuses connections: at once, for every command', async () => {
    const shop = new RealShop('functions');
    const endpoint = `http://${await nowhere()}`;
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', endpoint);
    for (const words of [['list'], ['up', '--once'], ['store', 'create'], ['sql', '-e', shop.job(COUNTS)]]) {
      expect(await shop.refused('STORE_FAILED', ...words)).toMatch(/ECONNREFUSED 127[^]*DynamoDB table[^]*hint: check the endpoint/);
    }
  });

  test('a table that is missing: the hint is the command that makes it, and the command does', async () => {
    const shop = new RealShop('functions');
    for (const words of [['list'], ['up', '--once']]) expect(await shop.refused('STORE_FAILED', ...words)).toMatch(/ResourceNotFoundException[^]*hint: make the table with `sluice store create`/);
    expect(await shop.sluice('store', 'create')).toMatch(/^Ready: dynamodb:/);
    expect(await shop.sluice('store', 'create')).toMatch(/^Ready: dynamodb:/);
    expect(await shop.sluice('list')).toBe('No running jobs.');
  });

  test('objects that cannot be kept: no endpoint, no bucket', async () => {
    const shop = await RealShop.open('functions');
    const missing = ['--blobs', `s3://${fresh('none')}/x`];
    for (const words of [['up', '--once'], ['store', 'create']]) expect(await shop.refused('STORE_FAILED', ...words, ...missing)).toMatch(/NoSuchBucket[^]*hint: create the bucket/);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://${await nowhere()}`);
    expect(await shop.refused('STORE_FAILED', 'up', '--once')).toMatch(/ECONNREFUSED[^]*s3:[^]*hint: check the endpoint/);
  });

  test('brokers that refuse connections, or never answer', async () => {
    const shop = await RealShop.open('functions');
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    for (const kafka of [await nowhere(), `127.0.0.1:${port}`]) {
      const { code, err } = await shop.type('topic', 'list', '--kafka', kafka);
      expect(code).toBe(1);
      expect(err).toMatch(/^\[ERROR\] STORE_FAILED: cannot list topics/);
      expect(err).toContain(kafka);
      expect(err).toMatch(/hint: Check that the brokers run/);
    }
  });

  test('brokers that refuse connections, while jobs run: told by sluice up, which goes on asking', async () => {
    const shop = await RealShop.open('functions');
    await shop.topic();
    const job = await shop.submit(shop.job(COUNTS));
    const kafka = await nowhere();
    const up = shop.spawnUp('--kafka', kafka);
    await until(async () => up.out(), (out) => new RegExp(`${job}  STORE_FAILED: topic ${shop.topicName} cannot be read: .*\n  hint: check that the brokers run`).test(out));
    expect(await up.end()).toBe(0);
  });

  test('no region, no credentials', async () => {
    const shop = await RealShop.open('functions');
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_REGION', undefined);
    expect(await shop.refused('STORE_FAILED', 'list')).toMatch(/Region is missing[^]*hint: set AWS_REGION/);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    expect(await shop.refused('STORE_FAILED', 'list')).toMatch(/CredentialsProviderError[^]*hint: check the credentials/);
  });
});

describe('no permission', () => {
  test('in DynamoDB: a submission that is refused leaves no job', async () => {
    const shop = await RealShop.open('functions');
    await shop.topic();
    const proxy = await proxyTo(servers.dynamodb);
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', proxy.url);
    proxy.inject({ fault: { kind: 'deny' }, matches: ({ operation }) => operation === 'PutItem' });
    expect(await shop.refused('STORE_FAILED', 'sql', '-e', shop.job(COUNTS))).toMatch(/AccessDeniedException: User: u is not authorized to perform[^]*hint: allow the role or user/);
    expect(await shop.sluice('list', '-a')).toBe('No running jobs.');
  });

  test('in S3: a savepoint that cannot be written leaves its job running', async () => {
    const shop = await RealShop.open('functions');
    await shop.topic();
    const job = await shop.submit(shop.job(COUNTS));
    const proxy = await proxyTo(servers.s3);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', proxy.url);
    proxy.inject({ fault: { kind: 'deny' } });
    expect(await shop.refused('SAVEPOINT_UNWRITABLE', 'savepoint', job, `s3://${BUCKET}/denied`)).toMatch(/AccessDenied[^]*hint: name another directory/);
    expect(await shop.refused('STORE_FAILED', 'up', '--once')).toMatch(/AccessDenied[^]*hint: allow the role or user/);
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING' });
  });

  test('in a function: the runner tells what its lines say, and goes on when it is allowed', async () => {
    const shop = await RealShop.open('functions');
    await shop.topic();
    const job = await shop.submit(shop.job(COUNTS));
    await shop.send([click(1), click(2), click(70)]);
    const proxy = await proxyTo(servers.dynamodb);
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', proxy.url);
    const allow = proxy.inject({ fault: { kind: 'deny' }, matches: ({ operation, keys }) => operation === 'PutItem' && keys.some((key) => key.includes('#P')) });
    const up = shop.spawnUp();
    await until(async () => up.out(), (out) => new RegExp(`${job}  ${shop.topicName}-0: STORE_FAILED: .*AccessDeniedException.*\\n  hint: allow the role or user`).test(out));
    allow();
    await until(async () => shop.lines(), (lines) => lines.some((line) => line.includes('"n":2')));
    await until(async () => up.out(), (out) => out.includes(`${shop.topicName}-0: goes on`));
    expect(await up.end()).toBe(0);
  });
});

describe('topics', () => {
  test('one that is missing: how to make it, or which one was meant', async () => {
    const shop = await RealShop.open('functions');
    expect(await shop.refused('TOPIC_UNKNOWN', 'sql', '-e', shop.job(COUNTS))).toContain(shop.topicName);
    await shop.topic();
    await shop.refused('TOPIC_UNKNOWN', 'topic', 'consume', fresh('none'));
    await shop.refused('TOPIC_EXISTS', 'topic', 'create', shop.topicName);
    await shop.refused('OPTION_INVALID', 'topic', 'create', 'no name');
    await shop.refused('TOPIC_UNKNOWN', 'topic', 'delete', fresh('none'));
    expect(await shop.sluice('topic', 'delete', shop.topicName)).toBe(`Deleted topic ${shop.topicName}.`);
    expect(await shop.sluice('topic', 'list')).not.toContain(shop.topicName);
  });

  test.each(['functions', 'pollers'] as const)('one that is created again while its job is stopped: the offsets mean nothing, with %s', async (mode) => {
    const shop = await RealShop.open(mode);
    await shop.topic();
    const job = await shop.submit(shop.job(COUNTS));
    await shop.send([click(1), click(2)]);
    await shop.upToEnd();
    await shop.sluice('topic', 'delete', shop.topicName);
    await shop.topic();
    await shop.send([click(3), click(4), click(5)]);
    const { out, err, code } = await shop.upOnce();
    expect([code, err]).toEqual([1, expect.stringMatching(/\[ERROR\] TOPIC_RECREATED[^]*hint: submit the job again/)]);
    expect(out).toContain(`${shop.topicName}-0: TOPIC_RECREATED`);
    for (const text of [await shop.sluice('list'), await shop.sluice('describe', job)]) expect(text).toMatch(/TOPIC_RECREATED: .*deleted and created again/);
    expect((await shop.describe(job)).state?.sources[0]?.partitions).toMatchObject([{ next: 2 }]);
    await shop.sluice('cancel', job);
    expect(await shop.refused('TOPIC_RECREATED', 'resume', job)).toContain(shop.topicName);
  });

  test.each(['functions', 'pollers'] as const)('one that is created again while its job runs, with %s', async (mode) => {
    const shop = await RealShop.open(mode);
    await shop.topic();
    const job = await shop.submit(shop.job(COUNTS));
    const up = shop.spawnUp();
    await shop.send([click(1), click(2)]);
    await until(async () => shop.describe(job), ({ state }) => state?.sources[0]?.partitions[0]?.next === 2);
    await shop.sluice('topic', 'delete', shop.topicName);
    await shop.topic();
    await shop.send([click(3)]);
    await until(async () => shop.describe(job), ({ recordErrors }) => recordErrors.some(({ code }) => code === 'TOPIC_RECREATED'));
    expect((await shop.describe(job)).state?.sources[0]?.partitions).toMatchObject([{ next: 2 }]);
    expect(await up.end()).toBe(0);
  });

  test.each([['FAIL', 2], ['CONTINUE', 5]] as const)('records that were removed before they were read, with data-loss-policy %s', async (policy, next) => {
    const shop = await RealShop.open('functions');
    await shop.topic();
    const job = await shop.submit(shop.job({ ...COUNTS, set: `SET 'sluice.data-loss-policy' = '${policy}';` }));
    await shop.send([click(1), click(2)]);
    await shop.upToEnd();
    await shop.send([click(3), click(4), click(5)]);
    await removeBefore(shop.topicName, 4);
    const { err } = await shop.upOnce();
    if (policy === 'FAIL') {
      expect(err).toMatch(/\[ERROR\] OFFSET_GAP[^]*hint: /);
      expect(await shop.sluice('describe', job)).toMatch(/OFFSET_GAP/);
    } else {
      expect(err).toBe('');
      expect(await shop.sluice('describe', job)).toContain('Lost: 2 offsets');
    }
    expect((await shop.describe(job)).state?.sources[0]?.partitions).toMatchObject([{ next }]);
  });

  test('a malformed record: its partition waits, the others go on; behind its end it goes on, or with a corrected job', async () => {
    const shop = await RealShop.open('functions');
    await shop.topic(2);
    const job = await shop.submit(shop.job(COUNTS));
    await shop.send([click(1), '{"type": "cl', click(2)], 0);
    await shop.send([click(1, 'view'), click(2, 'view')], 1);
    const at = `${shop.topicName}-0 at offset 1: RECORD_MALFORMED`;
    const { err, out } = await shop.upOnce();
    expect(err).toMatch(/\[ERROR\] RECORD_MALFORMED[^]*hint: .*'json.ignore-parse-errors' = 'true'/);
    expect(out).toContain(`${shop.topicName}-0: RECORD_MALFORMED`);
    for (const text of [await shop.sluice('list'), await shop.sluice('describe', job)]) expect(text).toContain(at);
    expect((await shop.describe(job)).state?.sources[0]?.partitions).toMatchObject([{ next: 1 }, { next: 2, lag: 0 }]);

    await shop.sluice('cancel', job);
    const corrected = shop.job({ ...COUNTS, options: { 'json.ignore-parse-errors': 'true' } });
    await shop.sluice('resume', job, '-f', shop.file('new.sql', corrected));
    await shop.upToEnd();
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', recordErrors: [] });
    await shop.sluice('stop', job, '--drain', '-p', `s3://${BUCKET}/${shop.topicName}/savepoints`);
    expect(shop.lines().map((line) => JSON.parse(line))).toMatchObject([{ type: 'click', n: 2 }, { type: 'view', n: 2 }]);
  });

  test('a malformed record that the topic has removed since: the partition goes on with data-loss-policy CONTINUE', async () => {
    const shop = await RealShop.open('functions');
    await shop.topic();
    const job = await shop.submit(shop.job({ ...COUNTS, set: "SET 'sluice.data-loss-policy' = 'CONTINUE';" }));
    await shop.send([click(1), '{"type": "cl', click(2)], 0);
    expect((await shop.upOnce()).err).toContain('RECORD_MALFORMED');
    await removeBefore(shop.topicName, 2);
    await shop.upToEnd();
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', recordErrors: [], state: { sources: [{ partitions: [{ next: 3, lost: 1 }] }] } });
  });
});

/** As retention does. */
async function removeBefore(topic: string, offset: number): Promise<void> {
  const admin = await administrator();
  await admin.fetchTopicOffsets(topic); // loads what the next call needs
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
}
