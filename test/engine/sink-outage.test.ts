/**
 * Sinks that take no rows while a job runs: the job keeps its rows and its state, says what is wrong, asks again with growing pauses, and goes
 * on when it is mended. And two sinks of one table, which have nothing in common but its name.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemorySinks } from '../../lib/adapters/memory/sink.ts';
import { resolveJob } from '../../lib/control/jobs.ts';
import { summarize } from '../../lib/control/summary.ts';
import { SluiceError, type ErrorCode } from '../../lib/core/errors.ts';
import { generation, uid } from '../../lib/core/numbers.ts';
import type { Plan, PlanNode } from '../../lib/core/plan.ts';
import { ERROR_CHARS_MAX } from '../../lib/core/error-text.ts';
import { backOff } from '../../lib/engine/firer/sink-attempts.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { SinkErrorItem } from '../../lib/engine/sink-errors.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import type { Sinks } from '../../lib/ports/sink.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { labPlan, LAB_START_MS } from './lab-plan.ts';
import { MINUTE, Stack } from './stack.ts';

const FIRST = [0, 'click', 1];
const SECOND = [1, 'view', 1];

/** The lab's plan with a second sink, `again`, which takes the same rows; into the same table unless another is named. */
function twoSinks(table = 'c.d.out'): Plan {
  const plan = labPlan();
  const second = plan.nodes.flatMap((node): PlanNode[] => (node.kind === 'sink' ? [{ ...node, uid: uid('again'), table }] : []));
  return { ...plan, nodes: [...plan.nodes, ...second] };
}

type Place = 'open' | 'emit' | 'fence';

/** Sinks in front of which something may stand, by uid. */
class Guarded implements Sinks {
  readonly #sinks: Sinks;
  readonly trouble = new Map<string, { readonly at: Place; readonly error: SluiceError }>();
  emitted: string[] = [];

  constructor(sinks: Sinks) {
    this.#sinks = sinks;
  }

  open: Sinks['open'] = async (job, node) => {
    const check = (at: Place): void => {
      const trouble = this.trouble.get(node.uid);
      if (trouble?.at === at) throw trouble.error;
    };
    check('open');
    const sink = await this.#sinks.open(job, node);
    const emit: typeof sink.emit = async (emission) => {
      this.emitted.push(node.uid);
      check('emit');
      return sink.emit(emission);
    };
    const fence: typeof sink.fence = async (g) => {
      check('fence');
      return sink.fence(g);
    };
    return { fences: sink.fences, emit, fence };
  };

  break(sink: string, code: ErrorCode, message: string, at: Place = 'emit'): void {
    this.trouble.set(sink, { at, error: new SluiceError(code, { message }) });
  }
}

interface World {
  readonly stack: Stack;
  readonly sinks: Guarded;
  readonly memory: MemorySinks;
}

/** Minute, type and count of the rows that have come into a table. */
const rowsOf = (memory: MemorySinks, table = 'c.d.out'): unknown[][] => memory.rows(table).map((row) => [(Number(row[0]) - LAB_START_MS) / MINUTE, row[2], Number(row[3])]);

const positionsOf = (memory: MemorySinks, { job }: Stack, sink: string): string[] => memory.journal(job.id, uid(sink)).map(({ g, f }) => `${g}:${f}`);

async function world(plan = labPlan()): Promise<World> {
  const memory = new MemorySinks();
  const sinks = new Guarded(memory);
  const stack = await Stack.create({ plan, sinks });
  stack.produce([['click', 10], ['view', 70]]);
  await stack.deliver(stack.writer());
  return { stack, sinks, memory };
}

const errorsOf = async (stack: Stack): Promise<readonly SinkErrorItem[]> => {
  const id = await resolveJob(stack.ports, stack.job.id);
  return (await summarize(stack.workshop, id, (await readControl(stack.ports, id)).control)).sinkErrors;
};

const itemsOf = ({ stores, job }: Stack): Promise<readonly unknown[]> => stores.control.list(`J#${job.id}`, 'ERR-SINK#', { after: '', limit: 10 });

