/** Every command on a platform in AWS, by the name of its stack. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createTable } from '../../lib/adapters/dynamodb/index.ts';
import { startCloud } from '../servers/cloud.ts';
import { startDynalite } from '../servers/dynamodb.ts';
import { command } from './sluice.ts';
import { openStackWorld, outputsOf, useCloud, type StackWorld } from './stack.ts';

const click = (time: string): string => JSON.stringify({ event_type: 'click', event_time: `2025-12-30T${time}` });

/** A platform with a topic and a job that counts its records. */
async function withJob(world: StackWorld): Promise<string> {
  await world.shop.topic();
  const { out, err } = await world.type('sql', '-e', world.shop.sql());
  expect(err).toBe('');
  return /Job ID: ([0-9a-f]{32})/.exec(out)?.[1] ?? 'no job';
}

test('an INSERT starts an execution that creates the job, and tells of its states, each once', async () => {
  const world = await openStackWorld();
  await world.shop.topic();
  const { out } = await world.type('sql', '-e', world.shop.sql());
  const [execution] = world.cloud.executions;
  const { job } = JSON.parse(JSON.stringify(execution?.input));
  expect(execution).toMatchObject({ machine: 'create', name: expect.stringMatching(new RegExp(`^${job}-create-[0-9a-f]{12}$`)), input: { allowNonRestored: false } });
  expect(out.split('\n')).toEqual([
    '[INFO] Execute statement succeeded.',
    '[INFO] Execute statement succeeded.',
    `Execution ${execution?.name}`,
    '  Check and record the job',
    '  Fence the sinks',
    '  Start the generation',
    '  Attach the event sources',
    '[INFO] Submitting SQL update statement to the cluster...',
    '[INFO] SQL update statement has been successfully submitted to the cluster:',
    `Job ID: ${job}`,
    '',
  ]);
  expect((await world.type('list')).out).toContain(`${job} : insert-into_default_catalog.default_database.counts (RUNNING)`);
});

test('savepoint, stop, resume and cancel are executions; savepoints go where those of the stack go', async () => {
  const world = await openStackWorld();
  const job = await withJob(world);
  const home = join(world.shop.home, 'savepoints-of-prod');
  const taken = await world.type('savepoint', job.slice(0, 6));
  expect(taken.out).toMatch(new RegExp(`^Triggering savepoint for job ${job}\\.\nExecution ${job}-savepoint-[0-9a-f]{12}\n  Check and record the savepoint\n  Fire with a barrier, checkpoint and export\nSavepoint completed\\. Path: ${home}/savepoint-`));
  const stopped: { path: string } = JSON.parse((await world.type('stop', job, '--json', '-p', join(world.shop.home, 'elsewhere'))).out);
  expect(stopped.path).toContain('/elsewhere/savepoint-');
  expect((await world.type('resume', job, '--from', stopped.path, '--pause-ttl')).out).toContain(`Resumed job ${job} from ${stopped.path}.`);
  expect((await world.type('cancel', job)).out).toContain(`Cancelled job ${job}.`);
  expect((await world.type('list', '-a')).out).toContain('(CANCELED)');
  expect(world.cloud.executions.map(({ machine }) => machine)).toEqual(['create', 'savepoint', 'stop', 'resume', 'cancel']);
  expect(world.cloud.executions.map(({ input }) => input)).toMatchObject([{}, { job, directory: home }, { job, drain: false }, { job, savepoint: stopped.path, allowOffsetGap: false, pauseTtl: true }, { job }]);
  expect(readdirSync(home)).toHaveLength(1);
});

test('an operation that is refused is thrown as the workflow told it', async () => {
  const world = await openStackWorld();
  const job = await withJob(world);
  await world.type('cancel', job);
  expect(await world.type('savepoint', job)).toMatchObject({ code: 1, err: `[ERROR] JOB_STATE: cannot take a savepoint of job ${job}: it is CANCELED, not RUNNING\nhint: see \`sluice list -a\`` });
  const { error } = JSON.parse((await world.type('stop', job, '--json')).err);
  expect(error.details).toEqual({ execution: world.cloud.executions.at(-1)?.name });
});

