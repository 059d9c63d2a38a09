/**
 * The age guards (protocol G1, G2, W5, K2): no append is sent on a head that was read too long ago, and none is believed whose answer
 * came too long after it. Time is made to pass where a sandbox freezes: before a request, or between its effect and its answer.
 */
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../lib/core/errors.ts';
import { seq } from '../../lib/core/numbers.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { carriedOver } from '../../lib/engine/log/entries.ts';
import { openCoordinatorLog, openPartitionLog } from '../../lib/engine/log/logs.ts';
import { once, P0, Stack, type TestRuntime } from './stack.ts';

/** Every payload is an object, so that there is a request between the head and the append. */
const SPILL = { spillInlineMax: 0, resultInlineMax: 0 };
const FREEZE_MS = 60_000;

const appendsTo = (calls: readonly string[], log: string): number => calls.filter((call) => call === `log.append ${log}`).length;

describe('G1: the head is too old before the append', () => {
  test.each<[string, (runtime: TestRuntime) => void]>([
    ['both clocks', (runtime) => runtime.advance(FREEZE_MS)],
    ['only the wall clock', (runtime) => void (runtime.wall += FREEZE_MS)],
    ['only the monotonic clock', (runtime) => void (runtime.monotonic += FREEZE_MS)],
  ])('by %s: nothing is sent, the head is read again', async (_, freeze) => {
    const stack = await Stack.start({ settings: SPILL });
    stack.produce([['click', 1]]);
    stack.before = once('blob.put', () => freeze(stack.runtime));
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed' });
    const calls = stack.takeCalls();
    expect(appendsTo(calls, 'P0.0.0')).toBe(1);
    expect(calls.filter((call) => call === 'log.head P0.0.0')).toHaveLength(2);
  });

  test('a sandbox that freezes every time gives up without having appended', async () => {
    const stack = await Stack.start({ settings: SPILL });
    stack.produce([['click', 1]]);
    stack.before = (call) => {
      if (call === 'blob.put') stack.runtime.advance(FREEZE_MS);
    };
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'CONTENTION' });
    expect(await stack.partition()).toHaveLength(1);
  });

  test('a cached head is used up to its age and not beyond', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 1], ['click', 2], ['click', 3]]);
    const writer = stack.writer();
    await stack.deliver(writer, 0, 1);
    stack.takeCalls();
    stack.runtime.advance(FREEZE_MS - 1);
    await stack.deliver(writer, 0, 1);
    expect(stack.takeCalls()).not.toContain('log.head P0.0.0');
    stack.runtime.advance(FREEZE_MS);
    await stack.deliver(writer, 0, 1);
    expect(stack.takeCalls()).toContain('log.head P0.0.0');
  });
});

test('a head is as old as the request that wrote it, however late the answer came (G1)', async () => {
  const stack = await Stack.start();
  const writer = stack.writer();
  stack.produce([['click', 1]]);
  stack.after = once('log.append P0.0.0', () => stack.runtime.advance(40_000));
  await stack.deliver(writer);
  stack.produce([['click', 2]]);
  stack.runtime.advance(25_000);
  stack.takeCalls();
  await stack.deliver(writer);
  expect(stack.takeCalls().find((call) => call.startsWith('log.'))).toBe('log.head P0.0.0');
});

describe('G2: the answer comes too late', () => {
  test('an own entry that landed is a duplicate after the head was read again', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 1]]);
    stack.after = once('log.append P0.0.0', () => stack.runtime.advance(FREEZE_MS));
    expect(await stack.deliver(stack.writer())).toEqual({ kind: 'duplicate', next: 1 });
    expect((await stack.partition()).map((e) => e.kind)).toEqual(['INIT', 'DATA']);
  });

  test('a FIRE is not emitted by who appended it; the next firer helps when it is old enough (F9)', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    stack.after = once('log.append C', () => stack.runtime.advance(FREEZE_MS));
    const firer = stack.firer();
    expect(await firer.step()).toEqual({ kind: 'lost' });
    expect(firer.replica).toBeNull();
    expect(stack.rows()).toEqual([]);
    stack.runtime.wall -= FREEZE_MS;
    expect(await firer.step()).toMatchObject({ kind: 'waiting', cause: null });
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    await stack.firer().step();
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
  });

  test('an ACK and a CHECKPOINT that came too late are found by reading, not repeated', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    const firer = stack.firer();
    stack.after = (call) => {
      if (call === 'sink.emit') stack.after = once('log.append C', () => stack.runtime.advance(FREEZE_MS));
    };
    expect(await firer.step()).toEqual({ kind: 'lost' });
    stack.after = once('log.append C', () => stack.runtime.advance(FREEZE_MS));
    await firer.step();
    await firer.step();
    expect(await stack.kinds()).toEqual(['INIT', 'FIRE', 'ACK', 'CHECKPOINT']);
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
  });
});

