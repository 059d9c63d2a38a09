/** Functions of a program that do not come back: they are interrupted and named, whatever the policy, and leave nothing behind. */
import { describe, expect, test } from 'vitest';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { describeJob } from '../../lib/control/describe.ts';
import { valueState } from '../../lib/core/process/declare.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import { policiesOf } from '../../lib/engine/policies.ts';
import { withDeadLetters } from './dead-letter-plan.ts';
import { functionJob, keyedFunction, type FunctionJob } from './function-plan.ts';
import { labPlan } from './lab-plan.ts';
import { MINUTE, P0, Stack } from './stack.ts';

/** Long enough for what is fast, on a machine that is busy. */
const LIMIT = { 'sluice.function-timeout': '1 s' };

const rowsOf = (stack: Stack): unknown[] => stack.stores.sinks.rows('c.d.out').map(([text]) => text);

function spin(ms: number): void {
  const end = nodeRuntime.elapsed() + ms;
  while (nodeRuntime.elapsed() < end);
}

/** Counts the records of a key; spends `costs()` ms on each of key b. */
const counting = (costs: () => number, options: Record<string, string> = LIMIT, prePartitioned = false): FunctionJob =>
  functionJob(
    keyedFunction({
      state: { count: valueState<number>({ initial: 0 }) },
      *onEvent({ type }, { state }) {
        state.count.update(state.count.value() + 1);
        if (type === 'b') spin(costs());
        yield `${type} ${state.count.value()}`;
      },
    }),
    { planOptions: options, ...(prePartitioned && { prePartitioned }) },
  );

async function withRecords(job: FunctionJob): Promise<Stack> {
  const stack = await Stack.create({ ...job, codeOf: async () => job.code });
  stack.produce([['a', 1], ['b', 2], ['b', 3]]);
  await stack.deliver(stack.writer());
  return stack;
}

/** Time that only calls take; what has taken too long is known when it has ended. */
const watchedBy = ({ runtime }: Stack, elapsed: () => number): Runtime => ({
  now: () => runtime.now(),
  elapsed,
  randomHex: (bytes) => runtime.randomHex(bytes),
  sleep: (ms) => runtime.sleep(ms),
  runWithin: (ms, run) => {
    const start = elapsed();
    run();
    return elapsed() - start <= ms;
  },
});

test('an endless call fails the step with uid, key and limit, people see it, and what it did is gone', async () => {
  let cost = Infinity;
  const stack = await withRecords(counting(() => cost));
  const firer = stack.firer();
  const error = { code: 'FUNCTION_TOO_SLOW', message: 'the function of fn on key "b" was interrupted after 1 s', details: { uid: 'fn', key: 'b', limitMs: 1000 } };
  await expect(firer.step()).rejects.toMatchObject(error);
  expect(await describeJob(stack.workshop, stack.job.id)).toMatchObject({ status: 'RESTARTING', fireError: { f: 1, code: 'FUNCTION_TOO_SLOW', hint: expect.stringContaining('sluice.function-timeout') } });
  cost = 0;
  expect(await firer.step()).toMatchObject({ kind: 'fired', rows: 3 });
  expect(rowsOf(stack)).toEqual(['0 a 1', '0 b 1', '0 b 2']);
});

test.each(['skip', 'dlq'])('time is no reason to leave a record out: the step fails with %s, too', async (policy) => {
  const job = counting(() => Infinity, { ...LIMIT, 'sluice.on-record-error': policy });
  const stack = await withRecords(policy === 'dlq' ? { ...job, plan: withDeadLetters(job.plan) } : job);
  await expect(stack.firer().step()).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW' });
  expect((await stack.kinds()).includes('FIRE')).toBe(false);
});

test('calls that take long together are not interrupted', async () => {
  let elapsed = 0;
  let cost = 15;
  const stack = await Stack.start(
    counting(() => {
      elapsed += cost;
      return 0;
    }),
  );
  stack.produce(Array.from({ length: 300 }, (_, i) => ['b', i] as const));
  await stack.deliver(stack.writer());
  cost = 1100;
  await expect(stack.firer(watchedBy(stack, () => elapsed)).step()).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW' });
  cost = 400;
  expect(await stack.firer(watchedBy(stack, () => elapsed)).step()).toMatchObject({ kind: 'fired', rows: 300 });
});

