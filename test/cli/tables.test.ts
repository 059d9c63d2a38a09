/** Jobs by the command line that write CSV in partitions, Parquet into a bucket and items into DynamoDB; what `query` and `describe` say of them. */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SluiceError } from '../../lib/core/errors.ts';
import { createSinkTable } from '../adapters/dynamodb-sink-laws.ts';
import { startDynalite } from '../servers/dynamodb.ts';
import { useTestCredentials, type RunningServer } from '../servers/listening.ts';
import { startS3, type S3Server } from '../servers/s3.ts';
import { Shop, until } from './shop.ts';

useTestCredentials();

let s3: S3Server;
let dynamodb: RunningServer;
beforeAll(async () => {
  s3 = await startS3();
  s3.createBucket('lake');
  dynamodb = await startDynalite();
});
afterAll(async () => {
  await s3.stop();
  await dynamodb.stop();
});

const event = (minute: number, type: string): string => JSON.stringify({ event_type: type, event_time: `2026-01-01T10:0${minute}:30` });
const COLUMNS = 'window_start TIMESTAMP(3), event_type STRING, event_count BIGINT';

/** The job of the shop, into a table with this definition. */
const sqlInto = (shop: Shop, table: string, definition: string): string => {
  const [source = '', , insert = ''] = shop.sql().split(/(CREATE TABLE counts[^;]*;)/);
  return `${source}${definition}\n${insert.replace('INSERT INTO counts', `INSERT INTO ${table}`)}`;
};

const ROWS = [
  { event_type: 'a/b', at: '10:01', event_count: 2 },
  { event_type: 'view', at: '10:01', event_count: 1 },
  { event_type: 'view', at: '10:02', event_count: 1 },
];

async function shopWith(definition: string): Promise<{ shop: Shop; job: string }> {
  const shop = new Shop();
  await shop.topic();
  const job = await shop.submit(sqlInto(shop, 'lake.d.counts', definition));
  await shop.produce([event(1, 'a/b'), event(1, 'view'), event(1, 'a/b'), event(2, 'view'), event(4, 'end')]);
  return { shop, job };
}

async function queried(shop: Shop): Promise<unknown> {
  const text = await shop.sluice('query', "SELECT event_type, strftime(window_start, '%H:%M') AS at, event_count::INT AS event_count FROM lake.d.counts ORDER BY 2, 1", '--json');
  return text.split('\n').map((line) => JSON.parse(line));
}

test('csv in partitions, in the warehouse of a catalog', async () => {
  const table = `CREATE TABLE lake.d.counts (${COLUMNS}) PARTITIONED BY (event_type) WITH ('format' = 'csv', 'csv.field-delimiter' = ';');`;
  const { shop, job } = await shopWith(`CREATE CATALOG lake WITH ('type' = 'filesystem'); CREATE DATABASE lake.d; ${table}`);
  expect(await shop.up()).toEqual([]);
  expect(await queried(shop)).toEqual(ROWS);
  const directory = join(shop.dir, 'warehouse', 'lake', 'd', 'counts');
  expect(readdirSync(directory).toSorted()).toEqual(['_manifest', 'event_type=a%2Fb', 'event_type=view']);
  expect(readdirSync(join(directory, 'event_type=a%2Fb'))[0]).toMatch(new RegExp(`^${job}-sink-counts-g0-f\\d+-\\d\\.csv$`));
});

test('parquet below a prefix of a bucket, through a stop and a resume', async () => {
  const warehouse = `s3://lake/warehouse?endpoint=${s3.endpoint}&region=us-east-1`;
  const { shop, job } = await shopWith(`CREATE CATALOG lake WITH ('type' = 'filesystem', 'warehouse' = '${warehouse}'); CREATE DATABASE lake.d; CREATE TABLE lake.d.counts (${COLUMNS}) WITH ('format' = 'parquet');`);
  expect(await shop.up()).toEqual([]);
  await shop.sluice('stop', job);
  await shop.sluice('resume', job);
  await shop.produce([event(6, 'later')]);
  expect(await shop.up()).toEqual([]);
  expect(await queried(shop)).toEqual([...ROWS, { event_type: 'end', at: '10:04', event_count: 1 }]);
});

test('items of DynamoDB; while the table is not there, the job keeps its rows and says how to make it', async () => {
  const client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: 'us-east-1' });
  onTestFinished(() => client.destroy());
  const table = `CREATE TABLE items (${COLUMNS}, PRIMARY KEY (event_type, window_start) NOT ENFORCED) WITH ('connector' = 'dynamodb', 'table-name' = 'counts', 'aws.region' = 'us-east-1', 'aws.endpoint' = '${dynamodb.endpoint}');`;
  const shop = new Shop();
  await shop.topic();
  const job = await shop.submit(sqlInto(shop, 'items', table));
  await shop.produce([event(1, 'a/b'), event(1, 'view'), event(2, 'view'), event(4, 'end')]);
  const runner = shop.start();
  const told = (): readonly SluiceError[] => runner.events.flatMap((each) => (each.kind === 'firer' ? [each.error] : []));
  await until(async () => told(), (errors) => errors.length > 0);
  expect(told()[0]).toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining("'counts'"), hint: expect.stringContaining('aws dynamodb create-table --table-name counts') });
  expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', failure: null });

  await createSinkTable(client, 'counts', [['event_type', 'S'], ['window_start', 'S']]);
  const items = async (): Promise<string[]> => ((await client.send(new ScanCommand({ TableName: 'counts' }))).Items ?? []).map((item) => `${item['event_type']?.S} ${item['window_start']?.S} ${item['event_count']?.N} ${item['sluice_job']?.S}`).toSorted();
  const rows = [`a/b 2026-01-01T10:01:00.000 1 ${job}`, `view 2026-01-01T10:01:00.000 1 ${job}`, `view 2026-01-01T10:02:00.000 1 ${job}`];
  expect(await until(items, (seen) => seen.length >= rows.length)).toEqual(rows);
});

test('a fork replaces the items that its parent has written behind the savepoint', async () => {
  const client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: 'us-east-1' });
  onTestFinished(() => client.destroy());
  await createSinkTable(client, 'forked', [['event_type', 'S'], ['window_start', 'S']]);
  const table = `CREATE TABLE items (${COLUMNS}, PRIMARY KEY (event_type, window_start) NOT ENFORCED) WITH ('connector' = 'dynamodb', 'table-name' = 'forked', 'aws.region' = 'us-east-1', 'aws.endpoint' = '${dynamodb.endpoint}');`;
  const shop = new Shop();
  await shop.topic();
  const parent = await shop.submit(sqlInto(shop, 'items', table));
  await shop.produce([event(1, 'view'), event(3, 'view')]);
  expect(await shop.up()).toEqual([]);
  const { path }: { path: string } = JSON.parse(await shop.sluice('savepoint', parent, '--json'));
  await shop.produce([event(5, 'view')]);
  expect(await shop.up()).toEqual([]);
  const forking = `SET 'execution.state-recovery.path' = '${path}'; ${sqlInto(shop, 'items', table)}`;
  expect(await shop.refused('JOB_STATE', 'sql', '-e', forking)).toContain(`job ${parent} still runs`);
  await shop.sluice('cancel', parent);
  const fork = await shop.submit(forking);
  expect(await shop.up()).toEqual([]);
  const items = (await client.send(new ScanCommand({ TableName: 'forked' }))).Items ?? [];
  expect(items.map((item) => `${item['window_start']?.S} ${item['sluice_job']?.S}`).toSorted()).toEqual([`2026-01-01T10:01:00.000 ${parent}`, `2026-01-01T10:03:00.000 ${fork}`]);
});