test('topics and tables are those of the place', async () => {
  const world = await openStackWorld();
  await withJob(world);
  expect((await world.type('topic', 'list', '--json')).out).toBe('{"topic":"events","partitions":1}');
  expect((await world.type('query', 'SELECT 1 AS one', '--json')).out).toBe('{"one":1}');
});

describe('describe', () => {
  test('is what the workflow function sees', async () => {
    const world = await openStackWorld();
    const job = await withJob(world);
    await world.shop.produce([click('10:00:00'), click('10:00:01')]);
    const here: { state: { entries: number } } = JSON.parse(await world.shop.sluice('describe', job, '--json'));
    const there = await world.type('describe', job, '--json');
    expect(there.err).toBe('');
    expect(JSON.parse(there.out)).toEqual(here);
    expect(here.state.entries).toBeGreaterThan(0);
    expect(world.cloud.invocations).toEqual([{ name: 'workflow-function', payload: { action: 'describe', job } }]);
  });

  test('where the function cannot answer, it is what can be seen from here', async () => {
    const world = await openStackWorld({ invoke: async () => 'boom' });
    const job = await withJob(world);
    const { code, out, err } = await world.type('describe', job);
    expect(code).toBe(0);
    expect(out).toContain(`Job ID:       ${job}\n`);
    expect(err).toBe(`[WARN] Described from here, since the workflow function could not be asked: the workflow function could not describe job ${job}: boom`);
  });
});

describe('executions', () => {
  test('are listed, newest first, and shown with their states', async () => {
    const world = await openStackWorld();
    const job = await withJob(world);
    await world.type('savepoint', job);
    const names = world.cloud.executions.map(({ name }) => name).reverse();
    const listed = (await world.type('executions', 'list', job.slice(0, 8).toUpperCase(), '--json')).out.split('\n').map((line): { name: string } => JSON.parse(line));
    expect(listed.map(({ name }) => name)).toEqual(names);
    expect((await world.type('executions', 'list', 'ffff', '--json')).out).toBe('');
    expect((await world.type('executions', 'list')).out).toMatch(new RegExp(`savepoint *\\| *SUCCEEDED *\\| *2\\.5 *\\| *${names[0]}`));
    const shown = (await world.type('executions', 'show', names[0] ?? '')).out;
    expect(shown).toMatch(/^Execution: {4}\S+\nWorkflow: {5}savepoint\nStatus: {7}SUCCEEDED\nStarted: {6}\S+ \S+, took 2\.5 s\nStates:\n/);
    expect(shown).toMatch(/\d {2}Check and record the savepoint\n.*\d {2}Fire with a barrier, checkpoint and export\nSavepoint: {4}\S+\/savepoint-\S+$/);
  });

  test('what is repeated is told of once', async () => {
    const world = await openStackWorld({ execute: async () => ({ states: ['Check', 'Start', 'Start', 'Start', 'Attach'] }) });
    await world.shop.topic();
    const { out } = await world.type('deploy', world.shop.file('job.sql', world.shop.sql()));
    const [{ name = '' } = {}] = world.cloud.executions;
    expect(out.split('\n').slice(0, 4)).toEqual([`Execution ${name}`, '  Check', '  Start', '  Attach']);
    expect((await world.type('executions', 'show', name)).out).toMatch(/ {2}Check\n.* {2}Start \(3 times\)\n.* {2}Attach$/);
  });

  test('one that failed says why', async () => {
    const failure = { code: 'TOPIC_UNKNOWN', message: 'topic events does not exist', hint: 'create it with: sluice topic create events' };
    const world = await openStackWorld({ execute: async () => ({ states: ['Check and record the job'], result: { failure } }) });
    await world.shop.topic();
    const { err } = await world.type('sql', '-e', world.shop.sql());
    const [{ name = '' } = {}] = world.cloud.executions;
    expect(err).toMatch(/^\[ERROR\] TOPIC_UNKNOWN: topic events does not exist\n  at command line:\d+:1, statement 3\nhint: create it with: sluice topic create events$/);
    expect((await world.type('executions', 'show', name)).out).toMatch(/Error: {8}TOPIC_UNKNOWN: topic events does not exist\n {14}hint: create it with: sluice topic create events$/);
    expect(JSON.parse((await world.type('executions', 'show', name, '--json')).out)).toMatchObject({ name, workflow: 'create', status: 'FAILED', failure, states: [{ name: 'Check and record the job' }] });
  });

  test.each([
    [['show', 'nosuch'], 1, "[ERROR] OPTION_INVALID: stack 'prod' has no execution nosuch\nhint: see `sluice --stack prod executions list`"],
    [['list', '--limit', '0'], 2, "[ERROR] USAGE: --limit cannot be '0'\nhint: it is a number from 1 to 999"],
  ])('%s', async (words, code, err) => {
    const world = await openStackWorld();
    expect(await world.type('executions', ...words)).toEqual({ code, out: '', err });
  });

  test('there are none without a stack', async () => {
    expect(await command(['executions', 'list'])).toEqual({ code: 2, out: '', err: '[ERROR] USAGE: executions are those of a stack\nhint: name it with --stack, or set SLUICE_STACK' });
  });
});

