/** The workflow function beside the machines: the tick, when the schedule rests, and descriptions. */
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../lib/core/errors.ts';
import { jobId } from '../../lib/core/numbers.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { MINUTE, once } from '../engine/stack.ts';
import { A, B, JOB } from '../workflows/inputs.ts';
import { World } from '../workflows/world.ts';

const tick = { action: 'tick' } as const;

describe('the tick', () => {
  test('wakes the firer of every running job, by its alias', async () => {
    const world = await World.withJob();
    expect(await world.invoke(tick)).toEqual({ action: 'tick', active: 1, running: 1, incomplete: false });
    expect(await world.invoke({ ...tick, once: true })).toMatchObject({ running: 1 });
    const call = { name: 'sluice-firer', job: JOB, g: 0 };
    expect(world.invoked.calls).toEqual([{ ...call, payload: { once: false } }, { ...call, payload: { once: true } }]);
    expect(world.scheduled).toEqual([]);
  });

  test('finishes an operation that was left behind', async () => {
    const world = await World.withJob();
    await world.begin('cancel');
    expect(await world.invoke(tick)).toMatchObject({ active: 1, running: 0 });
    expect((await world.control()).operation).toMatchObject({ step: 'close' });
    for (let i = 0; i < 2; i++) {
      world.stack.runtime.advance(1000);
      await world.invoke(tick);
    }
    expect(await world.control()).toMatchObject({ status: 'CANCELED', operation: null });
    expect(world.attached()).toEqual([]);
    expect(world.invoked.calls).toEqual([]);
  });

  test('completes a savepoint that somebody asked for', async () => {
    const world = await World.withJob();
    const trigger = await requestSavepoint(world.workshop, JOB, '/savepoints');
    world.stack.runtime.advance(MINUTE);
    await world.invoke(tick);
    expect((await world.control()).savepoints.map((s) => s.trigger)).toEqual([trigger]);
  });

  test('ends the consumers of a job that failed, and rests behind that', async () => {
    const world = await World.withJob();
    world.stack.stores.log.forget((log) => log.endsWith('#C'));
    await world.fail(JOB);
    expect(world.attached()).toEqual(['g0']);
    world.stack.before = once('consumers.detach', () => {
      throw new StoreError('no', { message: 'in the middle of a change' });
    });
    expect(await world.invoke(tick)).toMatchObject({ active: 0 });
    expect({ problems: world.told.problems, scheduled: world.scheduled }).toEqual({ problems: [expect.stringContaining('in the middle of a change')], scheduled: [] });
    await world.invoke(tick);
    expect({ attached: world.attached(), scheduled: world.scheduled }).toEqual({ attached: [], scheduled: ['disable'] });
  });

  test('wakes firers where nobody knows which consumers are left', async () => {
    const world = await World.withJob();
    world.stack.before = once('consumers.attached', () => {
      throw new StoreError('no', { message: 'throttled' });
    });
    expect(await world.invoke(tick)).toMatchObject({ running: 1 });
    expect({ calls: world.invoked.calls.length, problems: world.told.problems }).toEqual({ calls: 1, problems: [expect.stringContaining('throttled')] });
  });

  test('goes on with the other jobs where one cannot be looked after', async () => {
    const world = await World.withJob({ job: A });
    await world.create(B);
    world.invoked.fails = true;
    expect(await world.invoke(tick)).toMatchObject({ active: 2, running: 2, incomplete: false });
    expect(world.told.problems).toEqual([A, B].map((job) => expect.stringMatching(`^${job}: .*TooManyRequestsException`)));
  });
});

describe('the schedule', () => {
  test('rests when no job is left to look after', async () => {
    const world = new World();
    expect(await world.invoke(tick)).toMatchObject({ active: 0 });
    expect(world.scheduled).toEqual(['disable']);
  });

  test('goes on for a job that is created while it is about to rest', async () => {
    const world = new World();
    // The schedule is enabled still when the job looks, and disabled behind that.
    world.onDisable = async () => void (await requestCreate(world.workshop, labPlan(), { savepoint: null, allowNonRestored: false }));
    await world.invoke(tick);
    expect(world.scheduled).toEqual(['disable', 'enable']);
  });

  test('is enabled again with patience, and the failure is told in the end', async () => {
    const world = new World();
    world.onDisable = async () => void (await requestCreate(world.workshop, labPlan(), { savepoint: null, allowNonRestored: false }));
    world.onEnable = async () => {
      throw new Error('throttled');
    };
    await expect(world.invoke(tick)).rejects.toThrow('throttled');
    expect(world.scheduled).toEqual(['disable', 'enable', 'enable', 'enable', 'enable', 'enable']);
  });
});

describe('a description', () => {
  test('is that of the job', async () => {
    const world = await World.withJob();
    world.stack.produce([['click', 1]]);
    await world.flow();
    expect(await world.invoke({ action: 'describe', job: JOB })).toMatchObject({
      id: JOB,
      name: 'lab',
      status: 'RUNNING',
      isEnded: false,
      control: { gen: 0 },
      state: { sources: [{ uid: 'events', partitions: [{ topic: 'events', lag: 0 }] }] },
    });
  });

  test.each([
    ['f'.repeat(32), 'JOB_UNKNOWN'],
    ['orders', 'USAGE'],
  ])('of %s is refused', async (job, code) => {
    await expect(new World().invoke({ action: 'describe', job: jobId(job) })).rejects.toMatchObject({ code });
  });
});
