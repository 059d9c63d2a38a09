/**
 * Every machine with its function killed at every task, with ticks between its tasks, and run twice at once: the job ends where it would have
 * ended, and its rows are those of an undisturbed run.
 */
import { describe, expect, test } from 'vitest';
import type { JobId } from '../../lib/core/numbers.ts';
import { isFinal } from '../../lib/engine/lifecycle/job-control.ts';
import { requestResume } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { WorkflowInputs, WorkflowName } from '../../lib/workflows/messages.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { A, B, DROPPING, isNoSavepoint, JOB, PLAN, RENAMED, RESPOND } from './inputs.ts';
import { World, type Disturb, type Ended } from './world.ts';

interface Scenario {
  readonly title: string;
  readonly prepare: () => Promise<World>;
  /** `alone`: nobody waits for the end. */
  readonly begin: (world: World, options: { execution: string; disturb?: Disturb; alone?: boolean }) => Promise<Ended>;
  readonly jobs?: readonly JobId[];
}

const starts =
  <Name extends WorkflowName>(name: Name, input: WorkflowInputs[Name]): Scenario['begin'] =>
  (world, options) =>
    world.run(name, options.alone === true ? input : { ...input, respond: RESPOND }, options);

/** Two clicks in a window that is still open. */
async function running(configure: (world: World) => void = () => {}, jobs: readonly JobId[] = [JOB]): Promise<World> {
  const world = new World();
  world.stack.produce([['click', 1], ['click', 2]]);
  for (const job of jobs) await world.create(job);
  for (const job of jobs) await world.flow(job);
  configure(world);
  return world;
}

const upgradeTo = (plan: object, more: object = {}): WorkflowInputs['upgrade'] => ({ job: JOB, plan: JSON.stringify(plan), ...more });

const SCENARIOS: readonly Scenario[] = [
  { title: 'create', prepare: async () => new World(), begin: starts('create', { job: JOB, plan: PLAN }) },
  {
    title: 'create from a savepoint',
    prepare: async () => {
      const world = await running(() => {}, [A]);
      await world.stack.reopen(A);
      await world.stack.stop();
      return world;
    },
    begin: async (world, options) => starts('create', { job: JOB, plan: PLAN, savepoint: (await world.control(A)).savepoints[0]?.path ?? '' })(world, options),
  },
  { title: 'savepoint', prepare: running, begin: starts('savepoint', { job: JOB }) },
  { title: 'stop', prepare: running, begin: starts('stop', { job: JOB }) },
  { title: 'stop that fails', prepare: () => running((world) => (world.isWritable = isNoSavepoint)), begin: starts('stop', { job: JOB }) },
  { title: 'cancel', prepare: running, begin: starts('cancel', { job: JOB }) },
  {
    title: 'resume',
    prepare: async () => {
      const world = await running();
      await world.begin('cancel');
      await runOperation(world.workshop, JOB);
      return world;
    },
    begin: starts('resume', { job: JOB }),
  },
  { title: 'upgrade', prepare: running, begin: starts('upgrade', upgradeTo(RENAMED)) },
  { title: 'upgrade of the code alone', prepare: running, begin: starts('upgrade', upgradeTo(labPlan())) },
  { title: 'upgrade whose stop fails', prepare: () => running((world) => (world.isWritable = isNoSavepoint)), begin: starts('upgrade', upgradeTo(RENAMED)) },
  { title: 'upgrade that does not come to run', prepare: () => running((world) => (world.refused = [1])), begin: starts('upgrade', upgradeTo(RENAMED)) },
  {
    title: 'upgrade of a job that has ended',
    prepare: async () => {
      const world = await running();
      await world.stack.stop();
      return world;
    },
    begin: starts('upgrade', upgradeTo(RENAMED)),
  },
  {
    title: 'upgrade back',
    prepare: async () => {
      const world = await running();
      await world.run('upgrade', upgradeTo(DROPPING, { allowNonRestored: true }), { execution: 'e-0' });
      return world;
    },
    // Only a deployment goes back in time: somebody waits always.
    begin: (world, options) => starts('upgrade', upgradeTo(labPlan()))(world, { ...options, alone: false }),
  },
  { title: 'teardown', prepare: () => running(() => {}, [A, B]), begin: starts('teardown', { policy: 'savepoint' }), jobs: [A, B] },
];

/** What an execution has made of its jobs, and what they emit if they go on from there. */
async function endOf(world: World, jobs: readonly JobId[] = [JOB]): Promise<unknown> {
  const ended: unknown[] = [];
  for (const job of jobs) {
    const { status, gen, name, operation, savepoints } = await world.control(job);
    ended.push({ status, gen, name, operation, savepoints: savepoints.map(({ path }) => path), consumers: world.attached(job) });
  }
  world.isWritable = () => true;
  world.refused = [];
  world.stack.produce([['click', 3], ['end', 100]]);
  for (const job of jobs) await goOn(world, job);
  return { ended, rows: world.stack.rows() };
}

async function goOn(world: World, job: JobId): Promise<void> {
  if (isFinal((await world.control(job)).status)) {
    await requestResume(world.workshop, job, { savepoint: null, plan: null, allowNonRestored: false, allowOffsetGap: false });
    await runOperation(world.workshop, job);
  }
  await world.flow(job);
}

const outcomeOf = ({ output, error, cause }: Ended): unknown => ({ state: output?.state, status: output?.status, savepoint: output?.savepoint, error, cause });