describe('a step that takes long (row 48)', () => {
  const slowStep = async (): Promise<Stack> => {
    const stack = await Stack.start({ settings: SPILL });
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    stack.takeCalls();
    return stack;
  };

  test('looks at the coordinator head again before its FIRE', async () => {
    const stack = await slowStep();
    stack.after = once('blob.put', () => stack.runtime.advance(45_000));
    expect(await stack.firer().step()).toMatchObject({ kind: 'fired' });
  });

  test('of more than HEAD_MAX_AGE comes to its FIRE all the same', async () => {
    const stack = await Stack.start({ settings: { resultInlineMax: 0 } });
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    stack.after = once('blob.put', () => stack.runtime.advance(70_000));
    expect(await stack.firer().step()).toMatchObject({ kind: 'fired', rows: 1 });
  });

  test('gives way if somebody else has appended meanwhile', async () => {
    const stack = await slowStep();
    const slow = stack.firer();
    stack.before = once('blob.put', async () => {
      await new Firer(stack.stores, stack.job).step();
      stack.runtime.advance(45_000);
    });
    expect(await slow.step()).toEqual({ kind: 'lost' });
    expect(appendsTo(stack.takeCalls(), 'C')).toBe(0);
    expect(await stack.kinds()).toEqual(['INIT', 'FIRE', 'ACK']);
  });
});

/** W5: every append of every log goes through the guards. */
describe('whatever is appended, by kind', () => {
  test.each(['KEEP', 'FROZEN'] as const)('%s', async (kind) => {
    const stack = await Stack.start();
    const log = openPartitionLog(stack.ports, stack.job, P0);
    const head = await log.head();
    if (head === null) throw new Error('INIT is there');
    const entry = log.next(head, { kind, ...carriedOver(head.entry) });
    stack.runtime.advance(FREEZE_MS);
    expect(await log.append(head, entry)).toMatchObject({ kind: 'unknown' });
    expect(appendsTo(stack.takeCalls(), 'P0.0.0')).toBe(0);
  });

  test.each(['RENEW', 'CLOSE'] as const)('%s', async (kind) => {
    const stack = await Stack.start();
    const log = openCoordinatorLog(stack.ports, stack.job);
    const head = await log.head();
    if (head === null) throw new Error('INIT is there');
    stack.after = once('log.append C', () => stack.runtime.advance(FREEZE_MS));
    expect(await log.append(head, log.next(head, { kind, checkpoints: [] }))).toMatchObject({ kind: 'unknown' });
    expect(await log.get(seq(1))).toMatchObject({ kind });
  });

  test('an append whose answer is lost is unknown, and a foreign entry in its place is a loss', async () => {
    const stack = await Stack.start();
    const log = openCoordinatorLog(stack.ports, stack.job);
    const head = await log.head();
    if (head === null) throw new Error('INIT is there');
    const [mine, other] = [log.next(head, { kind: 'RENEW', checkpoints: [] }), log.next(head, { kind: 'RENEW', checkpoints: [] })];
    stack.after = once('log.append C', () => {
      throw new StoreError('maybe', { message: 'the connection broke' });
    });
    expect(await log.append(head, mine)).toMatchObject({ kind: 'unknown' });
    expect(await log.append(head, mine)).toMatchObject({ kind: 'appended' });
    expect(await log.append(head, other)).toEqual({ kind: 'lost' });
  });
});