test('a plan that Step Functions would not take is refused before', async () => {
  const world = await openStackWorld();
  await world.shop.topic();
  const { err } = await world.type('sql', '-e', world.shop.sql().replace(' GROUP BY', ` WHERE event_type <> '${'x'.repeat(110_000)}' GROUP BY`));
  expect(err).toMatch(/^\[ERROR\] OPTION_INVALID: the plan takes 22\d{4} bytes, Step Functions takes 204800\n {2}at command line:\d+:1, statement 3\nhint: make several jobs of the statement$/);
  expect(world.cloud.executions).toEqual([]);
});

describe('an execution that does not end as its machine would', () => {
  test.each([
    ['aborted', { status: 'ABORTED' }, 'is ABORTED'],
    ['timed out', { status: 'TIMED_OUT', error: 'States.Timeout', cause: 'too long' }, 'is TIMED_OUT: States.Timeout: too long'],
  ])('%s', async (_what, ends, said) => {
    const world = await openStackWorld({ execute: async () => ({ states: [], ends }) });
    await world.shop.topic();
    const { err } = await world.type('deploy', world.shop.file('job.sql', world.shop.sql()));
    const [{ name = '' } = {}] = world.cloud.executions;
    expect(err).toBe(`[ERROR] CLOUD_FAILED: execution ${name} ${said}\nhint: see where it ended: sluice --stack prod executions show ${name}`);
  });

  test('what Step Functions says of a failure counts where no state says more', async () => {
    const world = await openStackWorld({ execute: async () => ({ states: [], ends: { status: 'FAILED', error: 'JOB_BUSY', cause: 'somebody else is at it' } }) });
    await world.shop.topic();
    expect((await world.type('deploy', world.shop.file('job.sql', world.shop.sql()))).err).toBe('[ERROR] JOB_BUSY: somebody else is at it');
  });

  test('Ctrl-C leaves it running, and says how to follow it', async () => {
    const world = await openStackWorld({ execute: async () => null });
    await world.shop.topic();
    const deployed = world.type('deploy', world.shop.file('job.sql', world.shop.sql()));
    await vi.waitFor(() => expect(world.cloud.executions).toHaveLength(1), { timeout: 5000 });
    process.emit('SIGINT');
    const { code, err } = await deployed;
    const [{ name = '', status = '' } = {}] = world.cloud.executions;
    expect({ code, err, status }).toEqual({
      code: 1,
      err: `[ERROR] JOB_BUSY: execution ${name} goes on\nhint: see what becomes of it: sluice --stack prod executions show ${name}`,
      status: 'RUNNING',
    });
  });
});

