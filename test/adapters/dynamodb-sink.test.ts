/** `dynamodb` tables: the laws of Sink that an upsert can keep, the items that rows become, what goes wrong, and what is paid. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { attributeOf } from '../../lib/adapters/dynamodb/sink-item.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { jobId } from '../../lib/core/numbers.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, type Column, type Row, type SqlType, type Value } from '../../lib/core/types.ts';
import { openSinks } from '../../lib/place/sinks.ts';
import type { Emission } from '../../lib/ports/sink.ts';
import { emission, sinkNode } from '../contracts/sink.ts';
import { startDynalite } from '../servers/dynamodb.ts';
import { startFaulty, type Fault, type FaultyServer } from '../servers/faulty.ts';
import { useTestCredentials, type RunningServer } from '../servers/listening.ts';
import { dynamoSinkLaws, dynamoSinkUnderFaults, JOB, modelWorld, sinkTable, type TableSpec, type TableWorld } from './dynamodb-sink-laws.ts';

useTestCredentials();

const OTHER_JOB = jobId('fedcba9876543210fedcba9876543210');

let backend: RunningServer;
let server: FaultyServer;
beforeAll(async () => {
  backend = await startDynalite();
  server = await startFaulty(backend.endpoint);
});
afterAll(async () => {
  await server.stop();
  await backend.stop();
});
beforeEach(() => server.next());

dynamoSinkLaws('DynamoDB (dynalite)', () => sinkTable(backend.endpoint));
dynamoSinkUnderFaults('DynamoDB (model)', modelWorld);

const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });
const firing = (f: number, rows: readonly Row[], g = 0): Emission => ({ ...emission(g, f, null, []), rows });

async function opened(spec?: TableSpec): Promise<TableWorld> {
  const table = await sinkTable(backend.endpoint, spec, server.endpoint);
  onTestFinished(() => table.close());
  return table;
}

const COUNTS: TableSpec = {
  columns: [column('kind', STRING), column('at', TIMESTAMP3), column('n', BIGINT)],
  primaryKey: ['kind', 'at'],
  key: [['kind', 'S'], ['at', 'S']],
};

const refusal = (status: number, name: string, message = 'told by the test'): Fault => ({ status, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message }) });

describe('versions', () => {
  const numbers = async (table: TableWorld): Promise<unknown> => Object.fromEntries((await table.items()).map(({ kind, n }) => [kind?.S, Number(n?.N)]));

  test('rows replace those of older FIREs and generations, never newer ones, however late they land', async () => {
    const table = await opened(COUNTS);
    const sink = await table.open();
    await sink.emit(firing(2, [['a', 0, 2n], ['b', 0, 2n]]));
    await sink.emit(firing(1, [['a', 0, 1n], ['c', 0, 1n]]));
    expect(await numbers(table)).toEqual({ a: 2, b: 2, c: 1 });
    await sink.emit(firing(1, [['a', 0, 10n]], 1));
    await sink.emit(firing(3, [['a', 0, 3n]]));
    expect(await numbers(table)).toEqual({ a: 10, b: 2, c: 1 });
    expect((await table.items()).find(({ kind }) => kind?.S === 'a')).toMatchObject({ sluice_job: { S: JOB }, sluice_ver: { N: String(2 ** 40 + 1) }, at: { S: '1970-01-01T00:00:00.000' } });
  });

  test('of rows with the same key in one FIRE the last one counts', async () => {
    const table = await opened(COUNTS);
    await (await table.open()).emit(firing(1, Array.from({ length: 100 }, (_, i) => ['a', 0, BigInt(i)])));
    expect(await numbers(table)).toEqual({ a: 99 });
  });

  test('an item of another job is left alone and named, unless the table says that it may be taken over', async () => {
    const table = await opened(COUNTS);
    await table.with({}, OTHER_JOB).emit(firing(9, [['a', 0, 9n]]));
    const sink = await table.open();
    const emitting = sink.emit(firing(1, [['a', 0, 1n]], 3));
    await expect(emitting).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining(`belongs to job ${OTHER_JOB}`), hint: expect.stringContaining('sluice.take-over-from') });
    expect(await numbers(table)).toEqual({ a: 9 });
    const successor = table.with({ options: { ...table.node.options, 'sluice.take-over-from': OTHER_JOB } });
    await successor.emit(firing(1, [['a', 0, 1n]]));
    expect(await numbers(table)).toEqual({ a: 1 });
    await expect(table.with({}, OTHER_JOB).emit(firing(10, [['a', 0, 10n]]))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    expect(await numbers(table)).toEqual({ a: 1 });
  });

  test('a fork takes over the items of the jobs that it comes from, and they cannot take them back', async () => {
    const table = await opened(COUNTS);
    const parent = table.with({}, OTHER_JOB);
    await parent.emit(firing(5, [['a', 0, 5n], ['b', 0, 5n]], 3));
    const fork = table.with({}, JOB, [OTHER_JOB]);
    await fork.emit(firing(4, [['a', 0, 4n]], 4));
    await expect(parent.emit(firing(6, [['a', 0, 6n]], 3))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining(`belongs to job ${JOB}`) });
    expect(await numbers(table)).toEqual({ a: 4, b: 5 });
  });

  test('rows that a fork has found pending are its own: it writes those of its parent again, and a late repetition takes nothing back (F14)', async () => {
    const table = await opened(COUNTS);
    const pending = [['a', 0, 5n], ['b', 0, 5n], ['c', 0, 5n]];
    await table.with({}, OTHER_JOB).emit(firing(5, pending.slice(0, 2), 3)); // what its parent had put when it ended
    const fork = table.with({}, JOB, [OTHER_JOB]);
    expect(fork.upserts).toBe(true);
    await fork.emit(firing(6, pending, 4));
    await fork.emit(firing(7, [['a', 0, 7n]], 4));
    expect(await fork.emit(firing(6, pending, 4))).toEqual({ kind: 'durable' });
    expect(await numbers(table)).toEqual({ a: 7, b: 5, c: 5 });
    expect((await table.items()).map((item) => item['sluice_job']?.S)).toEqual([JOB, JOB, JOB]);
  });

  test('a hundred jobs of the option, and the newest hundred ancestors, may be taken over at once', async () => {
    const table = await opened(COUNTS);
    const others = Array.from({ length: 100 }, (_, i) => i.toString(16).padStart(32, 'a'));
    const lineage = Array.from({ length: 110 }, (_, i) => jobId(i.toString(16).padStart(32, 'b')));
    const options = { ...table.node.options, 'sluice.take-over-from': others.join(';') };
    const [oldest, ...kept] = [lineage[9], lineage[10], lineage[109], jobId(others[0] ?? ''), jobId(others[99] ?? '')].filter((job) => job !== undefined);
    for (const [i, job] of kept.entries()) await table.with({}, job).emit(firing(9, [[`k${i}`, 0, 9n]]));
    const sink = table.with({ options }, JOB, lineage);
    await sink.emit(firing(1, kept.map((_, i): Row => [`k${i}`, 0, 1n])));
    expect(await numbers(table)).toEqual({ k0: 1, k1: 1, k2: 1, k3: 1 });
    await table.with({}, oldest).emit(firing(9, [['old', 0, 9n]]));
    await expect(sink.emit(firing(2, [['old', 0, 2n]]))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
  });

  test('an item that Sluice has not written is left alone', async () => {
    const table = await opened();
    const client = new DynamoDBClient({ endpoint: backend.endpoint, region: 'us-east-1' });
    onTestFinished(() => client.destroy());
    await client.send(new PutItemCommand({ TableName: table.node.options['table-name'], Item: { v: { S: 'a' }, mine: { S: 'x' } } }));
    await expect((await table.open()).emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('somebody else') });
    expect(await table.items()).toEqual([{ v: { S: 'a' }, mine: { S: 'x' } }]);
  });

  test('a put whose answer was lost is repeated and meets itself', async () => {
    const table = await opened();
    const sink = await table.open();
    await sink.emit(emission(0, 1, null, ['a']));
    server.next('lost-after', 'lost-before');
    expect(await sink.emit(emission(0, 2, 1, ['b']))).toEqual({ kind: 'durable' });
    expect(await table.effects()).toEqual(['a', 'b']);
  });
});

describe('what it costs', () => {
  test('the table is described once; a row is one conditional put of its kilobytes; no rows are no request', async () => {
    const table = await opened({ columns: [column('v', STRING), column('long', STRING)], primaryKey: ['v'] });
    const sink = await table.open();
    const rows = Array.from({ length: 120 }, (_, i) => [`v${i}`, 'x'.repeat(1500)]);
    await sink.emit(firing(1, []));
    expect(sink.consumed).toEqual({ reads: 0, writes: 0, readUnits: 0, writeUnits: 0 });
    await sink.emit(firing(2, rows));
    await sink.emit(firing(3, [['v0', 'short']]));
    expect(sink.consumed).toMatchObject({ reads: 2, writes: 121, writeUnits: 242 });
  });

  const MANY = Array.from({ length: 250 }, (_, i): Row => [BigInt(i) * 10n, `v${i}`]);
  const BY_NUMBER: TableSpec = { columns: [column('n', { kind: 'DECIMAL', precision: 10, scale: 2 }), column('v', STRING)], primaryKey: ['n'], key: [['n', 'N']] };

  test('a FIRE that was written in part is completed: rows that are there are looked up, and not paid for again', async () => {
    const table = await opened(BY_NUMBER);
    await (await table.open()).emit(firing(7, MANY.slice(0, 220)));
    const sink = await table.open();
    await sink.emit(firing(7, MANY));
    expect(sink.consumed).toMatchObject({ reads: 1 + 1 + 2, writes: 30 });
    expect(await table.items()).toHaveLength(250);
    const next = await table.open();
    await next.emit(firing(8, MANY.slice(0, 110)));
    expect(next.consumed).toMatchObject({ reads: 2, writes: 110 });
  });

  test('gaps in what was written are found', async () => {
    const table = await opened(BY_NUMBER);
    await (await table.open()).emit(firing(7, MANY.filter((_, i) => i % 7 !== 0)));
    const sink = await table.open();
    await sink.emit(firing(7, MANY));
    expect(sink.consumed.writes).toBe(MANY.filter((_, i) => i % 7 === 0).length);
    expect(await table.items()).toHaveLength(250);
  });

  test('without the permission to look rows up they are put again', async () => {
    const table = await opened(BY_NUMBER);
    const sink = await table.open();
    await sink.emit(firing(7, MANY.slice(0, 110)));
    server.next(refusal(400, 'AccessDeniedException', 'not authorized to perform: dynamodb:BatchGetItem'));
    await sink.emit(firing(7, MANY.slice(0, 110)));
    expect(sink.consumed.writes).toBe(220);
  });

  test('as many requests are under way as sink.requests.max-inflight allows, beyond the sockets of the SDK', async () => {
    const table = await opened({ options: { 'sink.requests.max-inflight': '80' } });
    const sink = await table.open();
    await sink.emit(emission(0, 1, null, ['first']));
    const before = server.seen;
    server.next(...Array.from({ length: 80 }, () => 'silent' as const));
    const emitting = sink.emit(emission(0, 2, 1, Array.from({ length: 100 }, (_, i) => `v${i}`)));
    await nodeRuntime.sleep(300);
    expect(server.seen - before).toBe(80);
    await server.stop();
    await expect(emitting).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    server = await startFaulty(backend.endpoint);
  });

  test('no more requests are under way than sink.requests.max-inflight', async () => {
    const table = await opened({ options: { 'sink.requests.max-inflight': '3' } });
    const sink = await table.open();
    await sink.emit(emission(0, 1, null, ['first']));
    const before = server.seen;
    server.next(...Array.from({ length: 3 }, () => 'silent' as const));
    const emitting = sink.emit(emission(0, 2, 1, Array.from({ length: 50 }, (_, i) => `v${i}`)));
    await nodeRuntime.sleep(100);
    expect(server.seen - before).toBe(3);
    await server.stop(); // what hangs is cut off
    await expect(emitting).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    server = await startFaulty(backend.endpoint);
  });
});

describe('what goes wrong', () => {
  test('a table that is not there: how to make it', async () => {
    const sinks = openSinks(nodeRuntime, () => {});
    const options = { 'table-name': 'nowhere', 'aws.endpoint': backend.endpoint, 'aws.region': 'us-east-1' };
    const sink = await sinks.open(JOB, { ...sinkNode('dynamodb', options), primaryKey: ['v'] });
    await expect(sink.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      message: expect.stringMatching(/ResourceNotFoundException.*'nowhere'/),
      hint: expect.stringContaining('aws dynamodb create-table --table-name nowhere --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=v,AttributeType=S --key-schema AttributeName=v,KeyType=HASH'),
      cause: { code: 'STORE_FAILED', happened: 'no' },
    });
  });

  test.each<[TableSpec, string]>([
    [{ key: [['other', 'S']] }, "has the key (other S), and the PRIMARY KEY needs (v S)"],
    [{ key: [['v', 'N']] }, 'has the key (v N)'],
    [{ key: [['v', 'S'], ['at', 'S']] }, 'has the key (v S, at S)'],
    [{ columns: [column('v', INT)] }, 'needs (v N)'],
  ])('a table with another key: %j', async (spec, message) => {
    const table = await opened(spec);
    await expect((await table.open()).emit(emission(0, 1, null, ['1']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining(message), hint: expect.stringContaining('create-table') });
  });

  test('the sort key may stand first in the PRIMARY KEY', async () => {
    const table = await opened({ ...COUNTS, primaryKey: ['at', 'kind'] });
    const sink = await table.open();
    await sink.emit(firing(1, [['a', 1, 1n]]));
    await sink.emit(firing(2, [['a', 1, 2n]]));
    expect(await table.items()).toMatchObject([{ n: { N: '2' } }]);
  });

  test('a permission that is missing is named; when it is there, the sink goes on', async () => {
    const table = await opened();
    const sink = await table.open();
    server.next(refusal(400, 'AccessDeniedException', 'not authorized to perform: dynamodb:DescribeTable'));
    await expect(sink.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('dynamodb:DescribeTable'), hint: expect.stringContaining('dynamodb:PutItem') });
    server.next('none', refusal(400, 'AccessDeniedException', 'not authorized to perform: dynamodb:PutItem'));
    await expect(sink.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('dynamodb:PutItem') });
    expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual({ kind: 'durable' });
    expect(await table.effects()).toEqual(['a']);
  });

  test('a row above 400 KB, and one without a key: nothing of it is sent', async () => {
    const table = await opened({ columns: [column('v', STRING), column('long', STRING)] });
    const sink = await table.open();
    const fits = 400 * 1024 - 'v'.length - 'k'.length - 'long'.length - 'sluice_job'.length - 32 - 'sluice_ver'.length - 21;
    await expect(sink.emit(firing(1, [['k', 'x'.repeat(fits + 1)]]))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('["k"] has 409601 bytes') });
    await expect(sink.emit(firing(1, [['', 'x']]))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining("'v' is empty") });
    await expect(sink.emit(firing(1, [[null, 'x']]))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining("'v' is NULL"), hint: expect.stringContaining('v IS NOT NULL') });
    await expect(sink.emit(firing(1, [...Array.from({ length: 200 }, (_, i): Row => [`k${i}`, 'x']), [null, 'x']]))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    expect(sink.consumed.writes).toBe(0);
    await sink.emit(firing(1, [['k', 'x'.repeat(fits)]]));
    expect(await table.items()).toHaveLength(1);
  });
});

test('NULL is an attribute, or none with sink.ignore-nulls', async () => {
  const columns = [column('v', STRING), column('n', INT)];
  const table = await opened({ columns });
  await (await table.open()).emit(firing(1, [['a', null]]));
  await table.with({ options: { ...table.node.options, 'sink.ignore-nulls': 'true' } }).emit(firing(1, [['b', null]]));
  const items = (await table.items()).toSorted((a, b) => (a['v']?.S ?? '').localeCompare(b['v']?.S ?? ''));
  expect(items.map(({ n }) => n)).toEqual([{ NULL: true }, undefined]);
});

test.each<[SqlType, Exclude<Value, null>, unknown]>([
  [STRING, '', { S: '' }],
  [BOOLEAN, false, { BOOL: false }],
  [BIGINT, -9_223_372_036_854_775_808n, { N: '-9223372036854775808' }],
  [{ kind: 'DECIMAL', precision: 38, scale: 2 }, 10n ** 38n - 1n, { N: '999999999999999999999999999999999999.99' }],
  [DOUBLE, 0.1, { N: '0.1' }],
  [DOUBLE, 1e125, { N: '1e+125' }],
  [DOUBLE, 1e126, { S: '1e+126' }],
  [DOUBLE, -Infinity, { S: '-Infinity' }],
  [DOUBLE, NaN, { S: 'NaN' }],
  [DOUBLE, 1e-200, { S: '1e-200' }],
  [DOUBLE, 0, { N: '0' }],
  [{ kind: 'FLOAT' }, Math.fround(0.1), { N: '0.1' }],
  [{ kind: 'VARBINARY', length: 5 }, Uint8Array.of(1), { B: Uint8Array.of(1) }],
  [{ kind: 'DATE' }, 0, { S: '1970-01-01' }],
  [{ kind: 'TIMESTAMP_LTZ', precision: 6 }, 1n, { S: '1970-01-01T00:00:00.000000Z' }],
])('%j %s is %j', (type, value, attribute) => {
  expect(attributeOf(type, value)).toEqual(attribute);
});
