/** Every machine: what happens, in which order, what is left of what goes wrong, and what the execution says at its end. */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { SluiceError, StoreError } from '../../lib/core/errors.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { WORKFLOWS } from '../../lib/workflows/messages.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { once, type Hook } from '../engine/stack.ts';
import { A, B, C, DROPPING, INCOMPATIBLE, isNoSavepoint, JOB, PLAN, RENAMED, RESPOND } from './inputs.ts';
import { allStates, definitionOf, World } from './world.ts';

const validate: (definition: object) => { isValid: boolean; errors: unknown[] } = createRequire(import.meta.url)('asl-validator');


/** The first call of this name fails. */
const failsOnce = (call: string, error: SluiceError): Hook =>
  once(call, () => {
    throw error;
  });

describe('the definitions', () => {
  test.each(WORKFLOWS)('%s is Amazon States Language', (name) => {
    const { isValid, errors } = validate(definitionOf(name));
    expect({ isValid, errors }).toEqual({ isValid: true, errors: [] });
  });

  test.each(WORKFLOWS)('%s is of the subset that all interpreters run, within bounds', (name) => {
    const definition = definitionOf(name);
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
    for (const [state, { Type, ...rest }] of Object.entries(allStates(definition))) {
      expect(state.length).toBeLessThanOrEqual(80);
      expect(['Task', 'Choice', 'Wait', 'Pass', 'Map', 'Succeed', 'Fail']).toContain(Type);
      if (Type === 'Task') expect(rest).toMatchObject({ Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 930, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 20 }] });
      if (Type === 'Map') expect(rest).toMatchObject({ MaxConcurrency: 10, ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' } } });
    }
    expect(Buffer.byteLength(JSON.stringify(definition))).toBeLessThan(1024 * 1024);
  });
});

