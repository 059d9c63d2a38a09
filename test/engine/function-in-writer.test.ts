/** Functions that run in the writer (protocol 13.3, stateful partition mode): what entries carry, what sandboxes and firers make of them, and what it costs. */
import { describe, expect, test } from 'vitest';
import { partitionId } from '../../lib/core/numbers.ts';
import { listState, mapState, valueState } from '../../lib/core/process/declare.ts';
import type { ListState, MapState } from '../../lib/core/process/descriptor.ts';
import type { TimerService } from '../../lib/core/process/keyed-function.ts';
import { liveRecordErrors } from '../../lib/engine/record-errors.ts';
import { keyedFunction, type FunctionJob } from './function-plan.ts';
import { MINUTE, Stack } from './stack.ts';
import { counting, inWriter, rowsOf, segmentsOf, started } from './within-plan.ts';

const P1 = partitionId(0, 0, 1);
/** What a function does with a key that holds very much. */
type Large = (state: { readonly each: MapState<number, string>; readonly all: ListState<number> }, timers: TimerService, time: number) => void;

test('an entry has what the function gives, and what has changed of the keys; the firer calls nothing', async () => {
  const stack = await started(counting());
  stack.produce([['a', 1], ['b', 2], ['a', 3]]);
  await stack.deliver(stack.writer());
  const [segment] = await segmentsOf(stack);
  expect([segment?.sections, segment?.changes]).toEqual([{}, { fn: [['a', [[2]], null], ['b', [[1]], null]] }]);
  expect(Object.values(segment?.rows ?? {}).flat()).toHaveLength(3);
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 a 1', '0 b 1', '0 a 2']);
});

describe('a sandbox goes on with what another has written', () => {
  test('from the log, and from a checkpoint and the entries behind it', async () => {
    const stack = await started(counting(), { partitions: 2 });
    for (let round = 1; round <= 6; round++) {
      stack.produce([['a', round]]);
      stack.produce([['b', round]], 1);
      const writer = stack.writer();
      await stack.deliver(writer);
      await stack.deliver(writer, 1);
      if (round % 2 === 0) continue;
      stack.runtime.advance(10 * MINUTE);
      await stack.firer().step();
    }
    await stack.firer().step();
    expect(await stack.kinds()).toContain('CHECKPOINT');
    expect(rowsOf(stack).sort()).toEqual(['a', 'b'].flatMap((key) => [1, 2, 3, 4, 5, 6].map((n) => `0 ${key} ${n}`)));
  });

  test('though it was warm, and another one in between', async () => {
    const stack = await started(counting());
    const [one, other] = [stack.writer(), stack.writer()];
    for (const writer of [one, other, one, one, other]) {
      stack.produce([['a', 1]]);
      await stack.deliver(writer);
    }
    await stack.firer().step();
    expect(rowsOf(stack)).toEqual(['0 a 1', '0 a 2', '0 a 3', '0 a 4', '0 a 5']);
  });

  test('though its own append was lost', async () => {
    const stack = await started(counting());
    const writer = stack.writer();
    let fails = true;
    stack.before = (call) => {
      if (!call.startsWith('log.append P') || !fails) return;
      fails = false;
      throw new Error('the request has not come through');
    };
    stack.produce([['a', 1]]);
    await expect(stack.deliver(writer)).rejects.toThrow('not come through');
    await stack.deliver(writer);
    stack.produce([['a', 2]]);
    await stack.deliver(writer);
    await stack.firer().step();
    expect(rowsOf(stack)).toEqual(['0 a 1', '0 a 2']);
  });
});

describe('a partition that is added', () => {
  test('is refused by writer and firer, and shown; the others go on', async () => {
    const stack = await started(counting(), { settings: { upkeepIntervalMs: 1 } });
    stack.stores.source.addPartitions('events', 1);
    stack.produce([['a', 1]], 1);
    stack.produce([['b', 1]]);
    await expect(stack.deliver(stack.writer(), 1)).rejects.toMatchObject({ code: 'PARTITION_ADDED' });
    await stack.deliver(stack.writer());
    stack.runtime.advance(10);
    await stack.firer().step();
    expect(rowsOf(stack)).toEqual(['0 b 1']);
    expect(await liveRecordErrors(stack.stores, stack.job, () => 0)).toMatchObject([{ code: 'PARTITION_ADDED', partition: 1 }]);
    expect(await stack.partition(P1)).toEqual([]);
  });

  test('is refused by a resume', async () => {
    const stack = await Stack.create(counting());
    stack.produce([['a', 1]]);
    await stack.deliver(stack.writer());
    const savepoint = await stack.stop();
    stack.stores.source.addPartitions('events', 1);
    await expect(stack.resume(savepoint)).rejects.toThrow('events-1 is new');
  });
});