describe('a sink that takes no rows', () => {
  test.each([
    ['is down', 'SINK_UNAVAILABLE', 'connection refused', 'emit'],
    ['does not answer', 'STORE_FAILED', 'timed out', 'emit'],
    ['has lost its table', 'OPTION_INVALID', 'table c.d.out does not exist', 'open'],
    ['has a table of other columns', 'SINK_UNAVAILABLE', "column 'event_count' is gone", 'emit'],
    ['is given a row that is too large', 'SINK_UNAVAILABLE', 'a row of 500000 bytes, the limit is 400000', 'emit'],
    ['refuses us', 'SINK_UNAVAILABLE', 'access denied', 'open'],
  ] as const)('because it %s: the job says so and keeps the rows, and goes on when it is mended', async (_, code, message, at) => {
    const { stack, sinks, memory } = await world();
    sinks.break('out', code, message, at);
    const firer = stack.firer();
    expect(await firer.step()).toMatchObject({ kind: 'waiting', sinks: ['out'], cause: { code, message } });
    expect(await errorsOf(stack)).toMatchObject([{ sink: 'out', table: 'c.d.out', f: 1, code, message }]);
    stack.produce([['view', 80], ['end', 200]]);
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed' });
    sinks.trouble.clear();
    stack.runtime.advance(10_000);
    for (let i = 0; i < 3; i++) await firer.step();
    expect(rowsOf(memory)).toEqual([FIRST, [1, 'view', 2]]);
    expect(await errorsOf(stack)).toEqual([]);
    expect(await itemsOf(stack)).toEqual([]);
  });

  test('is asked again with growing pauses, ten seconds at most', async () => {
    const { stack, sinks } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    const firer = stack.firer();
    const began = stack.runtime.elapsed();
    const asked: number[] = [];
    for (let i = 0; i < 600; i++) {
      sinks.emitted = [];
      expect(await firer.step()).toMatchObject({ kind: 'waiting', cause: { message: 'down' } });
      if (sinks.emitted.length > 0) asked.push(stack.runtime.elapsed() - began);
      stack.runtime.advance(100);
    }
    expect(asked.slice(0, 9)).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 12_700, 22_700]);
    expect(asked.slice(7).map((at, i, all) => at - (all[i - 1] ?? at)).slice(1)).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  test.each([1, 2, 7, 8, 60, 5000])('failure %i: a pause between a tenth of a second and ten', (attempts) => {
    const pause = backOff(attempts, 0);
    expect(pause).toBeGreaterThanOrEqual(100);
    expect(pause).toBeLessThanOrEqual(10_000);
  });

  test('is remembered once per error, not with every attempt', async () => {
    const { stack, sinks } = await world();
    const firer = stack.firer();
    const puts = async (): Promise<number> => {
      stack.takeCalls();
      for (let i = 0; i < 5; i++) {
        await firer.step();
        stack.runtime.advance(10_000);
      }
      return stack.takeCalls().filter((call) => call.startsWith('control.put ERR-SINK')).length;
    };
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    expect(await puts()).toBe(1);
    sinks.break('out', 'SINK_UNAVAILABLE', 'access denied');
    expect(await puts()).toBe(1);
    expect(await errorsOf(stack)).toMatchObject([{ message: 'access denied' }]);
  });

  test('that another process has served is not in trouble any more, and that one says so with its first confirmation', async () => {
    const { stack, sinks, memory } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    await stack.firer().step();
    sinks.trouble.clear();
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    await stack.firer().step();
    expect(rowsOf(memory)).toEqual([FIRST]);
    expect(await itemsOf(stack)).toEqual([]);
    expect(await errorsOf(stack)).toEqual([]);
  });

  test('that nobody could take the word back of is told by the log, of which a few entries are read, and no state', async () => {
    const { stack, sinks } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    const firer = stack.firer();
    await firer.step();
    stack.takeCalls();
    expect(await errorsOf(stack)).toMatchObject([{ f: 1 }]);
    expect(stack.takeCalls().filter((call) => !call.startsWith('control.'))).toEqual(['log.head C']);
    sinks.trouble.clear();
    stack.before = (call) => {
      if (call.startsWith('control.remove ERR-SINK')) throw new SluiceError('STORE_FAILED', { message: 'full' });
    };
    stack.runtime.advance(MINUTE);
    await firer.step();
    expect(await itemsOf(stack)).toHaveLength(1);
    stack.takeCalls();
    expect(await errorsOf(stack)).toEqual([]);
    expect(stack.takeCalls().filter((call) => /chunks|blob|readAfter/.test(call))).toEqual([]);
  });

  test('in front of a FIRE that was given up (F14) and renewed is in trouble still', async () => {
    const { stack, sinks } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    await stack.firer().step();
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
    await advanceSavepoint(stack.workshop, stack.job.id, await requestSavepoint(stack.workshop, stack.job.id, '/savepoints'), null);
    expect((await stack.kinds()).at(-1)).toBe('CHECKPOINT');
    expect(await errorsOf(stack)).toMatchObject([{ f: 1 }]);
    stack.runtime.advance(stack.job.settings.logTtlMs / 2);
    await stack.firer().step();
    expect((await stack.kinds()).at(-1)).toBe('RENEW');
    expect(await errorsOf(stack)).toMatchObject([{ f: 1 }]);
  });

  test('at a FIRE of its own is news, and asked at once, though it failed in the same way before and others served it then', async () => {
    const { stack, sinks } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    const first = stack.firer();
    for (let i = 0; i < 8; i++) {
      await first.step();
      stack.runtime.advance(MINUTE);
    }
    sinks.trouble.clear();
    await stack.firer().step();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    stack.produce([['view', 80], ['end', 200]]);
    await stack.deliver(stack.writer());
    sinks.emitted = [];
    await first.step();
    expect(sinks.emitted).toEqual(['out']);
    expect(await errorsOf(stack)).toMatchObject([{ f: 2, message: 'down' }]);
    stack.runtime.advance(100);
    await first.step();
    expect(sinks.emitted).toEqual(['out', 'out']);
  });

  test('for the same reason in two processes is remembered as it was met first', async () => {
    const { stack, sinks } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    await stack.firer().step();
    const before = await errorsOf(stack);
    stack.runtime.advance(MINUTE);
    await stack.firer().step();
    expect(await errorsOf(stack)).toEqual(before);
  });

  test('and says why at length is quoted in part, in whole characters', async () => {
    const { stack, sinks } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', `${'x'.repeat(ERROR_CHARS_MAX - 1)}${'😀'.repeat(300_000)}`);
    await stack.firer().step();
    const [error] = await errorsOf(stack);
    expect(error?.message).toHaveLength(ERROR_CHARS_MAX);
    expect(error?.message.isWellFormed()).toBe(true);
  });

  test('does not hold another one up, which gets a FIRE once', async () => {
    const { stack, sinks, memory } = await world(twoSinks('c.d.other'));
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    const firer = stack.firer();
    for (let i = 0; i < 5; i++) {
      expect(await firer.step()).toMatchObject({ kind: 'waiting', sinks: ['out'] });
      stack.runtime.advance(10_000);
    }
    expect(sinks.emitted.filter((sink) => sink === 'again')).toHaveLength(1);
    expect(rowsOf(memory, 'c.d.other')).toHaveLength(1);
  });

  test('F14: a stop keeps the rows of the one that lacks them, and of no other', async () => {
    const { stack, sinks, memory } = await world(twoSinks('c.d.other'));
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    await stack.firer().step();
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
    const path = await stack.stop();
    const pending = (await readSavepoint(stack.ports, path)).sinks.map((sink) => [sink.uid, sink.pending]);
    expect(pending).toEqual([['out', true], ['again', false]]);
    sinks.trouble.clear();
    await stack.resume(path);
    stack.produce([['end', 200]]);
    await stack.deliver(stack.writer());
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    for (let i = 0; i < 3; i++) await stack.firer().step();
    expect(rowsOf(memory)).toEqual([FIRST, SECOND]);
    expect(rowsOf(memory, 'c.d.other')).toHaveLength(2);
  });

  test('F14: a savepoint is taken while a table is dropped, and what is resumed from it writes the rows when it is back', async () => {
    const { stack, sinks, memory } = await world();
    sinks.break('out', 'OPTION_INVALID', 'table c.d.out does not exist');
    await stack.firer().step();
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
    const trigger = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
    const { location } = await advanceSavepoint(stack.workshop, stack.job.id, trigger, null);
    expect((await readSavepoint(stack.ports, location ?? '')).sinks).toMatchObject([{ uid: 'out', pending: true, pendingOf: { g: 0, f: 1 } }]);
    expect(await errorsOf(stack)).toMatchObject([{ code: 'OPTION_INVALID' }]);
    sinks.trouble.clear();
    await stack.firer().step();
    expect(rowsOf(memory)).toEqual([FIRST]);
  });

  test.each(['SINK_UNAVAILABLE', 'STORE_FAILED', 'OPTION_INVALID', 'RECORD_MALFORMED'] as const)('at a resume, which has to fence it first, with %s: it waits, says for which and since when, and goes on', async (code) => {
    const { stack, sinks, memory } = await world();
    await stack.firer().step();
    const path = await stack.stop();
    sinks.break('out', code, 'it is away', 'fence');
    await expect(stack.resume(path)).rejects.toMatchObject({ kind: 'retry', message: expect.stringContaining('it is away') });
    const waiting = await errorsOf(stack);
    expect(waiting).toMatchObject([{ sink: 'out', code, message: 'it is away', since: stack.runtime.now() }]);
    stack.runtime.advance(MINUTE);
    await expect(runOperation(stack.workshop, stack.job.id)).rejects.toMatchObject({ kind: 'retry' });
    expect(await errorsOf(stack)).toEqual(waiting);
    sinks.trouble.clear();
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'RUNNING', gen: 1 });
    expect(await itemsOf(stack)).toEqual([]);
    expect(rowsOf(memory)).toEqual([FIRST]);
  });

  test('at a fork of a job that has ended: the fork says so, and goes on', async () => {
    const { stack, sinks } = await world();
    const path = await stack.stop();
    sinks.break('out', 'OPTION_INVALID', 'table c.d.out does not exist', 'fence');
    const id = await requestCreate(stack.workshop, labPlan(), { savepoint: path, allowNonRestored: false });
    await expect(runOperation(stack.workshop, id)).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    const told = async (): Promise<unknown> => (await summarize(stack.workshop, id, (await readControl(stack.ports, id)).control)).sinkErrors;
    expect(await told()).toMatchObject([{ sink: 'out', message: 'table c.d.out does not exist' }]);
    sinks.trouble.clear();
    expect(await runOperation(stack.workshop, id)).toMatchObject({ status: 'RUNNING' });
    expect(await told()).toEqual([]);
  });

  test.each(['stop', 'cancel'])('but is back in the pause before the last attempt has its rows when the job ends (%s)', async (how) => {
    const { stack, sinks, memory } = await world();
    sinks.break('out', 'SINK_UNAVAILABLE', 'down');
    const firer = stack.firer();
    await firer.step();
    const { sinkGiveUpMs } = stack.job.settings;
    // The pause has grown to its most when the time is up, and the sink is mended in it.
    const mendAt = stack.runtime.elapsed() + (how === 'stop' ? sinkGiveUpMs - 200 : 59_800);
    stack.runtime.sleep = async (ms) => {
      stack.runtime.advance(ms);
      if (stack.runtime.elapsed() >= mendAt) sinks.trouble.clear();
    };
    if (how === 'stop') {
      await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false });
      for (let i = 0; i < 100 && (await readControl(stack.ports, stack.job.id)).control.operation !== null; i++) await runOperation(stack.workshop, stack.job.id).catch(() => {});
    } else {
      await requestCancel(stack.workshop, stack.job.id);
      await runOperation(stack.workshop, stack.job.id);
    }
    expect(rowsOf(memory)).toEqual([FIRST]);
    expect((await stack.coordinator()).flatMap((e) => (e.kind === 'CHECKPOINT' ? e.pending : []))).toEqual([]);
    expect(await stack.kinds()).toContain('ACK');
  });

  test('a broken invariant is not waited for', async () => {
    const { stack, sinks } = await world();
    sinks.break('out', 'REPLAY_DIFFERS', 'other rows (X4)');
    await expect(stack.firer().step()).rejects.toMatchObject({ code: 'REPLAY_DIFFERS' });
  });
});

