/** `sluice doctor`: each failure is provoked, and what is well is said to be. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createTable } from '../../lib/adapters/dynamodb/index.ts';
import { memoryPorts } from '../../lib/adapters/memory/index.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openS3, putLifecycle } from '../../lib/adapters/s3/index.ts';
import { clockFinding } from '../../lib/cli/doctor/clock.ts';
import { spaceFinding } from '../../lib/cli/doctor/directory.ts';
import { examine } from '../../lib/cli/doctor/examine.ts';
import { ok, type Finding } from '../../lib/cli/doctor/finding.ts';
import { jobsFinding, plansOf } from '../../lib/cli/doctor/jobs.ts';
import { kafka } from '../../lib/cli/doctor/kafka.ts';
import { restPort, versions } from '../../lib/cli/doctor/machine.ts';
import { functionsFinding } from '../../lib/cli/doctor/stack.ts';
import { tableFindings } from '../../lib/cli/doctor/table.ts';
import { storeOperations } from '../../lib/control/operations.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import { wallTime } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { VERSION } from '../../lib/core/version.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { startDynalite } from '../servers/dynamodb.ts';
import { freePort } from '../servers/listening.ts';
import { startS3, type S3Server } from '../servers/s3.ts';
import { command, place, submitLab, type Outcome } from './sluice.ts';
import { openStackWorld, useCloud } from './stack.ts';

const findingsIn = ({ out }: Outcome): Finding[] => out.split('\n').map((line): Finding => JSON.parse(line));
const of = (outcome: Outcome, what: string): Finding | undefined => findingsIn(outcome).find((finding) => finding.what === what);

/** DynamoDB and S3 of this process, which clients find by the environment. */
async function shared(): Promise<{ readonly urls: string[]; readonly store: string; readonly blobs: string; readonly s3: S3Server }> {
  const [tables, s3] = [await startDynalite(), await startS3()];
  onTestFinished(async () => void (await Promise.all([tables.stop(), s3.stop()])));
  useCloud('http://127.0.0.1:9');
  const [store, blobs] = [`dynamodb://jobs?endpoint=${tables.endpoint}`, `s3://objects/sluice?endpoint=${s3.endpoint}`];
  return { urls: ['--store', store, '--blobs', blobs], store, blobs, s3 };
}

test('a laptop on which all is well', async () => {
  const { dir, sluice } = place();
  await submitLab(sluice);
  const { code, out } = await sluice('doctor', '--rest-port', String(await freePort()));
  expect(code).toBe(0);
  expect(out).toMatch(/^ok {4}sluice {14}version \d+\.\d+\.\d+\nok {4}node {16}version .*\nok {4}port \d+ +free for `sluice up`\n/);
  // A disk that is busy with other tests is one to warn of.
  expect(out).toMatch(new RegExp(`^(ok    data directory      ${dir} can be written; an fsync takes|WARN  data directory      an fsync in ${dir} takes)`, 'm'));
  expect(out).toContain('ok    store               answers; it has one job');
  expect(readdirSync(dir).filter((name) => name.includes('doctor'))).toEqual([]);
});

test('a data directory is not made', async () => {
  const { dir, sluice } = place();
  const outcome = await sluice('doctor', '--json');
  expect(of(outcome, 'data directory')).toMatchObject({ state: 'ok', why: `${dir} is not there yet; the first command that needs it makes it` });
  expect(readdirSync(join(dir, '..'))).toEqual([]);
});

test('a data directory that cannot be written, or is none', async () => {
  const { file } = place();
  const outcome = await command(['--dir', '/proc/sluice', 'doctor', '--json']);
  expect(outcome.code).toBe(1);
  expect(of(outcome, 'data directory')).toMatchObject({ state: 'fail', why: expect.stringContaining('/proc cannot be written'), mend: expect.stringContaining('--dir') });
  expect(of(await command(['--dir', file('data', ''), 'doctor', '--json']), 'data directory')).toMatchObject({ state: 'fail', why: expect.stringContaining('is no directory') });
});

test('a store that is damaged', async () => {
  const { dir, sluice } = place();
  await submitLab(sluice);
  writeFileSync(join(dir, 'store.db'), 'this is no database at all, whatever it is called'.repeat(100));
  const outcome = await sluice('doctor', '--json');
  expect(outcome.code).toBe(1);
  expect(of(outcome, 'store')).toMatchObject({ state: 'fail', mend: expect.any(String) });
});

