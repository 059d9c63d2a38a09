/** I-COST (protocol §16, §18): without faults a batch, a fire, an idle step and a checkpoint make exactly the requests of the budget. */
import { describe, expect, test } from 'vitest';
import { generation } from '../../lib/core/numbers.ts';
import { valueState } from '../../lib/core/process/declare.ts';
import { keepAfterMs } from '../../lib/engine/settings.ts';
import { functionJob, keyedFunction } from './function-plan.ts';
import { MINUTE, once, Stack } from './stack.ts';

/** Stores that expire entries, and stores that do not. */
const PLACES = [['with expiry', {}], ['without expiry', { logTtlMs: Infinity }]] as const;

const APPEND = 'log.append P0.0.0';

describe('a batch', () => {
  test.each(PLACES)('is one append if the sandbox was the last writer, %s', async (_, settings) => {
    const stack = await Stack.start({ settings });
    stack.produce([['click', 1], ['click', 2], ['click', 3]]);
    const writer = stack.writer();
    await stack.deliver(writer, 0, 1);
    stack.takeCalls();
    await stack.deliver(writer, 0, 1);
    await stack.deliver(writer, 0, 1);
    expect(stack.takeCalls()).toEqual([APPEND, APPEND]);
  });

  test('is one head read more if another sandbox was', async () => {
    const stack = await Stack.start({ settings: { logTtlMs: Infinity } });
    stack.produce([['click', 1], ['click', 2], ['click', 3], ['click', 4]]);
    const [one, other] = [stack.writer(), stack.writer()];
    await stack.deliver(one, 0, 1);
    stack.takeCalls();
    await stack.deliver(other, 0, 1);
    // A sandbox that takes a partition up compares the topic id, and then once a minute (W6).
    expect(stack.takeCalls()).toEqual(['log.head P0.0.0', 'source.topic', APPEND]);
    await stack.deliver(one, 0, 1);
    expect(stack.takeCalls()).toEqual(['log.head P0.0.0', APPEND]);
  });

  test('is an object and one append if its payload is large', async () => {
    const stack = await Stack.start({ settings: { logTtlMs: Infinity, spillInlineMax: 0 } });
    stack.produce([['click', 1], ['click', 2]]);
    const writer = stack.writer();
    await stack.deliver(writer, 0, 1);
    stack.takeCalls();
    await stack.deliver(writer, 0, 1);
    expect(stack.takeCalls()).toEqual(['blob.put', APPEND]);
  });
});

describe('a step', () => {
  const READS = ['log.readAfter C', 'log.readAfter P0.0.0', 'log.readAfter P0.0.1', 'log.readAfter P0.0.2'];

  test.each(PLACES)('with nothing to do is one read per log, %s', async (_, settings) => {
    const stack = await Stack.start({ settings, partitions: 3 });
    const firer = stack.firer();
    await firer.step();
    stack.runtime.advance(2 * MINUTE);
    await firer.step();
    stack.takeCalls();
    for (let i = 0; i < 3; i++) {
      stack.runtime.advance(10_000);
      await firer.step();
    }
    expect(stack.takeCalls()).toEqual([...READS, ...READS, ...READS]);
  });

  test('reads the head of a quiet partition only when it may have to be kept', async () => {
    const stack = await Stack.start();
    const firer = stack.firer();
    const ticks = 300;
    for (let i = 0; i < ticks; i++) {
      stack.runtime.advance(keepAfterMs(stack.job.settings) / 100);
      await firer.step();
    }
    const calls = stack.takeCalls();
    expect(calls.filter((call) => call === 'log.head P0.0.0').length).toBeLessThanOrEqual(6);
    expect((await stack.partition()).filter((e) => e.kind === 'KEEP').length).toBeLessThanOrEqual(3);
  });

  test.each(PLACES)('that fires is FIRE, hint, emission and ACK, and once per process what others may have said of the sink, %s', async (_, settings) => {
    const stack = await Stack.start({ settings });
    const [writer, firer] = [stack.writer(), stack.firer()];
    await firer.step();
    const fire = async (at: number): Promise<string[]> => {
      stack.produce([['click', at], ['click', at + 60]]);
      await stack.deliver(writer);
      stack.takeCalls();
      expect(await firer.step()).toMatchObject({ kind: 'fired', rows: 1 });
      return stack.takeCalls();
    };
    const before = ['log.readAfter C', 'log.readAfter P0.0.0', 'log.append C', 'control.put HINT', 'sink.emit'];
    expect(await fire(10)).toEqual([...before, 'control.remove ERR-SINK#g0#out', 'log.append C']);
    expect(await fire(70)).toEqual([...before, 'log.append C']);
  });

  test('that loses its FIRE emits nothing', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    const [fast, slow] = [stack.firer(), stack.firer()];
    stack.before = once('log.append C', async () => void (await fast.step()));
    stack.takeCalls();
    expect(await slow.step()).toEqual({ kind: 'lost' });
    expect(stack.takeCalls().filter((call) => call === 'sink.emit')).toHaveLength(1);
    expect(stack.stores.sinks.rows('c.d.out')).toHaveLength(1);
  });
});

