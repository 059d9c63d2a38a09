/** `sluice serve`: the API of jobs that run elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { ask, type Ask } from '../control/rest/world.ts';
import { Shop, until } from './shop.ts';
import { openStackWorld, type StackWorld } from './stack.ts';

const TRIGGER = 'a'.repeat(32);

interface Served {
  readonly url: string;
  ask(asked: Ask): Promise<Json>;
  /** What it has printed. */
  printed(): readonly string[];
  /** Ends it as Ctrl-C does. */
  end(): Promise<number>;
}

/** What tests look at in answers. */
interface Json {
  readonly jobs?: readonly { readonly id: string; readonly status: string }[];
  readonly status?: { readonly id: string };
  readonly operation?: { readonly location?: string };
  readonly state?: string;
}

/** Runs the command in this process, where the fake cloud is. */
async function serve(argv: readonly string[], ...options: readonly string[]): Promise<Served> {
  const listening = Promise.withResolvers<string>();
  const printed: string[] = [];
  const out = (line: string): void => {
    printed.push(line);
    listening.resolve(/http:\/\/[\d.]+:\d+/.exec(line)?.[0] ?? '');
  };
  const ended = run([...argv, 'serve', '--rest-port', '0', ...options], { out, err: (line) => listening.reject(new Error(line)), progress: () => {}, input: async () => null, terminal: () => null });
  const end = (): Promise<number> => {
    process.emit('SIGINT');
    return ended;
  };
  onTestFinished(() => void end());
  const url = await listening.promise;
  return { url, ask: async (asked) => JSON.parse((await ask(url, asked)).text), printed: () => printed, end };
}

async function withJob({ shop, type }: StackWorld): Promise<string> {
  await shop.topic();
  return /Job ID: ([0-9a-f]{32})/.exec((await type('sql', '-e', shop.sql())).out)?.[1] ?? 'no job';
}

const completed = (served: Served, path: string): Promise<Json> => until(() => served.ask({ path }), ({ status }) => status?.id === 'COMPLETED');

test('of a stack: it reads the store, and what clients trigger are executions with the trigger in their names', async () => {
  const world = await openStackWorld();
  const job = await withJob(world);
  const served = await serve(world.argv());
  expect((await served.ask({ path: '/v1/jobs' })).jobs).toEqual([{ id: job, status: 'RUNNING' }]);
  expect((await served.ask({ path: `/v1/jobs/${job}` })).state).toBe('RUNNING');
  // Without a directory it goes where the savepoints of the stack go.
  const triggered = { method: 'POST', path: `/v1/jobs/${job}/savepoints`, body: JSON.stringify({ triggerId: TRIGGER }) };
  for (const _ of [1, 2]) expect(await served.ask(triggered)).toEqual({ 'request-id': TRIGGER });
  const done = await completed(served, `/v1/jobs/${job}/savepoints/${TRIGGER}`);
  expect(done.operation?.location).toMatch(/\/savepoints-of-prod\/savepoint-/);
  await served.ask({ method: 'PATCH', path: `/v1/jobs/${job}` });
  expect((await served.ask({ path: '/v1/jobs' })).jobs).toEqual([{ id: job, status: 'CANCELED' }]);
  expect(await served.ask({ method: 'POST', path: `/sluice/v1/jobs/${job}/resume`, body: JSON.stringify({ triggerId: TRIGGER }) })).toEqual({ 'request-id': TRIGGER });
  expect((await completed(served, `/sluice/v1/jobs/${job}/resume/${TRIGGER}`)).operation).toEqual({ dropped: [] });
  expect(world.cloud.executions.map(({ machine, name }) => [machine, name.slice(33)])).toEqual([
    ['create', expect.stringMatching(/^create-/)],
    ['savepoint', `savepoint-${TRIGGER}`],
    ['cancel', expect.stringMatching(/^cancel-/)],
    ['resume', `resume-${TRIGGER}`],
  ]);
  expect(await served.end()).toBe(0);
});