describe('create', () => {
  test('starts a job', async () => {
    const world = new World();
    const ended = await world.run('create', { job: JOB, plan: PLAN });
    expect(ended.tasks).toEqual(['Check and record the job', 'Fence the sinks', 'Start the generation', 'Attach the event sources']);
    expect(ended.output).toMatchObject({ state: 'done', job: JOB, status: 'RUNNING', generation: 0, failure: null });
    expect(world.attached()).toEqual(['g0']);
  });

  test('forks a savepoint', async () => {
    const world = await World.withJob({ job: A });
    world.stack.produce([['click', 1], ['click', 2]]);
    await world.flow(A);
    const savepoint = await world.stack.stop();
    world.stack.produce([['click', 3], ['end', 100]]);
    expect(await world.run('create', { job: JOB, plan: PLAN, savepoint })).toMatchObject({ output: { status: 'RUNNING', generation: 1 } });
    await world.flow();
    expect(world.stack.rows()).toEqual([[0, 'click', 3]]);
  });

  test.each([
    [{ plan: '{' }, 'USAGE', /^'plan' of the execution's input cannot be "\{…"$/],
    [{ plan: '' }, 'USAGE', /^'plan' of the execution's input cannot be absent$/],
    [{ job: 'orders' }, 'USAGE', /^'job' of the execution's input cannot be "orders"$/],
    [{ plan: JSON.stringify(labPlan({ topic: 'nowhere' })) }, 'TOPIC_UNKNOWN', /^topic nowhere does not exist$/],
    [{ savepoint: '/savepoints/none' }, 'SAVEPOINT_NOT_FOUND', /none/],
  ])('refuses %o, and creates nothing', async (mistake, error, cause) => {
    const world = new World();
    expect(await world.run('create', { job: JOB, plan: PLAN, ...mistake })).toMatchObject({ error, cause: expect.stringMatching(cause), tasks: ['Check and record the job'] });
    await expect(world.control()).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
  });

  test('ends as failed with the job, and says why', async () => {
    const world = new World();
    world.refused = [0];
    expect(await world.run('create', { job: JOB, plan: PLAN, respond: RESPOND })).toMatchObject({ error: 'CONSUMERS_REFUSED', cause: 'no permission to attach' });
    expect(await world.control()).toMatchObject({ status: 'FAILED', operation: null });
    expect(world.answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: JOB, Reason: expect.stringContaining('CONSUMERS_REFUSED: no permission to attach') }]);
  });

  test('tells CloudFormation, if that waits', async () => {
    const world = new World();
    await world.run('create', { job: JOB, plan: PLAN, respond: RESPOND });
    expect(world.answers).toEqual([{ Status: 'SUCCESS', StackId: 'arn:stack', RequestId: 'r-1', LogicalResourceId: 'Orders', PhysicalResourceId: JOB, Data: { JobId: JOB, Status: 'RUNNING', Generation: '0' } }]);
  });
});

describe('savepoint', () => {
  test('says where it lies, and the job goes on', async () => {
    const world = await World.withJob();
    const { output, tasks } = await world.run('savepoint', { job: JOB });
    const [record] = (await world.control()).savepoints;
    expect(tasks).toEqual(['Check and record the savepoint', 'Fire with a barrier, checkpoint and export']);
    expect(output).toMatchObject({ state: 'done', status: 'RUNNING', savepoint: record?.path });
    expect(record?.path).toMatch(/^\/savepoints\/savepoint-cccccc-/);
  });

  test.each([
    ['the job has none', {}, null, 'OPTION_INVALID', 'there is no directory for savepoints of job'],
    ['it cannot be written', { directory: '/full' }, '/savepoints', 'SAVEPOINT_UNWRITABLE', '/full'],
  ])('is refused where %s', async (_, input, savepoints, error, cause) => {
    const world = await World.withJob();
    world.savepoints = savepoints;
    world.isWritable = (directory) => directory !== '/full';
    expect(await world.run('savepoint', { job: JOB, ...input })).toMatchObject({ error, cause: expect.stringContaining(cause) });
    expect(await world.control()).toMatchObject({ status: 'RUNNING', savepoints: [] });
  });

  test('is refused where the job has ended', async () => {
    const world = await World.withJob();
    await world.stack.stop();
    expect(await world.run('savepoint', { job: JOB })).toMatchObject({ error: 'JOB_STATE', cause: expect.stringContaining('FINISHED') });
  });
});

describe('stop', () => {
  test('leaves a savepoint from which the job goes on as if nothing had happened', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    const { output, tasks } = await world.run('stop', { job: JOB });
    expect(tasks).toEqual(['Check and record the stop', 'Freeze the partitions', 'Fire up to the freeze and close', 'Export the savepoint', 'Remove the event sources']);
    expect(output).toMatchObject({ state: 'done', status: 'FINISHED', savepoint: expect.stringMatching(/^\/savepoints\//) });
    expect(world.attached()).toEqual([]);
    expect(world.stack.rows()).toEqual([]);
    expect(await world.run('resume', { job: JOB }, { execution: 'e-2' })).toMatchObject({ output: { status: 'RUNNING', generation: 1 } });
    world.stack.produce([['click', 2], ['end', 100]]);
    await world.flow();
    expect(world.stack.rows()).toEqual([[0, 'click', 2]]);
  });

  test('drains, if that is asked for', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    expect(await world.run('stop', { job: JOB, drain: true })).toMatchObject({ output: { status: 'FINISHED' } });
    expect(world.stack.rows()).toEqual([[0, 'click', 1]]);
    expect((await world.control()).savepoints).toMatchObject([{ drained: true }]);
  });

  test('that fails leaves a running job and its reason', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    world.isWritable = isNoSavepoint;
    const { error, cause, tasks } = await world.run('stop', { job: JOB, respond: RESPOND });
    expect({ error, cause }).toEqual({ error: 'SAVEPOINT_UNWRITABLE', cause: expect.stringMatching(/^the stop failed, the job goes on: .*\/savepoints/) });
    expect(tasks.slice(3)).toEqual(['Export the savepoint', 'Let the job go on', 'Let the job go on', 'Let the job go on', 'Tell CloudFormation the reason']);
    expect(world.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('the stop failed, the job goes on') }]);
    expect(await world.control()).toMatchObject({ status: 'RUNNING', gen: 1, operation: null, last: { failure: { code: 'SAVEPOINT_UNWRITABLE' } } });
    expect(world.attached()).toEqual(['g1']);
    world.stack.produce([['click', 2], ['end', 100]]);
    await world.flow();
    expect(world.stack.rows()).toEqual([[0, 'click', 2]]);
  });

  test('waits for a sink with growing pauses, and gives up within bounds; the tick ends the stop once it can', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1], ['end', 100]]);
    await world.deliver();
    world.stack.before = (call) => {
      if (call === 'sink.emit') throw new StoreError('no', { message: 'the sink is down' });
    };
    const waits: number[] = [];
    const since = world.stack.runtime.wall;
    const { error, cause } = await world.run('stop', { job: JOB, drain: true }, {
      disturb: async (_state, invoke) => {
        const result = await invoke();
        if ('waitSeconds' in result && result.state === 'again') waits.push(result.waitSeconds);
        return result;
      },
    });
    expect({ error, cause }).toEqual({ error: 'CONTENTION', cause: `given up: job ${JOB} waits for a sink: the sink is down` });
    expect(waits.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect((world.stack.runtime.wall - since) / 60_000).toBeCloseTo(20, 0);
    expect(await world.control()).toMatchObject({ status: 'SUSPENDING', operation: { kind: 'stop', step: 'barrier' } });

    world.stack.before = () => {};
    for (let i = 0; i < 3; i++) {
      await world.invoke({ action: 'tick' });
      world.stack.runtime.advance(1000);
    }
    expect(await world.control()).toMatchObject({ status: 'FINISHED', operation: null, savepoints: [{ drained: true }] });
    expect(world.stack.rows()).toEqual([[0, 'click', 1], [1, 'end', 1]]);
  });
});

