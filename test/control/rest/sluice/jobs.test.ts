/** What our own endpoints tell of jobs. */
import { expect, test } from 'vitest';
import { jobId, wallTime } from '../../../../lib/core/numbers.ts';
import type { JobStatus } from '../../../../lib/engine/lifecycle/job-control.ts';
import type { JobSummary } from '../../../../lib/control/summary.ts';
import { MINUTE } from '../../../engine/stack.ts';
import { labPlan } from '../../../engine/lab-plan.ts';
import { inMemory, type InMemory } from '../api.ts';

const summary = (i: number, status: JobStatus = 'RUNNING'): JobSummary => ({
  id: jobId(String(i).padStart(32, '0')),
  name: `job ${i}`,
  status,
  startedAt: wallTime(i),
  changedAt: wallTime(i),
  planHash: 'sha256:0',
  failure: null,
  recordErrors: [],
  fireError: null,
  deadLetters: null,
  sinkErrors: [],
});

interface Listed {
  readonly jobs: readonly { readonly id: string; readonly name: string }[];
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly next: string | null;
}

const listed = async ({ get }: InMemory, query: string): Promise<Listed> => JSON.parse(JSON.stringify((await get(`/sluice/v1/jobs${query}`)).body));

test('jobs come newest first, in pages that together have each of them once', async () => {
  const world = await inMemory({}, { jobs: async () => Array.from({ length: 250 }, (_, i) => summary(i)) });
  const names: string[] = [];
  for (let after = ''; ; ) {
    const { jobs, total, next } = await listed(world, `?limit=100${after}`);
    expect(total).toBe(250);
    names.push(...jobs.map(({ name }) => name));
    if (next === null) break;
    after = `&after=${next}`;
  }
  expect(names).toEqual(Array.from({ length: 250 }, (_, i) => `job ${249 - i}`));
  expect((await listed(world, '')).jobs).toHaveLength(100);
});

test('jobs are found by their state and by a part of their name; the counts are those of all', async () => {
  const world = await inMemory({}, { jobs: async () => [summary(1), summary(2, 'FAILED'), summary(3, 'CANCELED'), summary(12)] });
  expect(await listed(world, '?status=failed,CANCELED')).toMatchObject({ jobs: [{ name: 'job 3' }, { name: 'job 2' }], total: 2, counts: { RUNNING: 2, FAILED: 1, CANCELED: 1 } });
  expect((await listed(world, '?name=B%201')).jobs.map(({ name }) => name)).toEqual(['job 12', 'job 1']);
  expect(await listed(world, '?name=nothing')).toMatchObject({ jobs: [], total: 0, next: null });
});

test.each(['?limit=0', '?limit=1001', '?limit=x', '?limit=1e99', '?after=nobody'])('%s is refused, with what would do', async (query) => {
  const { get } = await inMemory();
  expect(await get(`/sluice/v1/jobs${query}`)).toMatchObject({ status: 400, body: { errors: [expect.stringMatching(/'(limit|after)'/)] } });
});

test('a job that is held up says what by, and keeps the record for its samples', async () => {
  const world = await inMemory();
  const { stack, get } = world;
  stack.stores.source.produce('events', ['{"event_type": "a", "event_time": "secret"}'], 0);
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
  expect(await listed(world, '')).toMatchObject({ jobs: [{ status: 'RESTARTING', isEnded: false, errors: 1, error: { code: 'RECORD_MALFORMED' } }] });
  expect((await get(`/sluice/v1/jobs/${stack.job.id}/samples`)).body).toMatchObject({ waiting: [{ code: 'RECORD_MALFORMED', topic: 'events', partition: 0, offset: 0 }], deadLetters: [], late: [] });
});

/** A job with two records in open windows. */
async function busy(options: Readonly<Record<string, string>> = {}, partitions = 1): Promise<InMemory & { readonly at: string }> {
  const world = await inMemory({ partitions, plan: { ...labPlan({ planOptions: options }), sql: "INSERT INTO out SELECT * FROM events /*+ OPTIONS('properties.sasl.jaas.config' = 'it''s me', 'x' = 'y') */" } });
  world.stack.produce([['a', 1], ['b', 2]]);
  await world.stack.deliver(world.stack.writer());
  world.stack.runtime.advance(MINUTE);
  await world.stack.firer().step();
  return { ...world, at: `/sluice/v1/jobs/${world.stack.job.id}` };
}