/** Ways to kill an invocation, once. `calls`: how often it asked its stores where nobody killed it. */
const KILLS: Readonly<Record<string, (world: World, invoke: () => Promise<object>, calls: number) => Promise<never>>> = {
  'before it does anything': async () => die(),
  'in the middle': async (world, invoke, calls) => {
    let left = Math.ceil(calls / 2);
    world.stack.before = () => (left-- === 0 ? die() : undefined);
    await invoke().catch(() => {});
    world.stack.before = () => {};
    return die();
  },
  'before its answer arrives': async (_world, invoke) => {
    await invoke();
    return die();
  },
};

function die(): never {
  throw new Error('killed');
}

describe.each(SCENARIOS)('$title', ({ prepare, begin, jobs }) => {
  /** The undisturbed run, and what each task asked of its stores. */
  async function plain(): Promise<{ end: unknown; outcome: unknown; isFailed: boolean; calls: ReadonlyMap<string, number>; answer: unknown }> {
    const world = await prepare();
    const calls = new Map<string, number>();
    const ended = await begin(world, {
      execution: 'e-1',
      disturb: async (state, invoke) => {
        world.stack.takeCalls();
        const result = await invoke();
        if (!calls.has(state)) calls.set(state, world.stack.takeCalls().length);
        return result;
      },
    });
    return { outcome: outcomeOf(ended), isFailed: ended.error !== null, calls, answer: world.answers.at(-1), end: await endOf(world, jobs) };
  }

  test.each(Object.entries(KILLS))('the function is killed at every task %s', async (_, kill) => {
    const expected = await plain();
    for (const [state, calls] of expected.calls) {
      const world = await prepare();
      let isKilled = false;
      const ended = await begin(world, {
        execution: 'e-1',
        disturb: (at, invoke) => {
          if (isKilled || at !== state) return invoke();
          isKilled = true;
          return kill(world, invoke, calls);
        },
      });
      expect({ state, isKilled, outcome: outcomeOf(ended), end: await endOf(world, jobs) }).toEqual({ state, isKilled: true, outcome: expected.outcome, end: expected.end });
      expect(world.answers.at(-1)).toEqual(expected.answer);
    }
  });

  test('an invocation that was taken for dead goes on beside its repetition', async () => {
    const expected = await plain();
    for (const state of expected.calls.keys()) {
      const world = await prepare();
      let zombie: Promise<unknown> | null = null;
      const ended = await begin(world, {
        execution: 'e-1',
        disturb: (at, invoke) => {
          if (zombie !== null || at !== state) return invoke();
          zombie = invoke().catch(() => {});
          return die();
        },
      });
      await zombie;
      expect({ state, outcome: outcomeOf(ended), end: await endOf(world, jobs) }).toEqual({ state, outcome: expected.outcome, end: expected.end });
    }
  });

  test('the tick takes steps between its tasks', async () => {
    const expected = await plain();
    const world = await prepare();
    const ended = await begin(world, {
      execution: 'e-1',
      disturb: async (_state, invoke) => {
        world.stack.runtime.advance(1000);
        await world.invoke({ action: 'tick' });
        return invoke();
      },
    });
    expect(outcomeOf(ended)).toEqual(expected.outcome);
    expect(await endOf(world, jobs)).toEqual(expected.end);
    expect(world.told.problems).toEqual([]);
  });

  test('all tasks are asked once more behind its end', async () => {
    const world = await prepare();
    const again = new Map<string, () => Promise<object>>();
    const ended = await begin(world, {
      execution: 'e-1',
      disturb: (state, invoke) => {
        again.set(state, invoke);
        return invoke();
      },
    });
    const controls = async (): Promise<unknown> => Promise.all((jobs ?? [JOB]).map((job) => world.control(job)));
    const [before, attached] = [await controls(), new Map(world.stack.stores.consumers.generations)];
    for (const [state, invoke] of again) {
      const result = await invoke();
      expect({ state, result, controls: await controls(), attached: world.stack.stores.consumers.generations }).toEqual({ state, result, controls: before, attached });
      if (ended.error === null) expect(['done', 'ended', 'same', 'upgrade', 'restart', 'revert']).toContain(Reflect.get(result, 'state'));
    }
  });

  test('the same execution runs from its beginning to its end behind each of its tasks', async () => {
    const expected = await plain();
    for (const state of [...expected.calls.keys()].filter((name) => !name.startsWith('Tell CloudFormation'))) {
      const world = await prepare();
      let twin: Ended | null = null;
      const ended = await begin(world, {
        execution: 'e-1',
        alone: true,
        disturb: async (at, invoke) => {
          const result = await invoke();
          if (at === state) twin ??= await begin(world, { execution: 'e-1', alone: true });
          return result;
        },
      });
      // Why an upgrade went back is known to the one that did it; the other only sees that it did.
      const kinds = [ended, twin].map((one: Ended | null) => (one?.error === null ? outcomeOf(one) : 'failed'));
      const kind = expected.isFailed ? 'failed' : expected.outcome;
      expect({ state, kinds, end: await endOf(world, jobs) }).toEqual({ state, kinds: [kind, kind], end: expected.end });
    }
  });

  test.each([true, false])('the same execution runs twice at once (alone: %s)', async (alone) => {
    const expected = await plain();
    const world = await prepare();
    const options = { execution: 'e-1', alone };
    const both = await Promise.all([begin(world, options), begin(world, options)]);
    expect(both.map(outcomeOf)).toEqual([expected.outcome, expected.outcome]);
    expect(await endOf(world, jobs)).toEqual(expected.end);
  });
});
