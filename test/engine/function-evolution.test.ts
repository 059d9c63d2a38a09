/** Programs that take over the state of others (protocol 14.5, V1-V4, V7): functions go on with what they knew, through savepoints as from the last state. */
import { describe, expect, test } from 'vitest';
import { listState, valueState } from '../../lib/core/process/declare.ts';
import type { KeyedFunction } from '../../lib/core/process/keyed-function.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { PlanNode } from '../../lib/core/plan.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate, type ResumeOptions } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { functionJob, keyedFunction, type FunctionJob } from './function-plan.ts';
import { LAB_START_MS } from './lab-plan.ts';
import { MINUTE, Stack } from './stack.ts';

const rowsOf = (stack: Stack): unknown[] => stack.stores.sinks.rows('c.d.out').map(([text]) => text);

/** A program of its own: its hash in the plan finds it. */
const program = (hash: string, fn: KeyedFunction): FunctionJob => {
  const { plan, code } = functionJob(fn);
  return { plan: { ...plan, program: hash }, code };
};

/** Counts, and says when a key has been silent for a minute of event time. */
const counting = program(
  'counting',
  keyedFunction({
    state: { count: valueState<number>({ initial: 0 }) },
    *onEvent({ type, time }, { state, timers }) {
      state.count.update(state.count.value() + 1);
      timers.registerEventTimeTimer(time + MINUTE);
      yield `${type} ${state.count.value()}`;
    },
    *onTimer({ time }, { key }) {
      yield `${key} at ${(time - LAB_START_MS) / 1000}`;
    },
  }),
);

/** Keeps an object where the other has a number, and a list beside it. */
const migrate = (count: unknown): unknown => ({ events: count });
const richer = (migrations: Readonly<Record<number, (value: unknown) => unknown>>): FunctionJob =>
  program(
    `richer ${Object.keys(migrations).join()}`,
    keyedFunction({
      state: { recent: listState<number>(), count: valueState<{ events: number }>({ initial: { events: 0 }, version: 2, migrations }) },
      *onEvent({ type, time }, { state }) {
        state.count.update({ events: state.count.value().events + 1 });
        state.recent.add((time - LAB_START_MS) / 1000);
        yield `${type} ${state.count.value().events} ${state.recent.get().join()}`;
      },
      *onTimer({ time }, { key }) {
        yield `${key} at ${(time - LAB_START_MS) / 1000}`;
      },
    }),
  );

/** The program with another uid for its function. */
function renamed({ plan, code }: FunctionJob, hash: string, previous?: string): FunctionJob {
  const name = (node: PlanNode): PlanNode => {
    if (node.kind === 'process') return { ...node, uid: uid('counter'), ...(previous === undefined ? {} : { previous: uid(previous) }) };
    return 'input' in node && node.input === 'fn' ? { ...node, input: uid('counter') } : node;
  };
  return { plan: { ...plan, program: hash, nodes: plan.nodes.map(name) }, code: { ...code, functions: new Map([...code.functions].map(([, fn]) => ['counter', fn])) } };
}

async function feed(stack: Stack, ...records: (readonly [string, number])[]): Promise<void> {
  stack.produce(records);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  for (let fired = true; fired; ) fired = (await firer.step()).kind === 'fired';
}

/** A job of the first program, ended behind two records; `base` is where it goes on from. */
async function ended(from: 'savepoint' | 'last state', jobs: readonly FunctionJob[]): Promise<{ stack: Stack; base: string | null }> {
  const [first = expect.fail()] = jobs;
  const codeOf = async ({ program: hash }: { readonly program?: string }) => (jobs.find(({ plan }) => plan.program === hash) ?? expect.fail()).code;
  const stack = await Stack.create({ plan: first.plan, code: first.code, codeOf });
  await feed(stack, ['a', 0], ['b', 10], ['a', 20]);
  const savepoint = await stack.stop();
  return { stack, base: from === 'savepoint' ? savepoint : null };
}