test('a job in full: where it stands, what its windows hold, and what it runs', async () => {
  const { get, at, stack } = await busy();
  const { body } = await get(at);
  expect(body).toMatchObject({
    id: stack.job.id,
    status: 'RUNNING',
    generation: 0,
    operation: null,
    state: {
      sources: [{ table: 'default_catalog.default_database.events', partitionCount: 1, idleCount: 0, lag: 0, holder: '0.0.0', partitions: [{ id: '0.0.0', next: 2, end: 2, isHolder: true }] }],
      operators: [{ kind: 'window', windowCount: 1, windows: [{ entries: 2, age: expect.any(Number) }] }],
    },
    plan: { nodes: [{ kind: 'source', inputs: [] }, { kind: 'window-aggregate' }, { kind: 'calc' }, { kind: 'sink', inputs: ['select'], lines: [expect.stringContaining('Sink c.d.out'), expect.any(String)] }] },
    costs: null,
    offsets: 'bytes',
  });
});

test('what looks like a secret is in no answer', async () => {
  const { get, at } = await busy({ 's3.secret-key': 'abc' });
  const { body } = await get(at);
  expect(body).toMatchObject({ options: { 's3.secret-key': '******' }, sql: expect.stringContaining("'properties.sasl.jaas.config' = '******', 'x' = 'y'") });
});

test('a store that costs money has costs, as far as they are known', async () => {
  const { get, stack } = await inMemory({}, { isPaid: true });
  const costs = async (): Promise<unknown> => JSON.parse(JSON.stringify((await get(`/sluice/v1/jobs/${stack.job.id}`)).body)).costs;
  expect(await costs()).toMatchObject({ currency: 'USD', soFar: expect.any(Number), perMonth: null });
  stack.runtime.advance(MINUTE);
  expect(await costs()).toMatchObject({ perMonth: expect.any(Number), statePerMonth: null, assumptions: expect.arrayContaining([expect.stringContaining('us-east-1')]) });
});

test('hundreds of partitions: the description has the first ones and the holder, pages have all of them', async () => {
  const { get, at } = await busy({}, 300);
  const { state }: { state: { sources: { partitionCount: number; partitions: unknown[]; lag: number }[] } } = JSON.parse(JSON.stringify((await get(at)).body));
  expect(state.sources[0]).toMatchObject({ partitionCount: 300, lag: 0 });
  expect(state.sources[0]?.partitions.length).toBeLessThanOrEqual(65);
  const ids: string[] = [];
  for (let after = ''; ; ) {
    const page: { partitions: { id: string }[]; total: number; next: string | null } = JSON.parse(JSON.stringify((await get(`${at}/partitions?limit=120${after}`)).body));
    ids.push(...page.partitions.map(({ id }) => id));
    if (page.next === null) break;
    after = `&after=${page.next}`;
  }
  expect(new Set(ids).size).toBe(300);
});

test('partitions are sorted by their lag, and found by their source', async () => {
  const { get, at, stack } = await busy({}, 3);
  stack.stores.source.produce('events', ['x', 'y'], 2);
  stack.stores.source.produce('events', ['x'], 1);
  expect((await get(`${at}/partitions?sort=lag`)).body).toMatchObject({ partitions: [{ partition: 2, lag: 2 }, { partition: 1, lag: 1 }, { partition: 0, lag: 0 }], total: 3, next: null });
  expect((await get(`${at}/partitions?source=nobody`)).body).toMatchObject({ partitions: [], total: 0 });
  expect((await get(`${at}/partitions?sort=size`)).status).toBe(400);
});

test('an operation under way says which step it is at, and one that has ended what it came to', async () => {
  const { get, at, send, settle, stack } = await busy();
  expect((await get(`${at}/operation`)).body).toMatchObject({ operation: null, savepoints: [], last: { kind: 'create', failure: null } });
  await send('POST', `/jobs/${stack.job.id}/stop`, { targetDirectory: '/savepoints', triggerId: 'd'.repeat(32) });
  await settle();
  expect((await get(`${at}/operation`)).body).toMatchObject({ last: { kind: 'stop', id: 'd'.repeat(32), failure: null } });
});
