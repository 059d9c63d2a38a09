/** Executions that are disturbed: functions killed in the middle, the same start twice, two operations on one job at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Executions } from './executions.ts';
import { killFunction } from './function-processes.ts';
import { World } from './world.ts';

const STACK = 'Races';
const SCRIPT = `
CREATE TABLE events (event_type STRING, event_time TIMESTAMP(3), WATERMARK FOR event_time AS event_time)
WITH ('connector' = 'kafka', 'topic' = 'race-events', 'properties.bootstrap.servers' = 'kafka:29092', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE counts (window_start TIMESTAMP(3), event_type STRING, event_count BIGINT) WITH ('connector' = 'print');
INSERT INTO counts
SELECT window_start, event_type, COUNT(*)
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, event_type;
`;

const world = new World();
let executions = new Executions(world.place.emulator, {});
let job = '';
let workflowFunction = '';

beforeAll(async () => {
  await world.createTopic('race-events');
  await world.deploy({ name: STACK });
  const outputs = await world.outputs(STACK);
  executions = new Executions(world.place.emulator, outputs);
  workflowFunction = outputs['WorkflowFunction'] ?? '';
  const script = join(world.dir, 'race.sql');
  writeFileSync(script, SCRIPT);
  [, job = ''] = /Job ID: ([0-9a-f]{32})/.exec(await world.sluice(STACK, 'sql', '-f', script)) ?? [];
});
afterAll(async () => {
  executions.close();
  await world.close();
});

const status = async (): Promise<string> => /Status: +(\w+)/.exec(await world.sluice(STACK, 'describe', job))?.[1] ?? '';
const savepoints = async (): Promise<readonly string[]> => (await world.sluice(STACK, 'describe', job)).match(/s3:\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/g) ?? [];

test('the workflow function is killed at every step of a stop, which ends all the same', async () => {
  const name = `${job}-stop-killed`;
  await executions.start('stop', name, { job });
  const killed: string[] = [];
  const ended = await executions.end('stop', name, async (state) => {
    if (killed.includes(state) || !(await killFunction(workflowFunction))) return;
    killed.push(state);
  });
  expect(ended.status, JSON.stringify(ended)).toBe('SUCCEEDED');
  expect(killed.length).toBeGreaterThanOrEqual(3);
  expect(await status()).toBe('FINISHED');
  expect(new Set(await savepoints()).size).toBe(1);
});

test('the same execution started twice is one', async () => {
  const name = `${job}-resume-twice`;
  await executions.start('resume', name, { job });
  await executions.start('resume', name, { job });
  expect((await executions.end('resume', name)).status).toBe('SUCCEEDED');
  await executions.start('resume', name, { job });
  expect(await executions.count('resume')).toBe(1);
  expect(await world.sluice(STACK, 'describe', job)).toMatch(/Generation: +1\b/);
});

test('of two operations at once one wins, and the other says so', async () => {
  const [stop, cancel] = [`${job}-stop-race`, `${job}-cancel-race`];
  await Promise.all([executions.start('stop', stop, { job }), executions.start('cancel', cancel, { job })]);
  const [stopped, cancelled] = await Promise.all([executions.end('stop', stop), executions.end('cancel', cancel)]);
  const lost = [stopped, cancelled].filter((ended) => ended.status !== 'SUCCEEDED');
  expect(lost, `${stopped.output}\n${cancelled.output}\n${await world.sluice(STACK, 'describe', job)}`).toHaveLength(1);
  expect(lost[0]).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^JOB_(BUSY|STATE)$/) });
  expect(await status()).toBe(lost[0] === stopped ? 'CANCELED' : 'FINISHED');
});
