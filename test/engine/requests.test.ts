/** Requests that come again, and what becomes of the consumers of a generation (protocol §11, 11.1 steps 5-7, 11.3, 11.4, 11.5 step 7). */
import { describe, expect, test } from 'vitest';
import { SluiceError, StoreError } from '../../lib/core/errors.ts';
import { generation, jobId } from '../../lib/core/numbers.ts';
import { sweepConsumers } from '../../lib/engine/lifecycle/consumers.ts';
import { readControl, type JobControl } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { advance, runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { labPlan } from './lab-plan.ts';
import { once, Stack } from './stack.ts';

const REQUEST = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const JOB = jobId('c'.repeat(32));

const controlOf = async (stack: Stack): Promise<JobControl> => (await readControl(stack.stores, stack.job.id)).control;
const attachedTo = (stack: Stack): string[] => [...stack.stores.consumers.generations].map(([key, { isPaused }]) => `${key.slice(33)}${isPaused ? ' paused' : ''}`);
const RESUME = { savepoint: null, plan: null, allowNonRestored: false, allowOffsetGap: false } as const;

describe('the same request again', () => {
  test('creates one job, and finds it later', async () => {
    const stack = new Stack();
    const create = (request: string): Promise<unknown> => requestCreate(stack.workshop, labPlan(), { savepoint: null, allowNonRestored: false, job: JOB, request });
    expect(await Promise.all([create(REQUEST), create(REQUEST)])).toEqual([JOB, JOB]);
    await runOperation(stack.workshop, JOB);
    expect(await create(REQUEST)).toBe(JOB);
    expect((await readControl(stack.stores, JOB)).control).toMatchObject({ status: 'RUNNING', gen: 0, operation: null, last: { id: REQUEST, kind: 'create', failure: null } });
    await expect(create(OTHER)).rejects.toMatchObject({ code: 'JOB_STATE' });
  });

  test('stops once, while it is under way and when it is done; another one is refused', async () => {
    const stack = await Stack.create();
    const stop = (request: string): Promise<string> => requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false, request });
    expect([await stop(REQUEST), await stop(REQUEST)]).toEqual([REQUEST, REQUEST]);
    await expect(stop(OTHER)).rejects.toMatchObject({ code: 'JOB_BUSY' });
    await runOperation(stack.workshop, stack.job.id);
    expect(await stop(REQUEST)).toBe(REQUEST);
    expect(await controlOf(stack)).toMatchObject({ status: 'FINISHED', last: { id: REQUEST, kind: 'stop', failure: null }, savepoints: [{ trigger: REQUEST }] });
    await expect(stop(OTHER)).rejects.toMatchObject({ code: 'JOB_STATE' });
  });

  test('stops once, also when the job has gone on since: its savepoint is that of the first time', async () => {
    const stack = await Stack.create();
    const stop = (request: string): Promise<string> => requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false, request });
    await stop(REQUEST);
    await runOperation(stack.workshop, stack.job.id);
    await stack.resume(null);
    expect(await stop(REQUEST)).toBe(REQUEST);
    expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', operation: null });
    await stop(OTHER);
    expect(await controlOf(stack)).toMatchObject({ status: 'SUSPENDING', operation: { id: OTHER } });
  });

  test('a cancel takes the place of a stop until its savepoint is written', async () => {
    for (const step of ['freeze', 'barrier', 'export', 'detach'] as const) {
      const stack = await Stack.create();
      await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false });
      for (let control = await controlOf(stack); control.operation?.step !== step; ) control = await advance(stack.workshop, stack.job.id);
      const cancel = requestCancel(stack.workshop, stack.job.id);
      if (step !== 'detach') await cancel;
      else await expect(cancel, step).rejects.toMatchObject({ code: 'JOB_BUSY' });
    }
  });

  test('cancels and resumes once', async () => {
    const stack = await Stack.create();
    for (let i = 0; i < 2; i++) await requestCancel(stack.workshop, stack.job.id, REQUEST);
    await runOperation(stack.workshop, stack.job.id);
    await requestCancel(stack.workshop, stack.job.id, REQUEST);
    for (let i = 0; i < 2; i++) await requestResume(stack.workshop, stack.job.id, { ...RESUME, request: OTHER });
    await runOperation(stack.workshop, stack.job.id);
    await requestResume(stack.workshop, stack.job.id, { ...RESUME, request: OTHER });
    expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 1, operation: null, last: { id: OTHER, kind: 'resume' } });
  });

  test('takes one savepoint, also of a job that has ended since', async () => {
    const stack = await Stack.create();
    expect(await requestSavepoint(stack.workshop, stack.job.id, '/savepoints', REQUEST)).toBe(REQUEST);
    await stack.stop();
    expect(await requestSavepoint(stack.workshop, stack.job.id, '/elsewhere', REQUEST)).toBe(REQUEST);
    await expect(requestSavepoint(stack.workshop, stack.job.id, '/savepoints', OTHER)).rejects.toMatchObject({ code: 'JOB_STATE' });
  });
});