describe('cancel', () => {
  test('ends a job whose last state stays', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    const { output, tasks } = await world.run('cancel', { job: JOB });
    expect(tasks).toEqual(['Check and record the cancel', 'Close the logs', 'Take the event sources away']);
    expect(output).toMatchObject({ state: 'done', status: 'CANCELED', savepoint: null });
    expect(world.attached()).toEqual([]);
    expect(await world.run('resume', { job: JOB }, { execution: 'e-2' })).toMatchObject({ output: { status: 'RUNNING', generation: 1 } });
    world.stack.produce([['click', 2], ['end', 100]]);
    await world.flow();
    expect(world.stack.rows()).toEqual([[0, 'click', 2]]);
  });

  test('is refused where the job has ended', async () => {
    const world = await World.withJob();
    await world.stack.stop();
    expect(await world.run('cancel', { job: JOB })).toMatchObject({ error: 'JOB_STATE', cause: expect.stringContaining('FINISHED already') });
  });
});

describe('resume', () => {
  test('refuses a running job, and one that nobody knows', async () => {
    const world = await World.withJob();
    expect(await world.run('resume', { job: JOB })).toMatchObject({ error: 'JOB_STATE', cause: expect.stringContaining('there is nothing to resume') });
    expect(await world.run('resume', { job: A })).toMatchObject({ error: 'JOB_UNKNOWN' });
  });

  test('takes a savepoint and a plan', async () => {
    const world = await World.withJob();
    const savepoint = await world.stack.stop();
    expect(await world.run('resume', { job: JOB, savepoint, plan: JSON.stringify(RENAMED) })).toMatchObject({ output: { status: 'RUNNING', generation: 1 } });
    expect(await world.control()).toMatchObject({ name: 'another name', restored: { from: savepoint } });
  });
});

