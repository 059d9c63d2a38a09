/** Letting jobs go on, and what would become of their state. */
import { expect, test } from 'vitest';
import { cancelJob } from '../../../../lib/control/operations.ts';
import { labPlan } from '../../../engine/lab-plan.ts';
import { MINUTE } from '../../../engine/stack.ts';
import { inMemory, type InMemory } from '../api.ts';

const TRIGGER = 'b'.repeat(32);

/** A script that reads and writes what the job of the test does, with another window. */
const OTHER = `
  CREATE TABLE events (event_type STRING, event_time TIMESTAMP(3), WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND)
    WITH ('connector' = 'kafka', 'topic' = 'events', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'properties.bootstrap.servers' = 'x:1');
  CREATE TABLE sums (n BIGINT) WITH ('connector' = 'print');
  INSERT INTO sums SELECT COUNT(*) FROM TABLE(HOP(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end;`;

async function canceled(): Promise<InMemory & { readonly at: string }> {
  const world = await inMemory({ plan: labPlan() });
  const { stack } = world;
  stack.produce([['a', 1], ['b', 2]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(MINUTE);
  await stack.firer().step();
  await cancelJob(stack.workshop, stack.job.id);
  return { ...world, at: `/sluice/v1/jobs/${stack.job.id}` };
}

const writes = ({ stack }: InMemory): readonly string[] => stack.takeCalls().filter((call) => /\.(append|put|remove|renew|delete|emit|commit)\b/.test(call));

test('a job goes on from its last state, once for each trigger, and says what it came to', async () => {
  const { send, settle, get, at } = await canceled();
  expect(await send('POST', `${at}/resume`, { triggerId: TRIGGER })).toEqual({ status: 202, body: { 'request-id': TRIGGER } });
  expect(await send('POST', `${at}/resume`, { triggerId: TRIGGER })).toEqual({ status: 202, body: { 'request-id': TRIGGER } });
  await settle();
  expect((await get(`${at}/resume/${TRIGGER}`)).body).toEqual({ status: { id: 'COMPLETED' }, operation: { dropped: [] } });
  expect((await get(at)).body).toMatchObject({ status: 'RUNNING', generation: 1, restored: { from: 'generation 0' }, state: { operators: [{ entries: 2 }] } });
});

test('one that cannot go on says why, and so does its check', async () => {
  const world = await inMemory();
  const at = `/sluice/v1/jobs/${world.stack.job.id}`;
  await world.send('POST', `${at}/resume`, { triggerId: TRIGGER });
  await world.settle();
  const failure = { code: 'JOB_STATE', message: expect.stringContaining('there is nothing to resume'), hint: expect.any(String) };
  expect((await world.get(`${at}/resume/${TRIGGER}`)).body).toEqual({ status: { id: 'COMPLETED' }, operation: { failure } });
  expect((await world.send('POST', `${at}/resume/check`, {})).body).toMatchObject({ verdict: 'compatible', warnings: [failure] });
});

test('the check says what becomes of each state, and does nothing', async () => {
  const world = await canceled();
  const { send, at, stack } = world;
  stack.takeCalls();
  expect(await send('POST', `${at}/resume/check`, {})).toMatchObject({
    status: 200,
    body: { from: null, name: 'lab', verdict: 'compatible', restored: [{ uid: 'events', state: 'offsets of events' }, { uid: 'tumble-event_type', state: 'acc' }], dropped: [], lines: [expect.stringContaining('restored'), expect.any(String)], warnings: [] },
  });
  expect(await send('POST', `${at}/resume/check`, { sql: OTHER, allowNonRestored: true })).toMatchObject({
    status: 200,
    body: { verdict: 'partly compatible', dropped: expect.arrayContaining([{ uid: 'tumble-event_type', state: 'acc' }]), empty: expect.arrayContaining([expect.objectContaining({ state: 'acc' })]) },
  });
  expect(writes(world)).toEqual([]);
  expect(await stack.stores.control.list('CATALOGS', '', { after: '', limit: 10 })).toEqual([]);
});

test('a savepoint is compared where it lies', async () => {
  const { send, settle, at, stack } = await inMemory().then((world) => ({ ...world, at: `/sluice/v1/jobs/${world.stack.job.id}` }));
  await send('POST', `/jobs/${stack.job.id}/stop`, { targetDirectory: '/savepoints', triggerId: TRIGGER });
  await settle();
  const savepoint = (await stack.ports.control.get({ pk: `J#${stack.job.id}`, sk: 'CTRL' }))?.body.match(/"path":"([^"]+)"/)?.[1] ?? '';
  expect((await send('POST', `${at}/resume/check`, { savepoint })).body).toMatchObject({ from: savepoint, verdict: 'compatible', warnings: [] });
  expect((await send('POST', `${at}/resume/check`, { savepoint: `${savepoint}x` })).status).toBe(404);
  expect((await send('POST', `${at}/resume/check`, { savepoint: 'ftp://x/y' })).status).toBe(400);
});

test.each([['no INSERT', 'CREATE TABLE t (a INT) WITH (\'connector\' = \'print\')', 'SQL_VALIDATE: there is no INSERT'], ['a mistake', 'INSERT INTO nowhere SELECT 1', 'SQL_VALIDATE']])('a script with %s is refused before anything is done', async (_what, sql, said) => {
  const { send, at } = await canceled();
  for (const path of ['resume', 'resume/check']) expect(await send('POST', `${at}/${path}`, { sql })).toMatchObject({ status: 400, body: { errors: [expect.stringContaining(said)] } });
});

test('jobs and triggers that nobody knows', async () => {
  const { send, get, at } = await canceled();
  const nobody = `/sluice/v1/jobs/${'0'.repeat(31)}f`;
  expect((await send('POST', `${nobody}/resume`, {})).status).toBe(404);
  expect((await send('POST', `${nobody}/resume/check`, {})).status).toBe(404);
  expect((await get(`${at}/resume/${TRIGGER}`)).status).toBe(404);
  expect((await send('POST', `${at}/resume`, { savepoint: 1 })).status).toBe(400);
});