describe('consumers', () => {
  test('are attached before the job is RUNNING', async () => {
    const stack = new Stack();
    await requestCreate(stack.workshop, labPlan(), { savepoint: null, allowNonRestored: false, job: JOB });
    expect(await advance(stack.workshop, JOB)).toMatchObject({ status: 'CREATED', begun: { g: 0 } });
    expect(stack.stores.consumers.generations.size).toBe(0);
    expect(await advance(stack.workshop, JOB)).toMatchObject({ status: 'RUNNING', operation: null });
    expect([...stack.stores.consumers.generations.values()]).toEqual([
      {
        isPaused: false,
        consumption: { job: JOB, g: 0, topics: [{ topic: 'events', group: `sluice-${JOB}-g0-0.events`, properties: {} }], batchSize: null, batchWindowSeconds: null },
      },
    ]);
  });

  test('are paused with the freeze and ended with the stop, also where the pause is refused', async () => {
    const stack = await Stack.create();
    stack.before = once('consumers.pause', () => {
      throw new SluiceError('OPTION_INVALID', { message: 'not allowed' });
    });
    await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false });
    expect(await advance(stack.workshop, stack.job.id)).toMatchObject({ operation: { step: 'barrier' } });
    expect(attachedTo(stack)).toEqual(['g0']);
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'FINISHED' });
    expect(attachedTo(stack)).toEqual([]);
  });

  test('of the generation before end once those of the next are attached', async () => {
    const stack = await Stack.create();
    const savepoint = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
    expect(savepoint).toHaveLength(32);
    await stack.stop();
    await stack.resume(null);
    expect(attachedTo(stack)).toEqual(['g1']);
    const [record] = (await controlOf(stack)).savepoints;
    stack.takeCalls();
    await stack.resume(record?.path ?? '');
    expect(stack.takeCalls().filter((call) => call.startsWith('consumers'))).toEqual(['consumers.attach', 'consumers.attached', 'consumers.detach']);
    expect(attachedTo(stack)).toEqual(['g2']);
  });

  test('a cancel takes the place of a resume that does not start, and ends both generations', async () => {
    const stack = await Stack.create();
    const path = (await advanceSavepoint(stack.workshop, stack.job.id, await requestSavepoint(stack.workshop, stack.job.id, '/savepoints'), null)).location;
    await requestResume(stack.workshop, stack.job.id, { ...RESUME, savepoint: path });
    await requestCancel(stack.workshop, stack.job.id);
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'CANCELED', gen: 1, begun: { g: 0 } });
    expect((await stack.kinds()).at(-1)).toBe('CLOSE');
    expect(attachedTo(stack)).toEqual([]);
    await stack.resume(null);
    expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 2 });
  });

  test.each([new StoreError('no', { message: 'in the middle of a change' }), new SluiceError('OPTION_INVALID', { message: 'not allowed' })])('that cannot be ended now do not hold a cancel up: %s', async (error) => {
    const stack = await Stack.create();
    await requestCancel(stack.workshop, stack.job.id);
    stack.before = once('consumers.detach', () => {
      throw error;
    });
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'CANCELED' });
    expect(attachedTo(stack)).toEqual(['g0']);
    expect(await sweepConsumers(stack.workshop)).toEqual({ left: 0, troubles: [] });
    expect(attachedTo(stack)).toEqual([]);
  });

  test('that cannot be attached fail the job, which goes on from there when it is resumed', async () => {
    const stack = new Stack();
    await requestCreate(stack.workshop, labPlan(), { savepoint: null, allowNonRestored: false, job: JOB, request: REQUEST });
    stack.before = once('consumers.attach', () => {
      throw new SluiceError('OPTION_INVALID', { message: 'no such function' });
    });
    const failure = { code: 'OPTION_INVALID', message: 'no such function' };
    expect(await runOperation(stack.workshop, JOB)).toMatchObject({ status: 'FAILED', failure, last: { id: REQUEST, failure } });
    await stack.reopen(JOB);
    await stack.resume(null);
    expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 1 });
  });
});

describe('the sweep', () => {
  test('ends what an attach has made that came too late, and nothing of a job that runs or begins', async () => {
    const stack = await Stack.create();
    await stack.stop();
    await stack.resume(null);
    const late = { job: stack.job.id, g: generation(0), topics: [], batchSize: null, batchWindowSeconds: null };
    await stack.stores.consumers.attach(late);
    await requestCreate(stack.workshop, labPlan(), { savepoint: null, allowNonRestored: false, job: JOB });
    await stack.stores.consumers.attach({ ...late, job: JOB });
    expect(await sweepConsumers(stack.workshop)).toEqual({ left: 0, troubles: [] });
    expect(attachedTo(stack)).toEqual(['g1', 'g0']);
  });

  test('goes on behind one that cannot be ended, and says why', async () => {
    const stack = await Stack.create();
    await stack.stop();
    for (const g of [0, 1]) await stack.stores.consumers.attach({ job: stack.job.id, g: generation(g), topics: [], batchSize: null, batchWindowSeconds: null });
    await stack.stores.consumers.attach({ job: jobId('d'.repeat(32)), g: generation(0), topics: [], batchSize: null, batchWindowSeconds: null });
    const sweep = await sweepConsumers(stack.workshop);
    expect(sweep).toMatchObject({ left: 1, troubles: [{ job: 'd'.repeat(32), error: { code: 'JOB_UNKNOWN' } }] });
    expect(attachedTo(stack)).toEqual(['g1', 'g0']);
  });
});

test('a stop whose savepoint cannot be written ends under its own id, with its reason, and the job runs', async () => {
  const stack = await Stack.create();
  await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false, request: REQUEST });
  const full = async (): Promise<never> => {
    throw new StoreError('no', { message: 'the disk is full' });
  };
  const { ports } = stack.workshop;
  const control = await runOperation({ ...stack.workshop, ports: { ...ports, openDirectory: (url) => new Proxy(ports.openDirectory(url), { get: () => full }) } }, stack.job.id);
  expect(control).toMatchObject({ status: 'RUNNING', gen: 1, last: { id: REQUEST, kind: 'resume', failure: { code: 'SAVEPOINT_UNWRITABLE' } } });
  expect(control.last?.failure?.message).toMatch(/^the stop failed, the job goes on: /);
});
