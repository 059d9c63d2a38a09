/** The firer: how long it goes on, what it leaves to the next invocation, what it answers. */
import { describe, expect, test } from 'vitest';
import { SluiceError, StoreError } from '../../lib/core/errors.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { firerHandler, type FirerEvent, type FirerResult } from '../../lib/lambda/firer-handler.ts';
import { localArn } from '../../lib/lambda/alias.ts';
import { functionJob, keyedFunction } from '../engine/function-plan.ts';
import { MINUTE, Stack } from '../engine/stack.ts';
import { contextFor, Invoked, Told } from './kit.ts';

const TICK_MS = 10_000;

async function world(): Promise<{ stack: Stack; told: Told; invoked: Invoked }> {
  return { stack: await Stack.create(), told: new Told(), invoked: new Invoked() };
}

describe('the firer', () => {
  const contextOf = (stack: Stack, remainingMs?: () => number): ReturnType<typeof contextFor> =>
    contextFor('sluice-firer', { job: stack.job.id, g: stack.job.g }, remainingMs);

  test('fires what is due, emits it, and ends after two quiet looks', async () => {
    const { stack, told } = await world();
    stack.produce([['click', 1], ['click', 70]]);
    await stack.deliver(stack.writer());
    const began = stack.runtime.elapsed();
    const result = await firerHandler(stack.workshop, told.open, TICK_MS)({}, contextOf(stack));
    expect(result).toEqual({ outcome: 'idle', fires: 1, rows: 1, hasReadAll: true });
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
    expect(stack.runtime.elapsed() - began).toBe(TICK_MS);
    expect(told.fired).toMatchObject([{ fires: 1, rows: 1, f: 1 }]);
    expect(told.flushes).toBe(1);
  });

  test('waits for no tick where one step was asked for', async () => {
    const { stack, told } = await world();
    const began = stack.runtime.elapsed();
    expect(await firerHandler(stack.workshop, told.open, TICK_MS)({ once: true }, contextOf(stack))).toMatchObject({ outcome: 'idle', fires: 0 });
    expect(stack.runtime.elapsed()).toBe(began);
  });

  test('sees what arrives between its looks', async () => {
    const { stack, told } = await world();
    const sleep = stack.runtime.sleep.bind(stack.runtime);
    stack.runtime.sleep = async (ms) => {
      await sleep(ms);
      if (told.fired.length > 0) return;
      stack.produce([['click', 1], ['click', 70]]);
      await stack.deliver(stack.writer());
    };
    await firerHandler(stack.workshop, told.open, TICK_MS)({}, contextOf(stack));
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
  });

  describe('with a timer of processing time', () => {
    /** Each record registers one. */
    async function waiting(afterMs: number): Promise<{ readonly stack: Stack; readonly told: Told; readonly elapsed: () => number; readonly run: (event: FirerEvent) => Promise<FirerResult> }> {
      const job = functionJob(
        keyedFunction({
          state: {},
          onEvent: (_, { timers }) => timers.registerProcessingTimeTimer(timers.currentProcessingTime() + afterMs),
          *onTimer(_, { timers }) {
            yield `at ${timers.currentProcessingTime() - begin}`;
          },
        }),
      );
      const stack = await Stack.create(job);
      const told = new Told();
      const begin = stack.runtime.now();
      const since = stack.runtime.elapsed();
      stack.produce([['click', 1]]);
      await stack.deliver(stack.writer());
      const run = (event: FirerEvent): Promise<FirerResult> => firerHandler(stack.workshop, told.open, TICK_MS)(event, contextOf(stack));
      return { stack, told, elapsed: () => stack.runtime.elapsed() - since, run };
    }

    test('stays until it has fired, to the millisecond, where that is before the next tick', async () => {
      const { stack, elapsed, run } = await waiting(33_333);
      expect(await run({})).toMatchObject({ outcome: 'idle', fires: 2 });
      expect(stack.stores.sinks.rows('c.d.out')).toEqual([['0 at 33333']]);
      expect(elapsed()).toBe(33_333 + TICK_MS);
    });

    test('leaves one to the next tick that comes behind it', async () => {
      const { elapsed, run } = await waiting(61_000);
      expect(await run({})).toMatchObject({ outcome: 'idle', fires: 1 });
      expect(elapsed()).toBe(TICK_MS);
    });

    test('waits for none where it was woken for what is there', async () => {
      const { elapsed, run } = await waiting(5000);
      expect(await run({ once: true })).toMatchObject({ outcome: 'idle', fires: 1 });
      expect(elapsed()).toBe(0);
    });

    test('does not stay for one that is held up by a sink', async () => {
      const { stack, elapsed, run } = await waiting(5000);
      stack.before = (call) => {
        if (call === 'sink.emit') throw new SluiceError('SINK_UNAVAILABLE', { message: 'the sink is down' });
      };
      expect(await run({})).toMatchObject({ outcome: 'waiting' });
      expect(elapsed()).toBeLessThanOrEqual(5000 + 2 * TICK_MS);
    });
  });

  test('does not sleep into its timeout', async () => {
    const { stack, told } = await world();
    const began = stack.runtime.elapsed();
    await firerHandler(stack.workshop, told.open, TICK_MS)({}, contextOf(stack, () => TICK_MS + 4999));
    expect(stack.runtime.elapsed()).toBe(began);
  });

  test('has the job FAILED where its log is lost', async () => {
    const { stack, told } = await world();
    stack.stores.log.forget((log) => log.endsWith('#C'));
    expect(await firerHandler(stack.workshop, told.open, TICK_MS)({}, contextOf(stack))).toMatchObject({ outcome: 'absent' });
    expect((await readControl(stack.stores, stack.job.id)).control).toMatchObject({ status: 'FAILED', failure: { code: 'LOG_EXPIRED' } });
    expect(told.jobFailures).toEqual(['its coordinator log is gone']);
    await firerHandler(stack.workshop, told.open, TICK_MS)({}, contextOf(stack));
    expect(told.jobFailures, 'it fails once').toHaveLength(1);
  });

  test('tells the tick how far the job is behind, and nobody else', async () => {
    const { stack, told } = await world();
    const handler = firerHandler(stack.workshop, told.open, TICK_MS);
    await handler({}, contextOf(stack));
    expect(told.standings).toEqual([{ watermarkAgeMs: null, openLagMs: 0 }]); // there is no watermark yet
    stack.produce([['click', 1]]);
    await stack.deliver(stack.writer());
    stack.produce([['click', 2]]);
    stack.runtime.advance(MINUTE);
    await handler({ once: true }, contextOf(stack));
    expect(told.standings).toHaveLength(1);
    await handler({}, contextOf(stack));
    const [entry] = (await stack.partition()).slice(-1);
    // The record waits since the FIRE that covered the one before it, a tick ago, as far as a topic of values only knows.
    expect(told.standings.at(-1)).toEqual({ watermarkAgeMs: stack.runtime.now() - (entry?.watermark ?? 0), openLagMs: TICK_MS });
  });

  test('has done its work where nobody knows how far the job is behind', async () => {
    const { stack, told } = await world();
    const handler = firerHandler(stack.workshop, told.open, TICK_MS);
    await handler({}, contextOf(stack));
    stack.before = (call) => {
      if (call.startsWith('source.topic')) throw new StoreError('no', { message: 'no broker' });
    };
    expect(await handler({}, contextOf(stack))).toMatchObject({ outcome: 'idle' });
    expect(told.problems).toEqual([expect.stringContaining('it is not known how far the job is behind')]);
    expect(told.standings).toHaveLength(1);
  });

  test('refuses an invocation without an alias', async () => {
    const { stack, told } = await world();
    const unqualified = { ...contextOf(stack), invokedFunctionArn: localArn('sluice-firer', null) };
    await expect(firerHandler(stack.workshop, told.open, TICK_MS)({}, unqualified)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
