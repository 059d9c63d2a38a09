/** `sluice serve`: the API of jobs that run elsewhere. */
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { ask, type Ask } from '../control/rest/world.ts';
import { Shop, until } from './shop.ts';
import { openStackWorld, type StackWorld } from './stack.ts';

const TRIGGER = 'a'.repeat(32);

interface Served {
  ask(asked: Ask): Promise<Json>;
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
async function serve(argv: readonly string[]): Promise<Served> {
  const listening = Promise.withResolvers<string>();
  const out = (line: string): void => listening.resolve(/http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '');
  const ended = run([...argv, 'serve', '--rest-port', '0'], { out, err: (line) => listening.reject(new Error(line)), progress: () => {}, input: async () => null, terminal: () => null });
  const end = (): Promise<number> => {
    process.emit('SIGINT');
    return ended;
  };
  onTestFinished(() => void end());
  const url = await listening.promise;
  return { ask: async (asked) => JSON.parse((await ask(url, asked)).text), end };
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
  expect(world.cloud.executions.map(({ machine, name }) => [machine, name.slice(33)])).toEqual([
    ['create', expect.stringMatching(/^create-/)],
    ['savepoint', `savepoint-${TRIGGER}`],
    ['cancel', expect.stringMatching(/^cancel-/)],
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