describe('two sinks into one table', () => {
  test('have a position, an order and a fence of their own', async () => {
    const stack = await Stack.start({ plan: twoSinks() });
    stack.produce([['click', 10], ['view', 70]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
    const positions = (): string[][] => ['out', 'again'].map((sink) => positionsOf(stack.stores.sinks, stack, sink));
    expect(positions()).toEqual([['0:1'], ['0:1']]);
    expect(stack.rows()).toEqual([FIRST, FIRST]);
    const [first] = stack.job.dataflow.sinks;
    if (first === undefined) throw new Error('the plan has sinks');
    await (await stack.stores.sinks.open(stack.job.id, first)).fence(generation(1));
    stack.produce([['end', 200]]);
    await stack.deliver(stack.writer());
    expect(await stack.firer().step()).toMatchObject({ kind: 'fenced' });
    expect(positions()).toEqual([['0:1'], ['0:1']]);
  });

  test('are two sets of files in one directory', async () => {
    const path = join(temporaryDirectory(), 'out');
    const plan = twoSinks();
    const nodes = plan.nodes.map((node) => (node.kind === 'sink' ? { ...node, options: { path, format: 'json' } } : node));
    const { sinks, close } = openEmbedded(temporaryDirectory(), { create: true });
    onTestFinished(close);
    const stack = await Stack.start({ plan: { ...plan, nodes }, sinks });
    stack.produce([['click', 10], ['view', 70]]);
    await stack.deliver(stack.writer());
    expect(await stack.firer().step()).toMatchObject({ kind: 'fired', rows: 2 });
    const prefixes = readdirSync(path).sort().map((name) => name.split('-f1')[0]);
    expect(prefixes).toEqual(['again', 'out'].map((sink) => `${stack.job.id}-${sink}-g0`));
  });

  test('where one lacks a FIRE, the other has it, and a resume gives it to the one alone', async () => {
    const { stack, sinks, memory } = await world(twoSinks());
    sinks.break('again', 'SINK_UNAVAILABLE', 'down');
    await stack.firer().step();
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
    const path = await stack.stop();
    sinks.trouble.clear();
    await stack.resume(path);
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    await stack.firer().step();
    expect(['out', 'again'].map((sink) => positionsOf(memory, stack, sink))).toEqual([['0:1'], ['1:2']]);
  });
});