test('a timer that does not come back is named like a record', async () => {
  const job = functionJob(
    keyedFunction({ state: {}, onEvent: ({ time }, { timers }) => timers.registerProcessingTimeTimer(time), onTimer: () => spin(Infinity) }),
    { planOptions: LIMIT },
  );
  const stack = await Stack.start(job);
  stack.produce([['a', 1]]);
  await stack.deliver(stack.writer());
  await expect(stack.firer().step()).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW', details: { uid: 'fn', key: 'a' } });
});

test('a function behind a function is named itself', async () => {
  const { plan, code } = counting(() => 0);
  const stack = await withRecords({ plan, code: { ...code, transforms: new Map([...code.transforms, ['to-text', () => spin(Infinity)]]) } });
  await expect(stack.firer().step()).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW', details: { uid: 'to-text', key: null } });
});

test('a function in front of the log holds its partition up at the batch, and people see it', async () => {
  const { plan, code } = counting(() => 0);
  let cost = Infinity;
  const keyBy = code.transforms.get('key-by');
  const slow = new Map([...code.transforms, ['key-by', (row, next) => (spin(cost), keyBy?.(row, next))]]) satisfies typeof code.transforms;
  const stack = await Stack.create({ plan, code: { ...code, transforms: slow } });
  stack.produce([['a', 1]]);
  const writer = stack.writer();
  await expect(stack.deliver(writer)).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW', message: 'the function of key-by was interrupted after 1 s' });
  expect(await describeJob(stack.workshop, stack.job.id)).toMatchObject({ recordErrors: [{ partitionId: P0, offset: 0, code: 'FUNCTION_TOO_SLOW' }] });
  cost = 0;
  expect(await stack.deliver(writer)).toMatchObject({ kind: 'committed', records: 1 });
});

test('a function with state in the writer is named with its key, and the batch is taken in later as if it had never been', async () => {
  let cost = 0;
  const stack = await Stack.start(counting(() => cost, LIMIT, true));
  const writer = stack.writer();
  stack.produce([['b', 1]]);
  await stack.deliver(writer);
  cost = Infinity;
  stack.produce([['a', 2], ['b', 3]]);
  await expect(stack.deliver(writer)).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW', details: { uid: 'fn', key: 'b' } });
  cost = 0;
  await stack.deliver(writer);
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 b 1', '0 a 1', '0 b 2']);
});

test('a timer in the writer that a drain calls is watched as well', async () => {
  const job = functionJob(
    keyedFunction({ state: {}, onEvent: ({ time }, { timers }) => timers.registerEventTimeTimer(time + MINUTE), onTimer: () => spin(1000) }),
    { planOptions: LIMIT, prePartitioned: true },
  );
  const stack = await Stack.start(job);
  stack.produce([['a', 1]]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  await firer.step();
  await expect(firer.step({ trigger: 't', frozen: false, drain: true })).rejects.toMatchObject({ code: 'FUNCTION_TOO_SLOW', details: { uid: 'fn', key: 'a' } });
});

test('what a function throws may have no text', async () => {
  const thrown: unknown = Object.create(null);
  const fn = keyedFunction({
    state: {},
    onEvent: () => {
      throw thrown;
    },
  });
  const stack = await Stack.start(functionJob(fn, { planOptions: { 'sluice.on-record-error': 'skip' } }));
  stack.produce([['a', 1]]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  await firer.step();
  expect(firer.replica?.position.failed).toEqual({ fn: 1 });
});

describe('the limit', () => {
  const limitOf = (options: Record<string, string>): number => policiesOf(labPlan({ planOptions: options })).functionTimeoutMs;

  test('is a minute unless the plan says otherwise, and no more than a timer takes', () => {
    expect([limitOf({}), limitOf({ 'sluice.function-timeout': '5 min' }), limitOf({ 'sluice.function-timeout': '365 d' })]).toEqual([MINUTE, 5 * MINUTE, 2 ** 31 - 1]);
  });

  test.each(['0 s', '10 ns', 'soon'])('is a duration: %s', (text) => {
    expect(() => limitOf({ 'sluice.function-timeout': text })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});