describe('upgrade', () => {
  const upgrade = (plan: Plan, more: object = {}): { job: string; plan: string } => ({ job: JOB, plan: JSON.stringify(plan), ...more });

  test('stops and resumes with the new plan, and keeps what open windows hold', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    const { output, tasks } = await world.run('upgrade', upgrade(RENAMED, { respond: RESPOND }));
    expect(tasks).toEqual([
      'Check the new plan against the state',
      'Check and record the stop',
      'Freeze the partitions',
      'Fire up to the freeze and close',
      'Export the savepoint',
      'Remove the event sources',
      'Check and record the resume',
      'Close the generation that ends',
      'Fence the sinks',
      'Start the next generation',
      'Attach the event sources',
      'Tell CloudFormation',
    ]);
    const [record] = (await world.control()).savepoints;
    expect(output).toMatchObject({ state: 'done', status: 'RUNNING', generation: 1, savepoint: record?.path, failure: null });
    expect(world.answers).toMatchObject([{ Status: 'SUCCESS', Data: { JobId: JOB, Status: 'RUNNING', Generation: '1', Savepoint: record?.path } }]);
    expect(await world.control()).toMatchObject({ name: 'another name' });
    world.stack.produce([['click', 2], ['end', 100]]);
    await world.flow();
    expect(world.stack.rows()).toEqual([[0, 'click', 2]]);
  });

  test('to the plan that runs only rolls the code', async () => {
    const world = await World.withJob();
    world.stack.takeCalls();
    const { output, tasks } = await world.run('upgrade', upgrade(labPlan()));
    expect(tasks).toEqual(['Check the new plan against the state', 'Roll the aliases']);
    expect(output).toMatchObject({ state: 'done', status: 'RUNNING', generation: 0 });
    expect(world.stack.takeCalls()).toContain('consumers.attach');
    expect(world.attached()).toEqual(['g0']);
  });

  test('to a plan that cannot take over the state is refused with the difference, and the job runs on', async () => {
    const world = await World.withJob();
    const before = await world.control();
    const { error, cause, tasks } = await world.run('upgrade', upgrade(INCOMPATIBLE, { respond: RESPOND }));
    expect({ error, tasks }).toEqual({ error: 'STATE_INCOMPATIBLE', tasks: ['Check the new plan against the state', 'Tell CloudFormation the reason'] });
    expect(cause).toContain('tumble-event_type');
    expect(world.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('tumble-event_type') }]);
    expect(await world.control()).toEqual(before);
  });

  test('that does not come to run leaves the old plan running, and its reason', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    world.refused = [1];
    const { error, cause, tasks } = await world.run('upgrade', upgrade(RENAMED, { respond: RESPOND }));
    expect({ error, cause }).toEqual({ error: 'CONSUMERS_REFUSED', cause: 'the upgrade failed, the job goes on with its old plan: no permission to attach' });
    expect(tasks.slice(-6)).toEqual([
      'Resume the old plan',
      'Close the generation that did not run',
      'Fence its sinks',
      'Start the old plan',
      'Attach the event sources of the old plan',
      'Tell CloudFormation the reason',
    ]);
    expect(await world.control()).toMatchObject({ status: 'RUNNING', name: 'lab', gen: 2 });
    expect(world.attached()).toEqual(['g2']);
    world.stack.produce([['click', 2], ['end', 100]]);
    await world.flow();
    expect(world.stack.rows()).toEqual([[0, 'click', 2]]);
  });

  test('whose resume is refused leaves the old plan running', async () => {
    const world = await World.withJob();
    const { error, cause } = await world.run('upgrade', upgrade(RENAMED), {
      disturb: (state, invoke) => {
        // The topic goes away between the check and the resume, and comes back.
        world.stack.before = state === 'Check and record the resume' ? failsOnce('source.topic', new SluiceError('TOPIC_UNKNOWN', { message: 'topic events does not exist' })) : () => {};
        return invoke();
      },
    });
    expect({ error, cause }).toEqual({ error: 'TOPIC_UNKNOWN', cause: 'the upgrade failed, the job goes on with its old plan: topic events does not exist' });
    expect(await world.control()).toMatchObject({ status: 'RUNNING', name: 'lab', gen: 1 });
  });

  test('whose stop fails leaves the old plan running', async () => {
    const world = await World.withJob();
    world.isWritable = isNoSavepoint;
    const { error, tasks } = await world.run('upgrade', upgrade(RENAMED));
    expect(error).toBe('SAVEPOINT_UNWRITABLE');
    expect(tasks.at(-1)).toBe('Let the job go on');
    expect(await world.control()).toMatchObject({ status: 'RUNNING', name: 'lab', gen: 1 });
  });

  test('of a job that has ended starts it with the new plan', async () => {
    const world = await World.withJob();
    await world.stack.stop();
    const { output, tasks } = await world.run('upgrade', upgrade(RENAMED));
    expect(tasks.slice(0, 2)).toEqual(['Check the new plan against the state', 'Check and record the resume']);
    expect(output).toMatchObject({ status: 'RUNNING', generation: 1 });
  });

  test('back to the plan before one that dropped its state goes back to where that began', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    expect(await world.run('upgrade', upgrade(DROPPING, { allowNonRestored: true }))).toMatchObject({ output: { status: 'RUNNING', generation: 1 } });
    world.stack.produce([['click', 2]]);
    await world.flow();
    const { output, tasks } = await world.run('upgrade', upgrade(labPlan(), { respond: RESPOND }), { execution: 'e-2' });
    expect(tasks).toEqual([
      'Check the new plan against the state',
      'Record the way back to before the upgrade',
      'Close the generation of the upgrade',
      'Fence the sinks of the upgrade',
      'Start the plan from before the upgrade',
      'Attach the event sources of the way back',
      'Tell CloudFormation',
    ]);
    expect(output).toMatchObject({ status: 'RUNNING', generation: 2 });
    expect(world.attached()).toEqual(['g2']);
    world.stack.produce([['click', 3], ['end', 100]]);
    await world.flow();
    expect(world.stack.rows()).toEqual([[0, 'click', 3]]);
  });

  test('waits for an operation that is under way, if CloudFormation waits: it cannot repeat', async () => {
    const world = await World.withJob();
    let asked = 0;
    const ended = await world.run('upgrade', upgrade(RENAMED, { respond: RESPOND }), {
      disturb: async (state, invoke) => {
        if (state === 'Check the new plan against the state' && asked++ === 0) await world.begin('stop');
        return invoke();
      },
    });
    // The stop comes to its end without its caller, and the upgrade starts what has ended.
    expect(ended).toMatchObject({ output: { status: 'RUNNING', generation: 1 } });
    expect(ended.tasks.filter((task) => task.startsWith('Check the new plan')).length).toBeGreaterThan(1);
  });
});

