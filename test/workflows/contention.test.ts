/** Two operations on one job at once: one wins, the other says so, and the job ends in a state that one of them meant. */
import { describe, expect, test } from 'vitest';
import type { WorkflowInputs, WorkflowName } from '../../lib/workflows/messages.ts';
import { JOB, PLAN, RENAMED } from './inputs.ts';
import { World, type Disturb, type Ended } from './world.ts';

type Start = (world: World, execution: string, disturb?: Disturb) => Promise<Ended>;

const starts =
  <Name extends WorkflowName>(name: Name, input: WorkflowInputs[Name]): Start =>
  (world, execution, disturb = (_state, invoke) => invoke()) =>
    world.run(name, input, { execution, disturb });

const savepoint = starts('savepoint', { job: JOB });
const stop = starts('stop', { job: JOB });

const OPERATIONS: Readonly<Record<string, { readonly start: Start; readonly ends: string }>> = {
  stop: { start: stop, ends: 'FINISHED' },
  cancel: { start: starts('cancel', { job: JOB }), ends: 'CANCELED' },
  upgrade: { start: starts('upgrade', { job: JOB, plan: JSON.stringify(RENAMED) }), ends: 'RUNNING' },
};

const PAIRS = Object.keys(OPERATIONS).flatMap((first) => Object.keys(OPERATIONS).map((second): [string, string] => [first, second]));

async function running(): Promise<World> {
  const world = await World.withJob();
  world.stack.produce([['click', 1]]);
  await world.flow();
  return world;
}

const operation = (name: string): { start: Start; ends: string } => OPERATIONS[name] ?? { start: stop, ends: 'none' };

describe.each(PAIRS)('%s and %s', (first, second) => {
  test('at the same moment', async () => {
    const world = await running();
    const both = await Promise.all([operation(first).start(world, 'e-1'), operation(second).start(world, 'e-2')]);
    const control = await world.control();
    expect(control.operation).toBeNull();
    const winners = both.flatMap(({ error }, i) => (error === null ? [[first, second][i] ?? ''] : []));
    const losers = both.filter(({ error }) => error !== null);
    // Who cancels what is being cancelled has what it asked for.
    const isJoined = first === 'cancel' && second === 'cancel';
    expect(losers.map(({ error }) => error)).toEqual(isJoined ? [] : [expect.stringMatching(/^JOB_(BUSY|STATE)$/)]);
    expect(control.status).toBe(operation(winners[0] ?? '').ends);
  });

  test('the second behind each task of the first', async () => {
    const { tasks } = await operation(first).start(await running(), 'e-0');
    for (const state of tasks) {
      const world = await running();
      let other: Ended | null = null;
      const ended = await operation(first).start(world, 'e-1', async (at, invoke) => {
        const result = await invoke();
        if (at === state) other ??= await operation(second).start(world, 'e-2');
        return result;
      });
      const both: (Ended | null)[] = [ended, other];
      const control = await world.control();
      expect({ state, operation: control.operation }).toEqual({ state, operation: null });
      expect(['FINISHED', 'CANCELED', 'RUNNING']).toContain(control.status);
      // What failed says why; what did not, has come to the state that it says, and the last of them is where the job is.
      for (const error of both.flatMap((one) => one?.error ?? [])) expect({ state, error }).toEqual({ state, error: expect.stringMatching(/^JOB_(BUSY|STATE)$/) });
      const said = both.flatMap((one) => one?.output?.status ?? []);
      expect({ state, said }).toEqual({ state, said: expect.arrayContaining([control.status]) });
    }
  });
});

test('an upgrade does not take back what somebody else has resumed meanwhile', async () => {
  const world = await running();
  const ended = await operation('upgrade').start(world, 'e-1', async (state, invoke) => {
    if (state === 'Check and record the resume') expect(await starts('resume', { job: JOB })(world, 'e-2')).toMatchObject({ output: { status: 'RUNNING', generation: 1 } });
    return invoke();
  });
  expect(ended).toMatchObject({ error: 'JOB_STATE', cause: expect.stringContaining('was changed by another operation meanwhile') });
  expect(await world.control()).toMatchObject({ status: 'RUNNING', name: 'lab', gen: 1, operation: null });
  world.stack.produce([['click', 2], ['end', 100]]);
  await world.flow();
  expect(world.stack.rows()).toEqual([[0, 'click', 2]]);
});

test('two creations of one job: the second is told that there is one', async () => {
  const world = new World();
  const create = starts('create', { job: JOB, plan: PLAN });
  const both = await Promise.all([create(world, 'e-1'), create(world, 'e-2')]);
  expect(both.map(({ error }) => error).sort()).toEqual(['JOB_STATE', null]);
  expect(await world.control()).toMatchObject({ status: 'RUNNING', gen: 0, operation: null });
});

test('savepoints do not hinder each other', async () => {
  const world = await running();
  const both = await Promise.all([savepoint(world, 'e-1'), savepoint(world, 'e-2')]);
  expect(both.map(({ output }) => output?.state)).toEqual(['done', 'done']);
  expect(new Set(both.map(({ output }) => output?.savepoint)).size).toBe(2);
});

test('a savepoint of a job that stops meanwhile is complete or says that it is not', async () => {
  const { tasks } = await savepoint(await running(), 'e-0');
  for (const state of tasks) {
    const world = await running();
    let stopped: Ended | null = null;
    const ended = await savepoint(world, 'e-1', async (at, invoke) => {
      const result = await invoke();
      if (at === state) stopped ??= await stop(world, 'e-2');
      return result;
    });
    expect(stopped).toMatchObject({ output: { status: 'FINISHED' } });
    if (state === 'Check and record the savepoint') expect(ended).toMatchObject({ error: 'JOB_STATE', cause: expect.stringContaining('ended before the savepoint was taken') });
    else expect(ended).toMatchObject({ output: { state: 'done' } });
  }
});