test('jobs that run are found among many that have ended', async () => {
  const ports = memoryPorts({ runtime: nodeRuntime, codec: nodeCodec });
  ports.source.recreate('events', 1);
  const operations = storeOperations({ ports, place: {}, portsFor: () => ports });
  const create = (plan: Plan) => operations.create(plan, { savepoint: null, allowNonRestored: false });
  for (let i = 0; i < 40; i++) await operations.cancel(await create(labPlan({ path: '/nowhere' })));
  for (let i = 0; i < 3; i++) await create({ ...labPlan({ path: '/nowhere' }), builtBy: '0.0.1' });
  expect(await plansOf(ports)).toHaveLength(3);
  expect(await jobsFinding(ports)).toMatchObject({ what: 'store', state: 'warn', why: expect.stringContaining('was bundled by Sluice 0.0.1') });
});

test.each([
  { bytes: 5e9, state: 'ok' },
  { bytes: 5e8, state: 'warn' },
  { bytes: 5e7, state: 'fail' },
])('$bytes bytes free: $state', ({ bytes, state }) => expect(spaceFinding(bytes).state).toBe(state));

test('an old Node', async () => {
  expect(await examine([versions('22.12.0')])).toMatchObject([{ state: 'ok' }, { state: 'fail', why: 'version 22.12.0 is too old', mend: 'install Node.js 22.13 or newer' }]);
  expect(await examine([versions('24.0.0')])).toMatchObject([{ state: 'ok' }, { state: 'ok' }]);
});

test.each([
  { answer: '{"flink-revision":"sluice"}', state: 'ok', why: 'served by Sluice' },
  { answer: '{"flink-revision":"abc"}', state: 'warn', why: 'taken by a JobManager of Flink' },
  { answer: '<html>', state: 'warn', why: 'taken by another program' },
])('a port that is taken: $why', async ({ answer, state, why }) => {
  const server = createServer((_, response) => void response.end(answer)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  expect(await examine([restPort(address.port)])).toMatchObject([{ state, why: expect.stringContaining(why) }]);
});

test.each([
  { skew: 0, state: 'ok' },
  { skew: 1900, state: 'ok' }, // a header has whole seconds
  { skew: 2500, state: 'warn' },
  { skew: -1500, state: 'warn' },
  { skew: 302_000, state: 'fail' },
  { skew: -301_000, state: 'fail' },
])('a clock that is off by $skew ms: $state', ({ skew, state }) => expect(clockFinding(1_800_000_000_000 + skew, 1_800_000_000_000)).toMatchObject({ state }));

test('no Kafka', async () => {
  const { sluice } = place();
  const outcome = await sluice('doctor', '--kafka', `127.0.0.1:${await freePort()}`, '--json');
  expect(outcome.code).toBe(1);
  expect(of(outcome, 'kafka')).toMatchObject({ state: 'fail', why: expect.stringMatching(/^127\.0\.0\.1:\d+: nothing listens there$/), mend: expect.stringContaining('--kafka') });
  expect(of(await sluice('doctor', '--kafka', 'no-such-host.invalid:9092', '--json'), 'kafka')).toMatchObject({ state: 'fail', why: expect.stringContaining('no-such-host.invalid:9092') });
});

test('brokers that tables name: those of each job that runs are asked for its topics', async () => {
  const found = (plans: readonly Plan[]) => examine([kafka({ brokers: { kind: 'tables' }, client: async () => ({}), plans: async () => plans })]);
  expect(await found([])).toMatchObject([{ what: 'kafka', state: 'ok' }]);
  expect(await found([labPlan({ path: '/nowhere' })])).toMatchObject([{ what: 'topic events', state: 'fail', why: 'no brokers are named' }]);
});

test('a port that none can be', async () => {
  const { err, code } = await command(['--kafka', 'localhost:99999', 'doctor']);
  expect({ err, code }).toEqual({ code: 1, err: expect.stringMatching(/^\[ERROR\] OPTION_INVALID: --kafka cannot be 'localhost:99999'\nhint: /) });
});

test('a table and a bucket that are as they should be; nothing stays in them', async () => {
  const { urls, store, blobs, s3 } = await shared();
  s3.createBucket('objects');
  await createTable(store);
  await putLifecycle(blobs);
  const outcome = await command([...urls, 'doctor', '--json']);
  // dynalite knows no time to live.
  expect(of(outcome, 'table')).toMatchObject({ state: 'warn', why: expect.stringContaining('items do not expire') });
  expect(outcome.code).toBe(0);
  expect(of(outcome, 'clock')).toMatchObject({ state: 'ok' });
  expect(of(outcome, 'bucket')).toMatchObject({ state: 'ok', why: 'an object was written, read and deleted' });
  expect(of(outcome, 'bucket lifecycle')).toMatchObject({ state: 'ok' });
  const bucket = openS3(blobs, { runtime: nodeRuntime });
  expect(await bucket.list('', { after: '', limit: 10 })).toEqual([]);
  bucket.close();
});

test('no table, no bucket, no lifecycle', async () => {
  const { urls, s3, store } = await shared();
  const outcome = await command([...urls, 'doctor', '--json']);
  expect(outcome.code).toBe(1);
  expect(of(outcome, 'table')).toMatchObject({ state: 'fail', why: expect.stringContaining('ResourceNotFoundException'), mend: expect.stringContaining('sluice store create') });
  expect(of(outcome, 'bucket')).toMatchObject({ state: 'fail', why: expect.stringContaining('NoSuchBucket'), mend: expect.stringContaining('create the bucket') });
  s3.createBucket('objects');
  await createTable(store);
  expect(of(await command([...urls, 'doctor', '--json']), 'bucket lifecycle')).toMatchObject({ state: 'warn', mend: 'set it: sluice store create' });
});

test('a table with another key', async () => {
  const { urls, store } = await shared();
  const client = new DynamoDBClient({ endpoint: /endpoint=(.*)/.exec(store)?.[1] ?? '' });
  await client.send(new CreateTableCommand({ TableName: 'jobs', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }] }));
  client.destroy();
  expect(of(await command([...urls, 'doctor', '--json']), 'table')).toMatchObject({ state: 'fail', why: 'its key is (id S) instead of (pk S, sk S)' });
});