describe('teardown', () => {
  async function platform(): Promise<World> {
    const world = new World();
    for (const job of [A, B, C]) await world.create(job);
    return world;
  }

  test('stops all jobs with savepoints, and passes over those that have ended', async () => {
    const world = await platform();
    await world.run('cancel', { job: B }, { execution: 'e-0' });
    const { output, tasks } = await world.run('teardown', { policy: 'savepoint', respond: RESPOND });
    expect(tasks.filter((task) => task === 'Check and record the stop')).toHaveLength(2);
    expect(output).toMatchObject({ state: 'done', failure: null });
    expect(await Promise.all([A, B, C].map(async (job) => (await world.control(job)).status))).toEqual(['FINISHED', 'CANCELED', 'FINISHED']);
    expect((await world.control(A)).savepoints).toHaveLength(1);
    expect(world.answers).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(world.stack.stores.consumers.generations.size).toBe(0);
  });

  test('cancels the jobs that it is given, and no other', async () => {
    const world = await platform();
    await world.run('teardown', { policy: 'cancel', jobs: [A, C, 'e'.repeat(32)] });
    expect(await Promise.all([A, B, C].map(async (job) => (await world.control(job)).status))).toEqual(['CANCELED', 'RUNNING', 'CANCELED']);
  });

  test('of nothing is done at once', async () => {
    expect(await new World().run('teardown', { policy: 'savepoint' })).toMatchObject({ output: { state: 'done' }, tasks: ['List the jobs that have not ended', 'Have all ended?'] });
  });

  test('waits for operations of others, and finishes those that nobody moves', async () => {
    const world = await platform();
    await world.begin('stop', B);
    expect(await world.run('teardown', { policy: 'savepoint' })).toMatchObject({ output: { state: 'done' } });
    expect(await Promise.all([A, B, C].map(async (job) => (await world.control(job)).status))).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
  });

  test('says which jobs are left, and why', async () => {
    const world = await platform();
    world.isWritable = (_, key) => !key.startsWith('savepoint-bbbbbb');
    const { error, cause } = await world.run('teardown', { policy: 'savepoint' });
    expect(error).toBe('JOB_STATE');
    expect(cause).toMatch(new RegExp(`^a job has not ended: ${B} \\(lab\\) is RUNNING: the stop failed, the job goes on: `));
    expect(await Promise.all([A, B, C].map(async (job) => (await world.control(job)).status))).toEqual(['FINISHED', 'RUNNING', 'FINISHED']);
  });

  test('removes what a failed job has left behind', async () => {
    const world = await platform();
    world.stack.stores.log.forget((log) => log.includes(A) && log.endsWith('#C'));
    await world.fail(A);
    expect(world.attached(A)).toEqual(['g0']);
    expect(await world.run('teardown', { policy: 'savepoint' })).toMatchObject({ output: { state: 'done' } });
    expect(world.stack.stores.consumers.generations.size).toBe(0);
  });

  test('fails where consumers cannot be removed: they would invoke functions that are gone', async () => {
    const world = await platform();
    world.stack.stores.log.forget((log) => log.includes(A) && log.endsWith('#C'));
    await world.fail(A);
    world.stack.before = (call) => {
      if (call === 'consumers.detach') throw new SluiceError('CONSUMERS_REFUSED', { message: 'no permission to detach' });
    };
    expect(await world.run('teardown', { policy: 'savepoint', jobs: [A] })).toMatchObject({ error: 'CONSUMERS_REFUSED', cause: 'no permission to detach' });
    expect(world.attached(A)).toEqual(['g0']);
  });
});
