/** A function that never answers for one task, however often it is asked: the execution fails and says so, and the job is not left in between. */
import { expect, test } from 'vitest';
import type { WorkflowInputs } from '../../lib/workflows/messages.ts';
import { JOB, PLAN, RENAMED, RESPOND } from './inputs.ts';
import { World, type Ended } from './world.ts';

const RETRIES = 20;
const SILENT = { error: 'FUNCTION_FAILED', cause: expect.stringContaining('the workflow function failed again and again') };
const UPGRADE: WorkflowInputs['upgrade'] = { job: JOB, plan: JSON.stringify(RENAMED), respond: RESPOND };

async function running(): Promise<World> {
  const world = await World.withJob();
  world.stack.produce([['click', 1]]);
  await world.flow();
  return world;
}

const runSilent = (world: World, state: string): Promise<Ended> =>
  world.run('upgrade', UPGRADE, {
    disturb: (at, invoke) => {
      if (at === state) throw new Error('killed');
      return invoke();
    },
  });

test('a stop: the tick finishes it', async () => {
  const world = await running();
  const ended = await world.run('stop', { job: JOB, respond: RESPOND }, {
    disturb: (state, invoke) => {
      if (state === 'Export the savepoint') throw new Error('killed');
      return invoke();
    },
  });
  expect(ended).toMatchObject(SILENT);
  expect(ended.tasks.filter((task) => task === 'Export the savepoint')).toHaveLength(1 + RETRIES);
  expect(world.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('FUNCTION_FAILED') }]);
  for (let i = 0; i < 3; i++) {
    world.stack.runtime.advance(1000);
    await world.invoke({ action: 'tick' });
  }
  expect(await world.control()).toMatchObject({ status: 'FINISHED', operation: null, savepoints: [{ drained: false }] });
});

test('an upgrade: the old plan goes on from wherever it stood, or the new one runs', async () => {
  const { tasks } = await (await running()).run('upgrade', UPGRADE);
  for (const state of tasks.slice(0, -1)) {
    const world = await running();
    const ended = await runSilent(world, state);
    const { status, name, operation } = await world.control();
    // What was recorded before is brought to its end, by the way back.
    const isUpgraded = tasks.indexOf(state) > tasks.indexOf('Check and record the resume');
    expect({ state, status, operation, name }).toEqual({ state, status: 'RUNNING', operation: null, name: isUpgraded ? 'another name' : 'lab' });
    expect({ state, error: ended.error }).toEqual({ state, error: isUpgraded ? null : 'FUNCTION_FAILED' });
    expect({ state, answers: world.answers }).toMatchObject({ state, answers: [{ Status: isUpgraded ? 'SUCCESS' : 'FAILED' }] });
    world.stack.produce([['click', 2], ['end', 100]]);
    await world.flow();
    expect({ state, rows: world.stack.rows() }).toEqual({ state, rows: [[0, 'click', 2]] });
  }
});

test('the answer to CloudFormation: the execution fails, the job runs', async () => {
  const world = new World();
  const ended = await world.run('create', { job: JOB, plan: PLAN, respond: RESPOND }, {
    disturb: (state, invoke) => {
      if (state === 'Tell CloudFormation') throw new Error('killed');
      return invoke();
    },
  });
  expect(ended.error).not.toBeNull();
  expect(ended.tasks.filter((task) => task === 'Tell CloudFormation')).toHaveLength(1 + RETRIES);
  expect(await world.control()).toMatchObject({ status: 'RUNNING' });
});