test('a table whose items never expire, or by another attribute, or that is not there yet', () => {
  const facts = { keys: 'pk S, sk S', status: 'ACTIVE', ttl: 'ttl', serverTime: null };
  const state = (change: Partial<typeof facts> | { ttl: null }): Finding['state'] | undefined => tableFindings('dynamodb://t', { ...facts, ...change }, 0)[0]?.state;
  expect(state({})).toBe('ok');
  expect(state({ ttl: null })).toBe('warn');
  expect(state({ ttl: 'expires' })).toBe('fail');
  expect(state({ status: 'CREATING' })).toBe('warn');
  expect(tableFindings('dynamodb://t', { ...facts, serverTime: wallTime(0) }, 3_600_000)[1]).toMatchObject({ what: 'clock', state: 'fail' });
});

test('a stack: who asks, its function, its machines', async () => {
  const world = await openStackWorld();
  const outcome = await world.type('doctor', '--json');
  expect(outcome.code).toBe(0);
  expect(of(outcome, 'credentials')).toMatchObject({ state: 'ok', why: 'arn:aws:iam::000000000000:user/test in us-east-1' });
  expect(of(outcome, 'stack')).toMatchObject({ state: 'ok' });
  expect(of(outcome, 'functions')).toMatchObject({ state: 'ok', why: `all 3 are Active, of version ${VERSION}` });
  expect(of(outcome, 'state machines')).toMatchObject({ state: 'ok', why: 'all 7 answer' });
});

test('a stack that is not there, and credentials that are refused', async () => {
  const world = await openStackWorld();
  const missing = await command(['--stack', 'nowhere', 'doctor', '--json']);
  expect(missing.code).toBe(1);
  expect(of(missing, 'stack')).toMatchObject({ state: 'fail', why: "there is no stack 'nowhere' in us-east-1", mend: expect.stringContaining('--stack') });
  world.cloud.refuse({ code: 'ExpiredToken', message: 'the token is too old', status: 403 });
  expect(of(await world.type('doctor', '--json'), 'credentials')).toMatchObject({ state: 'fail', mend: expect.stringContaining('sign in again') });
});

test('functions of another version, or one that is not well', () => {
  const [well, ill] = [{ name: 'writer', state: 'Active', lastUpdate: 'Successful' }, { name: 'firer', state: 'Inactive', lastUpdate: 'Successful' }];
  expect(functionsFinding({ functions: [well], version: '9.9.9' })).toMatchObject({ state: 'warn', why: expect.stringContaining('version 9.9.9') });
  expect(functionsFinding({ functions: [well], version: null })).toMatchObject({ state: 'warn' });
  expect(functionsFinding({ functions: [well, ill], version: VERSION })).toMatchObject({ state: 'fail', why: 'firer is Inactive, its last update Successful' });
  expect(functionsFinding('AccessDenied: no')).toMatchObject({ state: 'warn' });
});

test('a check that takes too long, or fails, keeps no other from being told; defects are thrown', async () => {
  const never = { what: 'a', look: () => new Promise<never>(() => {}) };
  const failing = { what: 'b', look: () => Promise.reject(new SluiceError('STORE_FAILED', { message: 'down', hint: 'start it' })) };
  const well = { what: 'c', look: async () => [ok('c', 'fine')] };
  expect(await examine([never, failing, well], 20)).toMatchObject([{ what: 'a', state: 'fail', why: 'no answer within 0.02 s' }, { what: 'b', state: 'fail', why: 'down', mend: 'start it' }, { what: 'c', state: 'ok' }]);
  await expect(examine([{ what: 'd', look: () => Promise.reject(new TypeError('a defect')) }])).rejects.toThrow('a defect');
});
