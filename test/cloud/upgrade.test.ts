/** A job in a file of SQL, changed and deployed again by `cdk deploy` alone: state goes on, or the deployment is refused and the job goes on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from './world.ts';

const STACK = 'Upgrade';
const TOPIC = 'upgrade-events';

const world = new World();
const file = join(world.dir, 'counts.sql');
const stack = { name: STACK, jobs: [file] };
let job = '';

const catalog = `
CREATE CATALOG IF NOT EXISTS files WITH ('type' = 'filesystem');
USE CATALOG files;
CREATE DATABASE IF NOT EXISTS demo;
CREATE TABLE IF NOT EXISTS demo.counts (window_start TIMESTAMP(3), event_type STRING, event_count BIGINT);
CREATE TABLE IF NOT EXISTS demo.totals (window_start TIMESTAMP(3), event_type STRING, event_count BIGINT, amount BIGINT);
USE CATALOG default_catalog;
`;

const events = (eventType: string): string => `
CREATE TABLE events (
    event_type ${eventType},
    amount INT,
    event_time TIMESTAMP(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = '${TOPIC}',
    'properties.bootstrap.servers' = 'kafka:29092',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
);
`;

const insert = (table: string, aggregates: string): string => `
INSERT INTO files.demo.${table}
SELECT window_start, CAST(event_type AS STRING), ${aggregates}
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, event_type;
`;

/** The script as it is deployed next. */
const write = (...parts: readonly string[]): void => writeFileSync(file, [catalog, ...parts].join(''));

async function produce(...records: readonly { readonly at: string; readonly type: string; readonly amount: number }[]): Promise<void> {
  const path = join(world.dir, 'records.jsonl');
  writeFileSync(path, records.map(({ at, type, amount }) => `${JSON.stringify({ event_type: type, amount, event_time: `2026-01-01T${at}` })}\n`).join(''));
  await world.sluice(STACK, 'topic', 'produce', TOPIC, '-f', path);
  await world.see(/"lag":0,/, STACK, 'describe', job, '--json');
}

const running = (generation: number): Promise<string> => world.see(new RegExp(`Status: +RUNNING[^]*Generation: +${generation}\\b`), STACK, 'describe', job);

/** Rows of a result, without blanks. */
async function rows(table: string, count: number): Promise<readonly string[]> {
  const path = join(world.dir, 'query.sql');
  writeFileSync(path, `SET 'execution.runtime-mode' = 'batch';\nSELECT * FROM files.demo.${table} ORDER BY window_start, event_type;\n`);
  const init = join(world.dir, 'catalog.sql');
  writeFileSync(init, catalog);
  const output = await world.see(new RegExp(`\\b${count} rows? in set`), STACK, 'sql', '-i', init, '-f', path);
  return output.split('\n').filter((line) => line.startsWith('| 2026')).map((line) => line.replaceAll(' ', ''));
}

beforeAll(async () => {
  write(events('STRING'), insert('counts', 'COUNT(*)'));
  await world.createTopic(TOPIC);
  await world.deploy(stack);
  [job = ''] = (await world.sluice(STACK, 'list', '-a')).match(/[0-9a-f]{32}/) ?? [];
});
afterAll(() => world.close());

test('a deployment creates the job of the file', async () => {
  expect(job).toMatch(/^[0-9a-f]{32}$/);
  await running(0);
  await produce({ at: '10:00:01', type: 'click', amount: 1 }, { at: '10:00:02', type: 'click', amount: 1 }, { at: '10:00:03', type: 'view', amount: 1 });
});

test('one aggregate more: the counts of the open window go on', async () => {
  write(events('STRING'), insert('totals', 'COUNT(*), SUM(amount)'));
  await world.deploy(stack);
  expect(await running(1)).toMatch(/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/);
  await produce({ at: '10:00:30', type: 'click', amount: 5 }, { at: '10:01:30', type: 'click', amount: 7 });
  // Two clicks and the view were counted before the amounts were.
  expect(await rows('totals', 2)).toEqual(['|2026-01-0110:00:00.000|click|3|5|', '|2026-01-0110:00:00.000|view|1|<NULL>|']);
});

test('a change that cannot take over the state is refused with what is wrong, and the job goes on', async () => {
  write(events('BIGINT'), insert('totals', 'COUNT(*), SUM(amount)'));
  const refused = await world.tryDeploy(stack);
  expect(refused.exitCode, refused.output).not.toBe(0);
  expect(refused.output).toContain('STATE_INCOMPATIBLE');
  expect(refused.output).toMatch(/incompatible +tumble-event_type-[0-9a-f]{12}\S*: its key was \(event_type \S+\), and would be \(event_type BIGINT\)/);
  await running(1);
  await produce({ at: '10:02:30', type: 'click', amount: 9 });
  expect(await rows('totals', 3)).toContain('|2026-01-0110:01:00.000|click|1|7|');
});

test('the deployment that was there before changes nothing', async () => {
  write(events('STRING'), insert('totals', 'COUNT(*), SUM(amount)'));
  await world.deploy(stack);
  await running(1);
});