describe('a checkpoint', () => {
  /** State of many chunks, all of them in a checkpoint. */
  const packed = async (): Promise<Stack> => {
    const stack = await Stack.start({ settings: { chunkInlineMax: 400 } });
    stack.produce(Array.from({ length: 200 }, (_, i) => [`type ${i}`, 10]));
    await stack.deliver(stack.writer());
    await stack.firer().step();
    stack.runtime.advance(MINUTE);
    await stack.firer().step();
    return stack;
  };

  test('writes dirty chunks only, the entry and the hint', async () => {
    const stack = await packed();
    const all = stack.takeCalls().filter((call) => call === 'chunks.put W').length;
    expect(all).toBeGreaterThan(10);
    stack.produce([['type 7', 20]]);
    await stack.deliver(stack.writer());
    const firer = stack.firer();
    await firer.load();
    stack.runtime.advance(MINUTE);
    stack.takeCalls();
    await firer.step();
    const writes = stack.takeCalls().filter((call) => /append|put/.test(call));
    expect(writes).toEqual(['log.append C', 'control.put HINT', 'chunks.put W', 'log.append C', 'control.put HINT']);
  });

  test('writes nothing for windows that fired', async () => {
    const stack = await packed();
    stack.produce([['end', 200]]);
    await stack.deliver(stack.writer());
    stack.runtime.advance(MINUTE);
    stack.takeCalls();
    await stack.firer().step();
    expect(stack.takeCalls().filter((call) => call === 'chunks.put W')).toHaveLength(1);
    const newest = (await stack.coordinator()).findLast((e) => e.kind === 'CHECKPOINT');
    expect(newest).toMatchObject({ chunks: [{ panes: 1 }] });
  });

  test('is not taken of a state that has not changed', async () => {
    const stack = await packed();
    const before = await stack.kinds();
    for (let i = 0; i < 20; i++) {
      stack.runtime.advance(MINUTE);
      await stack.firer().step();
    }
    expect(await stack.kinds()).toEqual(before);
  });
});

describe('a function with state', () => {
  const remembering = keyedFunction({
    state: { count: valueState<number>({ initial: 0, ttl: { ttl: '1 h' } }) },
    onEvent({ time }, { state, timers }) {
      state.count.update(state.count.value() + 1);
      timers.registerEventTimeTimer(time + MINUTE);
    },
  });
  const many = (round: number): (readonly [string, number])[] => Array.from({ length: 100 }, (_, i) => [`type ${i}`, round]);

  test.each(PLACES)('costs one append per batch and FIRE and HINT per step, however many keys it updates, %s', async (_, settings) => {
    const stack = await Stack.start({ ...functionJob(remembering), settings: { ...settings, spillInlineMax: 1e6 } });
    const [writer, firer] = [stack.writer(), stack.firer()];
    for (let round = 0; round < 3; round++) {
      stack.produce(many(round));
      stack.takeCalls();
      await stack.deliver(writer);
      const writing = stack.takeCalls();
      expect(await firer.step()).toMatchObject({ kind: 'fired', rows: 0 });
      // The first batch of a writer and the first step of a firer look around.
      if (round > 0) expect([writing, stack.takeCalls()]).toEqual([[APPEND], ['log.readAfter C', 'log.readAfter P0.0.0', 'log.append C', 'control.put HINT']]);
    }
  });

  test('writes its state with checkpoints only, and of it the chunks that have changed', async () => {
    const stack = await Stack.start({ ...functionJob(remembering), settings: { chunkInlineMax: 400 } });
    const [writer, firer] = [stack.writer(), stack.firer()];
    const chunksOf = async (records: readonly (readonly [string, number])[]): Promise<number> => {
      stack.produce(records);
      await stack.deliver(writer);
      await firer.step();
      stack.runtime.advance(MINUTE);
      stack.takeCalls();
      await firer.step();
      return stack.takeCalls().filter((call) => call === 'chunks.put W').length;
    };
    expect(await chunksOf(many(1))).toBeGreaterThan(5);
    expect(await chunksOf([['type 7', 2]])).toBe(1);
  });
});

test('a generation has its own names for everything it writes (I1)', async () => {
  const stack = await Stack.start();
  stack.produce([['click', 10], ['click', 120]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(stack.stores.log.logs().every((log) => log.includes(`#g${generation(0)}#`))).toBe(true);
});