describe('the stack', () => {
  test('says where the store is', async () => {
    const store = await startDynalite();
    onTestFinished(() => store.stop());
    const cloud = await startCloud({ stacks: { prod: { ...outputsOf('s3://bucket/savepoints'), Store: `dynamodb://jobs?endpoint=${store.endpoint}` } }, execute: async () => null, invoke: async () => ({}) });
    onTestFinished(() => cloud.stop());
    useCloud(cloud.endpoint);
    await createTable(`dynamodb://jobs?endpoint=${store.endpoint}`);
    vi.stubEnv('SLUICE_STACK', 'prod');
    expect(await command(['list'])).toEqual({ code: 0, out: 'No running jobs.', err: '' });
    expect((await command(['describe', 'ab'])).err).toBe('[ERROR] JOB_UNKNOWN: there is no job ab\nhint: see `sluice list -a`');
  });

  test.each([
    ['is not there', 'nosuch', "[ERROR] OPTION_INVALID: there is no stack 'nosuch' in us-east-1\nhint: correct --stack, or name its account and region with --profile and --region"],
    [
      'is no platform',
      'half',
      "[ERROR] OPTION_INVALID: stack 'half' (CREATE_COMPLETE) has no output Blobs, Kafka, Savepoints, WorkflowFunction, CreateWorkflow, SavepointWorkflow, StopWorkflow, CancelWorkflow, ResumeWorkflow, UpgradeWorkflow, TeardownWorkflow\nhint: name the stack of a Sluice platform whose deployment is complete",
    ],
  ])('%s', async (_what, name, err) => {
    await openStackWorld();
    expect(await command(['--stack', name, 'list'])).toEqual({ code: 1, out: '', err });
  });

  test('with credentials that have expired', async () => {
    const { cloud, type } = await openStackWorld();
    cloud.refuse({ code: 'ExpiredToken', message: 'The security token included in the request is expired', status: 403 });
    expect((await type('list')).err).toBe(
      "[ERROR] CLOUD_FAILED: find its outputs: ExpiredToken: The security token included in the request is expired (HTTP 403) (stack 'prod')\nhint: sign in again, for example with `aws sso login`, or renew the credentials of --profile",
    );
  });

  test('without credentials', async () => {
    const { type, shop } = await openStackWorld();
    const empty = shop.file('empty', '');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, empty);
    expect((await type('list')).err).toBe(
      "[ERROR] CLOUD_FAILED: find its outputs: CredentialsProviderError: Could not load credentials from any providers (stack 'prod')\nhint: name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    );
  });

  test('of another account and region, by --profile and --region', async () => {
    const { type, shop } = await openStackWorld();
    vi.stubEnv('AWS_PROFILE', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', shop.file('config', ''));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', shop.file('credentials', '[other]\naws_access_key_id = a\naws_secret_access_key = b\n'));
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    expect((await type('--profile', 'other', '--region', 'eu-north-1', '--stack', 'nosuch', 'list')).err).toContain("there is no stack 'nosuch' in eu-north-1\n");
    expect((await type('--profile', 'nobody', '--stack', 'nosuch', 'list')).err).toContain('CLOUD_FAILED: find its outputs: CredentialsProviderError: ');
  });

  test.each([
    [['up'], "[ERROR] USAGE: `sluice up` is not for a stack, and --stack names 'prod'\nhint: the functions of the stack run its jobs; `sluice list` shows them"],
    [['store', 'create'], "[ERROR] USAGE: `sluice store` is not for a stack, and --stack names 'prod'\nhint: the deployment of the stack has made its store"],
    [['lab'], "[ERROR] USAGE: `sluice lab` is not for a stack, and --stack names 'prod'\nhint: it works on this machine alone: leave --stack out"],
  ])('%s is not for it', async (words, err) => {
    expect(await command(['--stack', 'prod', ...words])).toEqual({ code: 2, out: '', err });
  });
});