test('another process knows what was triggered in the first one, and a failure by its name', async () => {
  const world = await openStackWorld();
  const job = await withJob(world);
  const first = await serve(world.argv());
  const path = `/v1/jobs/${job}/stop`;
  await first.ask({ method: 'POST', path, body: JSON.stringify({ triggerId: TRIGGER }) });
  await first.end();
  const second = await serve(world.argv());
  expect((await completed(second, `/v1/jobs/${job}/savepoints/${TRIGGER}`)).operation?.location).toContain('/savepoint-');
  const late = 'b'.repeat(32);
  await second.ask({ method: 'POST', path, body: JSON.stringify({ triggerId: late }) });
  expect(JSON.stringify(await completed(second, `/v1/jobs/${job}/savepoints/${late}`))).toContain(`JOB_STATE: cannot stop job ${job}: it is FINISHED, not RUNNING`);
});

test('who triggers something may ask for it at once, though AWS sees executions late', async () => {
  const world = await openStackWorld({ looksInVain: 2 });
  const job = await withJob(world);
  const served = await serve(world.argv());
  await served.ask({ method: 'POST', path: `/v1/jobs/${job}/savepoints`, body: JSON.stringify({ triggerId: TRIGGER }) });
  expect((await served.ask({ path: `/v1/jobs/${job}/savepoints/${TRIGGER}` })).status?.id).toMatch(/^(IN_PROGRESS|COMPLETED)$/);
  expect((await completed(served, `/v1/jobs/${job}/savepoints/${TRIGGER}`)).operation?.location).toContain('/savepoint-');
});

test('a checkpoint is taken by the function of the stack', async () => {
  const world = await openStackWorld();
  const job = await withJob(world);
  const served = await serve(world.argv());
  await served.ask({ method: 'POST', path: `/v1/jobs/${job}/checkpoints`, body: JSON.stringify({ triggerId: TRIGGER }) });
  expect((await completed(served, `/v1/jobs/${job}/checkpoints/${TRIGGER}`)).operation).toEqual({ checkpointId: expect.any(Number) });
  expect(world.cloud.invocations).toContainEqual({ name: 'workflow-function', payload: { action: 'checkpoint', job, request: TRIGGER } });
});

test('of a data directory: jobs that another process runs, or nobody', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await shop.submit(shop.sql());
  const served = await serve(['--dir', shop.dir]);
  expect((await served.ask({ path: '/jobs' })).jobs).toEqual([{ id: job, status: 'RUNNING' }]);
  const { err, code } = await shop.type('serve', '--rest-port', '70000');
  expect({ err, code }).toMatchObject({ code: 2, err: expect.stringContaining('It is a number from 0 to 65535.') });
});

test('to others than this machine: with a token alone, and what they do is written down', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await shop.submit(shop.sql());
  const { err } = await shop.type('serve', '--rest-port', '0', '--rest-address', '0.0.0.0');
  expect(err).toBe(
    '[ERROR] OPTION_INVALID: whoever reaches 0.0.0.0 could do everything to the jobs: the REST API is served there only to those who know a token\nhint: make one with `sluice token > FILE`, and name it with --token-file FILE, or SLUICE_TOKEN',
  );
  const token = await shop.sluice('token');
  const { url, end } = await serve(['--dir', shop.dir], '--rest-address', '0.0.0.0', '--token-file', shop.file('token', `${token}\n`));
  const here = url.replace('0.0.0.0', '127.0.0.1');
  expect((await ask(here, { path: '/jobs' })).status).toBe(401);
  expect((await shop.type('doctor', '--rest-port', new URL(url).port)).out).toContain(`served by Sluice at ${here}`);
  expect((await ask(here, { method: 'PATCH', path: `/jobs/${job}`, headers: { authorization: `Bearer ${token}` } })).status).toBe(202);
  const audited = readFileSync(join(shop.dir, 'audit.jsonl'), 'utf8');
  expect(JSON.parse(audited)).toMatchObject({ who: 'token', address: '127.0.0.1', method: 'PATCH', path: '/jobs/:jobid', job, status: 202 });
  expect(audited).not.toContain(token);
  await end();
});

test('a server that is ended says what it still waits for', async () => {
  const world = await openStackWorld();
  const job = await withJob(world);
  const released = Promise.withResolvers<void>();
  world.hold(released.promise);
  const served = await serve(world.argv());
  await served.ask({ method: 'POST', path: `/v1/jobs/${job}/checkpoints`, body: '{}' });
  const ended = served.end();
  await until(async () => served.printed(), (lines) => lines.some((line) => line.startsWith('Waiting for 1 operation of the REST API; Ctrl-C again leaves at once')));
  released.resolve();
  expect(await ended).toBe(0);
});