describe('what it costs (I-COST)', () => {
  test('a batch is one append where the sandbox was the last writer, and the hint once a second', async () => {
    const stack = await started(counting());
    const writer = stack.writer();
    stack.produce([['a', 1], ['a', 2], ['a', 3]]);
    await stack.deliver(writer, 0, 1);
    stack.takeCalls();
    await stack.deliver(writer, 0, 1);
    expect(stack.takeCalls()).toEqual(['log.append P0.0.0']);
    stack.runtime.advance(1001);
    await stack.deliver(writer, 0, 1);
    expect(stack.takeCalls()).toEqual(['control.get HINT', 'log.get C', 'log.append P0.0.0']);
  });

  test('an entry says of no key that its batch does not touch', async () => {
    const stack = await started(counting());
    const writer = stack.writer();
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`);
    stack.produce(keys.map((key) => [key, 1]));
    await stack.deliver(writer);
    stack.produce([['key-7', 2]]);
    await stack.deliver(writer);
    expect((await segmentsOf(stack)).map(({ changes }) => changes?.['fn'])).toEqual([keys.map((key) => [key, [[1]], null]), [['key-7', [[2]], null]]]);
  });

  const MANY = Array.from({ length: 10_000 }, (_, i) => i);
  const large = (onFirst: Large, onNext: Large): FunctionJob =>
    inWriter(
      keyedFunction({
        state: { each: mapState<number, string>(), all: listState<number>(), isFull: valueState<boolean>() },
        onEvent({ time }, { state, timers }) {
          (state.isFull.value() === null ? onFirst : onNext)(state, timers, time);
          if (state.isFull.value() === null) state.isFull.update(true);
        },
        onTimer: () => [],
      }),
    );

  test.each<[string, Large, Large]>([
    ['a map', ({ each }) => each.putAll(MANY.map((i) => [i, 'a'])), ({ each }, _, time) => each.put(time % 10_000, 'b')],
    ['a list that grows', ({ all }) => all.addAll(MANY), ({ all }, _, time) => all.add(time)],
    ['a list that is written anew', ({ all }) => all.update(MANY), ({ all }, _, time) => all.update([...all.get().slice(1), time])],
    ['timers', (_, timers, time) => MANY.forEach((i) => timers.registerEventTimeTimer(time + MINUTE + i)), (_, timers, time) => timers.registerEventTimeTimer(time + 10 * MINUTE)],
  ])('10,000 of one key are not written again with each batch: %s', async (_, onFirst, onNext) => {
    const stack = await started(large(onFirst, onNext));
    const writer = stack.writer();
    const sizes: number[] = [];
    for (let i = 0; i < 5; i++) {
      stack.produce([['a', i]]);
      const result = await stack.deliver(writer);
      sizes.push(result.kind === 'committed' ? result.bytes : NaN);
    }
    const [first = 0, ...next] = sizes;
    expect(first).toBeGreaterThan(10_000);
    expect(Math.max(...next)).toBeLessThan(1024);
    // Also of those who read it.
    stack.produce([['a', 6]]);
    const result = await stack.deliver(stack.writer());
    expect(result).toMatchObject({ kind: 'committed', bytes: expect.toSatisfy((bytes: number) => bytes < 1024) });
  });
});

test('entries that are gone are a truncated log to the writer that misses them', async () => {
  const stack = await started(counting());
  const [one, other] = [stack.writer(), stack.writer()];
  for (const writer of [one, other, other, other]) {
    stack.produce([['a', 1]]);
    await stack.deliver(writer);
  }
  stack.stores.log.forget((log, { seq }) => log.endsWith('P0.0.0') && seq === 2);
  stack.produce([['a', 2]]);
  await expect(stack.deliver(one)).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
});
