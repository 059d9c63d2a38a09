/** What the endpoints tell of a job, and what they do to it. */
import { expect, test } from 'vitest';
import { cancelJob } from '../../../lib/control/operations.ts';
import { answer } from '../../../lib/control/rest/answer.ts';
import { ROUTES } from '../../../lib/control/rest/routes.ts';
import { restOn } from '../../../lib/control/rest/rest.ts';
import { partitionId, wallTime } from '../../../lib/core/numbers.ts';
import { requestCancel } from '../../../lib/engine/lifecycle/stop.ts';
import { planScript } from '../../../lib/sql/plan-script.ts';
import { labPlan } from '../../engine/lab-plan.ts';
import { MINUTE } from '../../engine/stack.ts';
import { HERE, inMemory, type InMemory, type Said, textOf } from './api.ts';

const TRIGGER = 'a'.repeat(32);

/** A job with an open window, a checkpoint and a savepoint. */
async function busy(options: Readonly<Record<string, string>> = {}): Promise<InMemory & { readonly at: string }> {
  const world = await inMemory({ plan: labPlan({ planOptions: options }) });
  const { stack } = world;
  stack.produce([['a', 1], ['b', 2]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(MINUTE);
  await stack.firer().step();
  await world.send('POST', `/jobs/${stack.job.id}/savepoints`, { 'target-directory': '/savepoints', triggerId: TRIGGER });
  await world.settle();
  return { ...world, at: `/jobs/${stack.job.id}` };
}

test('every answer has the shape that the table says', async () => {
  const { api, get, at } = await busy();
  const plan = await get(`${at}/plan`);
  const vertex = /"id":"([0-9a-f]{32})"/.exec(JSON.stringify(plan.body))?.[1] ?? '';
  const checkpoint = /"id":(\d+)/.exec(JSON.stringify((await get(`${at}/checkpoints`)).body))?.[1] ?? '';
  // Of what is triggered there are savepoints here, and nothing else; sessions have a test of their own.
  const notAsked = /^\/sessions\/|(?<!savepoints)\/:triggerid$/;
  const asked = ROUTES.filter(({ method, path, produces }) => method === 'GET' && produces === undefined && !notAsked.test(path));
  for (const { path, response } of asked) {
    const target = path.replace('/jobs/:jobid', at).replace(':vertexid', vertex).replace(':checkpointid', checkpoint).replace(':triggerid', TRIGGER).replace(':subtaskindex', '0');
    const { status, body } = await get(target);
    expect({ path, status, problem: response.problemWith(body, 'the answer') }).toEqual({ path, status: 200, problem: null });
  }
  expect(asked.length).toBeGreaterThan(15);
  expect(api.routes).toBe(ROUTES);
});

test('a job is seen with its vertices, and what flows from which to which', async () => {
  const { get, at } = await busy();
  const { body } = await get(at);
  const name = { source: 'Source: default_catalog.default_database.events', window: 'WindowAggregate[tumble-event_type]', sink: 'Sink: c.d.out' };
  expect(body).toMatchObject({ name: 'lab', state: 'RUNNING', 'end-time': -1, vertices: Object.values(name).map((one) => ({ name: one, status: 'RUNNING' })) });
  const { plan }: { plan: { nodes: { id: string; description: string; inputs: { id: string }[] }[] } } = JSON.parse(JSON.stringify(body));
  const edges = plan.nodes.flatMap(({ description, inputs }) => inputs.map(({ id }) => [plan.nodes.find((node) => node.id === id)?.description, description]));
  expect(edges).toEqual([[name.source, name.window], [name.window, name.sink]]);
});

test('watermarks reach what is below a source', async () => {
  const { get, at } = await busy();
  const { plan }: { plan: { nodes: { id: string }[] } } = JSON.parse(JSON.stringify((await get(`${at}/plan`)).body));
  const said = await Promise.all(plan.nodes.map(({ id }) => get(`${at}/vertices/${id}/watermarks`)));
  const watermark = String(Date.UTC(2025, 11, 30, 9, 59, 57));
  expect(said.map(({ body }) => body)).toEqual(said.map(() => [{ id: '0.currentInputWatermark', value: watermark }]));
});

test('behind two sources the watermark is that of the slower one', async () => {
  const table = (name: string): string =>
    `CREATE TABLE ${name} (event_type STRING, event_time TIMESTAMP(3), WATERMARK FOR event_time AS event_time) WITH ('connector' = 'kafka', 'topic' = '${name}', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');`;
  const script = `${table('events')} ${table('others')} CREATE TABLE counts (n BIGINT) WITH ('connector' = 'blackhole'); CREATE VIEW both_of AS SELECT * FROM events UNION ALL SELECT * FROM others;
    INSERT INTO counts SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE both_of, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;`;
  const { get, stack } = await inMemory({ plan: planScript(script, { warehouse: '/w', resolvePath: (path) => path }) });
  stack.produce([['a', 1]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  const { plan }: { plan: { nodes: { id: string; description: string }[] } } = JSON.parse(JSON.stringify((await get(`/jobs/${stack.job.id}/plan`)).body));
  const watermark = async (what: string): Promise<unknown> =>
    (await get(`/jobs/${stack.job.id}/vertices/${plan.nodes.find(({ description }) => description.includes(what))?.id}/watermarks`)).body;
  expect(await watermark('events')).toMatchObject([{ value: String(Date.UTC(2025, 11, 30, 10, 0, 1)) }]);
  for (const what of ['others', 'WindowAggregate', 'counts']) expect(await watermark(what)).toMatchObject([{ value: '-9223372036854775808' }]);
});

test('before there is a watermark it is the least `long` of Java', async () => {
  const { get, stack } = await inMemory();
  const { plan }: { plan: { nodes: { id: string }[] } } = JSON.parse(JSON.stringify((await get(`/jobs/${stack.job.id}/plan`)).body));
  expect((await get(`/jobs/${stack.job.id}/vertices/${plan.nodes[0]?.id}/watermarks`)).body).toEqual([{ id: '0.currentInputWatermark', value: '-9223372036854775808' }]);
});

test('checkpoints and savepoints are one history', async () => {
  const { get, at } = await busy();
  const { body } = await get(`${at}/checkpoints`);
  const savepoint = { is_savepoint: true, checkpoint_type: 'SAVEPOINT', external_path: expect.stringMatching(/^\/savepoints\/savepoint-/) };
  expect(body).toMatchObject({ latest: { savepoint, completed: { is_savepoint: false, checkpoint_type: 'CHECKPOINT' }, failed: null, restored: null } });
  expect(body).toMatchObject({ history: expect.arrayContaining([expect.objectContaining(savepoint)]) });
  expect((await get(`${at}/checkpoints/details/999`)).status).toBe(404);
});

test('the interval of checkpoints is that of the options, which are told without secrets', async () => {
  const { get, at } = await busy({ 'execution.checkpointing.interval': '7 s', 's3.secret-key': 'abc' });
  expect((await get(`${at}/checkpoints/config`)).body).toMatchObject({ mode: 'exactly_once', interval: 7000 });
  expect((await get(`${at}/config`)).body).toMatchObject({ 'execution-config': { 'user-config': { 'execution.checkpointing.interval': '7 s', 's3.secret-key': '******' } } });
});

test('metrics: names, then the values of those that are known', async () => {
  const { get, at } = await busy();
  expect((await get(`${at}/metrics`)).body).toContainEqual({ id: 'uptime' });
  expect((await get(`${at}/metrics?get=uptime,constructor,nothing`)).body).toEqual([{ id: 'uptime', value: expect.stringMatching(/^\d+$/) }]);
});

test('what holds a job up is an exception, without the record', async () => {
  const { get, stack } = await inMemory();
  stack.stores.source.produce('events', ['{"event_type": "a", "event_time": "secret"}'], 0);
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
  const { body } = await get(`/jobs/${stack.job.id}/exceptions`);
  expect(body).toMatchObject({ exceptionHistory: { truncated: false, entries: [{ exceptionName: 'RECORD_MALFORMED', taskName: 'Source: events-0 at offset 0' }] } });
  expect(JSON.stringify(body)).not.toContain('event_type');
  expect((await get(`/jobs/${stack.job.id}/status`)).body).toEqual({ status: 'RESTARTING' });
  expect((await get(`/jobs/${stack.job.id}/exceptions?maxExceptions=0`)).body).toMatchObject({ exceptionHistory: { truncated: true, entries: [] } });
});

test('exceptions come newest first', async () => {
  const error = { topic: 't', partition: 0, partitionId: partitionId(0, 0, 0), code: 'RECORD_MALFORMED', message: 'm', hint: null, excerpt: 'the record' };
  const at = [5, 9, 7].map((ms, offset) => ({ ...error, offset, at: wallTime(ms) }));
  const world = await inMemory();
  const summary = await world.api.rest.plane.job(world.stack.job.id);
  const { get } = await inMemory({}, { job: async () => ({ ...summary, recordErrors: at }) });
  const { body } = await get(`/jobs/${summary.id}/exceptions`);
  expect(body).toMatchObject({ exceptionHistory: { entries: [9, 7, 5].map((timestamp) => ({ timestamp })) } });
  expect(JSON.stringify(body)).not.toContain('the record');
});

test('the same trigger again is the same savepoint', async () => {
  const { send, settle, get, at } = await busy();
  expect((await send('POST', `${at}/savepoints`, { 'target-directory': '/elsewhere', triggerId: TRIGGER })).body).toEqual({ 'request-id': TRIGGER });
  await settle();
  expect((await get(`${at}/savepoints/${TRIGGER}`)).body).toMatchObject({ status: { id: 'COMPLETED' }, operation: { location: expect.stringMatching(/^file:\/savepoints\//) } });
});

test('a server that starts anew knows no triggers, and does nothing twice', async () => {
  const { api, stack, get, at } = await busy();
  const { body: before } = await get(`${at}/savepoints/${TRIGGER}`);
  const locationOf = async (what: 'savepoints' | 'stop', triggerId: string, directory: object): Promise<unknown> => {
    const anew = { ...api, rest: restOn(api.rest.plane, api.onDefect) };
    const ask = async (method: string, target: string, body: object): Promise<unknown> => JSON.parse(textOf(await answer(anew, { ...HERE, method, target, body: Buffer.from(JSON.stringify(body)) })));
    expect(await ask('GET', `${at}/savepoints/${triggerId}`, {})).toEqual({ errors: [expect.stringContaining('There is no savepoint operation')] });
    await ask('POST', `${at}/${what}`, { ...directory, triggerId });
    await anew.rest.savepoints.settle();
    return ask('GET', `${at}/savepoints/${triggerId}`, {});
  };
  expect(await locationOf('savepoints', TRIGGER, { 'target-directory': '/elsewhere' })).toEqual(before);
  const stopped = await locationOf('stop', 'e'.repeat(32), { targetDirectory: '/savepoints' });
  await stack.resume(null);
  expect(await locationOf('stop', 'e'.repeat(32), { targetDirectory: '/elsewhere' })).toEqual(stopped);
  expect(stopped).toMatchObject({ operation: { location: expect.stringMatching(/^file:\/savepoints\//) } });
  expect((await get(`${at}/status`)).body).toEqual({ status: 'RUNNING' });
});

test('a savepoint goes where the job says, if the request does not', async () => {
  const { send, settle, get, at } = await busy({ 'execution.checkpointing.savepoint-dir': '/of-the-job' });
  const { body } = await send('POST', `${at}/savepoints`, {});
  await settle();
  const { 'request-id': id }: { 'request-id': string } = JSON.parse(JSON.stringify(body));
  expect((await get(`${at}/savepoints/${id}`)).body).toMatchObject({ operation: { location: expect.stringMatching(/^file:\/of-the-job\/savepoint-/) } });
});

test('a savepoint that ends the job, as a stop does', async () => {
  const { send, settle, get, at } = await busy();
  await send('POST', `${at}/savepoints`, { 'target-directory': '/savepoints', 'cancel-job': true, triggerId: 'b'.repeat(32) });
  await settle();
  expect((await get(`${at}/savepoints/${'b'.repeat(32)}`)).body).toMatchObject({ operation: { location: expect.stringMatching(/^file:/) } });
  expect((await get(`${at}/status`)).body).toEqual({ status: 'FINISHED' });
});

test('a stop with drain lets all windows fire, one without leaves them in the savepoint', async () => {
  for (const drain of [true, false]) {
    const { send, settle, at, stack } = await busy();
    await send('POST', `${at}/stop`, { targetDirectory: '/savepoints', drain, triggerId: 'd'.repeat(32) });
    await settle();
    expect(stack.rows()).toHaveLength(drain ? 2 : 0);
  }
});

test('a stop with the trigger id of a checkpoint is a stop of its own: its windows fire', async () => {
  const { send, settle, get, at, stack } = await busy();
  await send('POST', `${at}/checkpoints`, { triggerId: 'd'.repeat(32) });
  await settle();
  await send('POST', `${at}/stop`, { targetDirectory: '/savepoints', drain: true, triggerId: 'd'.repeat(32) });
  await settle();
  expect((await get(`${at}/status`)).body).toEqual({ status: 'FINISHED' });
  expect(stack.rows()).toHaveLength(2);
});

test('what a job was restored from: a savepoint, or its last state', async () => {
  const { get, stack } = await busy();
  const restored = async (): Promise<unknown> => (await get(`/jobs/${stack.job.id}/checkpoints`)).body;
  const path = await stack.stop();
  await stack.resume(path);
  expect(await restored()).toMatchObject({ counts: { restored: 1 }, latest: { restored: { is_savepoint: true, external_path: path } } });
  await cancelJob(stack.workshop, stack.job.id);
  await stack.resume(null);
  expect(await restored()).toMatchObject({ latest: { restored: { is_savepoint: false } } });
});

test('views that are asked for at the same time read the state once', async () => {
  const { get, at, stack } = await busy();
  const reads = async (views: readonly string[]): Promise<number> => {
    stack.takeCalls();
    await Promise.all(views.map((view) => get(`${at}/${view}`)));
    return stack.takeCalls().filter((call) => call.startsWith('chunks.get')).length;
  };
  const alone = await reads(['checkpoints']);
  expect(alone).toBeGreaterThan(0);
  expect(await reads(['checkpoints', 'checkpoints', 'checkpoints/details/1'])).toBe(alone);
  expect(await reads(['checkpoints'])).toBe(alone);
});

test('what was triggered is asked for by its job and its kind', async () => {
  const { get, at } = await busy();
  const nobody = `/jobs/${'0'.repeat(31)}1`;
  const said = await Promise.all([get(`${nobody}/savepoints/${TRIGGER}`), get(`${at}/checkpoints/${TRIGGER}`), get(`/savepoint-disposal/${TRIGGER}`)]);
  expect(said.map(({ status }) => status)).toEqual([404, 404, 404]);
  expect(JSON.stringify(said[0]?.body)).toContain(`There is no savepoint operation with triggerId=${TRIGGER} for job`);
});

test('a location that is none fails when it is asked for', async () => {
  const { send, settle, get, at } = await busy();
  await send('POST', `${at}/savepoints`, { 'target-directory': 'ftp://x/y', triggerId: 'c'.repeat(32) });
  await settle();
  expect((await get(`${at}/savepoints/${'c'.repeat(32)}`)).body).toMatchObject({ status: { id: 'COMPLETED' }, operation: { 'failure-cause': { 'stack-trace': expect.stringContaining('OPTION_INVALID') } } });
});

test('cancel: twice is once, another mode is none, and a job that is being canceled says so', async () => {
  const { send, get, at, stack } = await busy();
  const refusal = (status: number, what: string): Said => ({ status, body: { errors: [expect.stringContaining(what)] } });
  expect(await send('PATCH', `${at}?mode=stop`)).toEqual(refusal(308, 'The termination mode "stop" has been removed.'));
  expect(await send('PATCH', `${at}?mode=kill`)).toEqual(refusal(400, 'Cannot resolve query parameter (mode) from value "kill".'));
  expect((await get(`${at}/status`)).body).toEqual({ status: 'RUNNING' });
  await requestCancel(stack.workshop, stack.job.id);
  expect((await get(`${at}/status`)).body).toEqual({ status: 'CANCELLING' });
  expect(await send('PATCH', at)).toEqual({ status: 202, body: {} });
  expect((await get(`${at}/status`)).body).toEqual({ status: 'CANCELED' });
  expect(await send('PATCH', `${at}?mode=CANCEL`)).toEqual({ status: 202, body: {} });
  expect(await send('PATCH', `/jobs/${'0'.repeat(31)}1`)).toEqual(refusal(404, 'Job could not be found.'));
  expect((await get('/overview')).body).toMatchObject({ 'jobs-running': 0, 'jobs-cancelled': 1 });
});