describe.each(['savepoint', 'last state'] as const)('from a %s', (from) => {
  test('a function goes on with its state and its timers', async () => {
    const { stack, base } = await ended(from, [counting]);
    await stack.resume(base);
    await feed(stack, ['a', 30], ['z', 76]);
    expect(rowsOf(stack)).toEqual(['0 a 1', '0 b 1', '0 a 2', '0 a 3', '0 z 1', '0 a at 60', '0 b at 70']);
  });

  test('another program migrates the values, has one more state, and keeps the timers', async () => {
    const next = richer({ 1: migrate });
    const { stack, base } = await ended(from, [counting, next]);
    await stack.resume(base, { plan: next.plan });
    await feed(stack, ['a', 30], ['z', 76]);
    expect(rowsOf(stack).slice(3)).toEqual(['0 a 3 30', '0 z 1 76', '0 a at 60', '0 b at 70']);
    await stack.resume(await stack.stop());
    await feed(stack, ['a', 77]);
    expect(rowsOf(stack).at(-1)).toBe('0 a 4 30,77');
  });

  test('a function says the uid that it had', async () => {
    const next = renamed(counting, 'renamed', 'fn');
    const { stack, base } = await ended(from, [counting, next]);
    await stack.resume(base, { plan: next.plan });
    await feed(stack, ['a', 30], ['z', 76]);
    expect(rowsOf(stack).slice(3)).toEqual(['0 a 3', '0 z 1', '0 a at 60', '0 b at 70']);
  });

  test('under a uid of which nobody says what it was, it begins anew, where that is allowed', async () => {
    const next = renamed(counting, 'renamed');
    const { stack, base } = await ended(from, [counting, next]);
    await expect(stack.resume(base, { plan: next.plan })).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
    await stack.resume(base, { plan: next.plan, allowNonRestored: true });
    expect((await readControl(stack.stores, stack.job.id)).control.restored?.dropped).toEqual(['fn.count', 'fn.timers']);
    await feed(stack, ['a', 30], ['z', 76]);
    expect(rowsOf(stack).slice(3)).toEqual(['0 a 1', '0 z 1']);
  });

  test('a migration that is missing is found before anything changes', async () => {
    const next = richer({});
    const { stack, base } = await ended(from, [counting, next]);
    const { control } = await readControl(stack.stores, stack.job.id);
    await expect(stack.resume(base, { plan: next.plan, allowNonRestored: true })).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringContaining('incompatible  fn.count: its values have version 1, the program has 2 and no migration from version 1'),
    });
    expect((await readControl(stack.stores, stack.job.id)).control).toEqual(control);
  });

  test('a migration that fails fails the resume, and the state is there for another', async () => {
    const failing = richer({
      1: () => {
        throw new Error('not today');
      },
    });
    const next = { ...failing, plan: { ...failing.plan, program: 'failing' } };
    const { stack, base } = await ended(from, [counting, next]);
    await expect(stack.resume(base, { plan: next.plan })).rejects.toThrow(/FAILED: fn\.count of key "[ab]": /);
    await stack.resume(base, { plan: counting.plan });
    await feed(stack, ['a', 30]);
    expect(rowsOf(stack).at(-1)).toBe('0 a 3');
  });
});

describe('a TTL of two minutes', () => {
  const dedup = program(
    'dedup',
    keyedFunction({
      state: { seen: valueState<boolean>({ ttl: { ttl: 2 * MINUTE } }) },
      *onEvent({ type }, { state }) {
        if (state.seen.value() === null) yield `${type} is new`;
        state.seen.update(true);
      },
    }),
  );

  /** What is new behind a stop of ten minutes, a minute of the TTL before and `behind` after it. */
  async function newAfter(options: Partial<ResumeOptions>, behind: number): Promise<unknown[]> {
    const { stack, base } = await ended('savepoint', [dedup]);
    stack.runtime.advance(10 * MINUTE);
    await stack.resume(base, options);
    stack.runtime.advance(behind);
    await feed(stack, ['a', 30]);
    return rowsOf(stack).slice(2);
  }

  test('a TTL runs on while the job is stopped', async () => {
    expect(await newAfter({}, 0)).toEqual(['0 a is new']);
  });

  test('--pause-ttl: a TTL goes on from where it was when the job stopped', async () => {
    expect(await newAfter({ pauseTtl: true }, MINUTE)).toEqual([]);
    expect(await newAfter({ pauseTtl: true }, 2 * MINUTE)).toEqual(['0 a is new']);
  });

  test.each([
    [{}, 0, ['0 a is new']],
    [{ pauseTtl: true }, 1, []],
    [{ pauseTtl: true }, 2, ['0 a is new']],
  ])('a new job from a savepoint, %j and %i minutes behind', async (options, minutes, rows) => {
    const { stack, base } = await ended('savepoint', [dedup]);
    stack.runtime.advance(10 * MINUTE);
    const id = await requestCreate(stack.workshop, dedup.plan, { savepoint: base, allowNonRestored: false, ...options });
    expect(await runOperation(stack.workshop, id)).toMatchObject({ status: 'RUNNING' });
    await stack.reopen(id);
    stack.runtime.advance(minutes * MINUTE);
    await feed(stack, ['a', 30]);
    expect(rowsOf(stack).slice(2)).toEqual(rows);
  });

  test.each(['savepoint', 'last state'] as const)('--pause-ttl: two stops without a FIRE between them count once each (%s)', async (kind) => {
    const { stack, base } = await ended(kind, [dedup]);
    stack.runtime.advance(10 * MINUTE);
    await stack.resume(base, { pauseTtl: true });
    const stopped = await stack.stop();
    const second = kind === 'savepoint' ? stopped : null;
    stack.runtime.advance(10 * MINUTE);
    await stack.resume(second, { pauseTtl: true });
    stack.runtime.advance(2 * MINUTE);
    await feed(stack, ['a', 30]);
    expect(rowsOf(stack).slice(2)).toEqual(['0 a is new']);
  });

  test('--pause-ttl: times move by the same length, however often the step is repeated', async () => {
    const { stack, base } = await ended('savepoint', [dedup]);
    stack.runtime.advance(10 * MINUTE);
    let isFirst = true;
    // The first attempt writes INIT, and dies before its checkpoint.
    stack.after = (call) => {
      if (call !== 'log.append C' || !isFirst) return;
      isFirst = false;
      throw new TypeError('killed');
    };
    await expect(stack.resume(base, { pauseTtl: true })).rejects.toThrow('killed');
    stack.runtime.advance(10 * MINUTE);
    await stack.resume(base, { pauseTtl: true, request: (await readControl(stack.stores, stack.job.id)).control.operation?.id ?? '' });
    await feed(stack, ['a', 30]);
    expect(rowsOf(stack).slice(2)).toEqual(['0 a is new']);
  });
});
