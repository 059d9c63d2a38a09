/** Functions that run in the writer (protocol 13.3, stateful partition mode): what entries carry, what sandboxes and firers make of them, and what it costs. */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { partitionId, uid } from '../../lib/core/numbers.ts';
import { listState, mapState, valueState } from '../../lib/core/process/declare.ts';
import type { ListState, MapState } from '../../lib/core/process/descriptor.ts';
import type { TimerService } from '../../lib/core/process/keyed-function.ts';
import type { PlanNode } from '../../lib/core/plan.ts';
import { Raw, STRING } from '../../lib/core/types.ts';
import { hasPayload } from '../../lib/engine/log/entries.ts';
import { decodeSegments } from '../../lib/engine/writer/segment.ts';
import { liveRecordErrors } from '../../lib/engine/record-errors.ts';
import { labRecord, LAB_START_MS } from './lab-plan.ts';
import { functionJob, keyedFunction, type FunctionJob } from './function-plan.ts';
import { MINUTE, Stack, type StackOptions } from './stack.ts';

const P1 = partitionId(0, 0, 1);
/** What a function does with a key that holds very much. */
type Large = (state: { readonly each: MapState<number, string>; readonly all: ListState<number> }, timers: TimerService, time: number) => void;

const rowsOf = (stack: Stack): unknown[] => stack.stores.sinks.rows('c.d.out').map(([text]) => text);

const inWriter = (fn: Parameters<typeof functionJob>[0], planOptions: Record<string, string> = {}): FunctionJob => functionJob(fn, { prePartitioned: true, planOptions });

const counting = (): FunctionJob =>
  inWriter(
    keyedFunction({
      state: { count: valueState<number>({ initial: 0 }) },
      *onEvent({ type }, { state }) {
        state.count.update(state.count.value() + 1);
        yield `${type} ${state.count.value()}`;
      },
    }),
  );

/** Tells of a key a minute of event time behind its first record, and ten seconds of processing time behind each. */
const timing = (onTimer = (text: string): string => text, planOptions: Record<string, string> = {}): FunctionJob =>
  inWriter(
    keyedFunction({
      state: { last: valueState<number>() },
      onEvent({ time }, { state, timers }) {
        if (state.last.value() === null) timers.registerEventTimeTimer(time + MINUTE);
        state.last.update(time);
        timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 10_000);
      },
      *onTimer({ time, domain }, { key, state, timers }) {
        const last = ((state.last.value() ?? 0) - LAB_START_MS) / 1000;
        yield onTimer(domain === 'event' ? `${key} at ${(time - LAB_START_MS) / 1000}, last ${last}` : `${key} after ${timers.currentProcessingTime() - time}, last ${last}`);
      },
    }),
    planOptions,
  );

/** Idle partitions do not hold the watermark. */
const started = (job: FunctionJob, options: StackOptions = {}): Promise<Stack> => Stack.start({ ...job, ...options });

test('an entry has what the function gives, and what has changed of the keys; the firer calls nothing', async () => {
  const stack = await started(counting());
  stack.produce([['a', 1], ['b', 2], ['a', 3]]);
  await stack.deliver(stack.writer());
  const [, entry] = await stack.partition();
  const [segment] = entry?.kind === 'DATA' && entry.payload.kind === 'inline' ? decodeSegments(entry.payload.bytes) : [];
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

describe('timers', () => {
  test('fire without a batch: behind the FIRE that the watermark comes with, by an entry of their own', async () => {
    const stack = await started(timing());
    const [writer, firer] = [stack.writer(), stack.firer()];
    stack.produce([['a', 0], ['b', 70]]);
    await stack.deliver(writer);
    await firer.step();
    await firer.step();
    expect((await stack.partition()).map(({ kind }) => kind)).toEqual(['INIT', 'DATA', 'TIME']);
    expect(rowsOf(stack)).toEqual(['0 a at 60, last 0']);
    // A firer that has seen the entry finds no timer that is due.
    await stack.firer().step();
    expect((await stack.partition()).map(({ kind }) => kind)).toEqual(['INIT', 'DATA', 'TIME']);
  });

  test.each(['without a batch', 'behind a batch'])('that are too many for an entry fire with several, %s: a job that wakes after long comes to the present in steps (F13)', async (how) => {
    const ticking = keyedFunction({
      state: {},
      onEvent({ time }, { timers }) {
        if (time === LAB_START_MS) timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 1000);
      },
      *onTimer({ time }, { timers }) {
        timers.registerProcessingTimeTimer(time + 1000);
        yield time - START;
      },
    });
    const stack = await started(inWriter(ticking), { settings: { fireMaxRows: 100 } });
    const [writer, firer, START] = [stack.writer(), stack.firer(), stack.runtime.now()];
    stack.produce([['a', 0]]);
    await stack.deliver(writer);
    await firer.step();
    stack.runtime.advance(1_000_500);
    stack.produce([['a', 1]]);
    if (how === 'behind a batch') await stack.deliver(writer);
    for (let step = 0; step < 12; step++) await firer.step();
    expect(rowsOf(stack)).toEqual(Array.from({ length: 1000 }, (_, i) => `0 ${1000 * (i + 1)}`));
    const counts = (await stack.partition()).map((entry) => (hasPayload(entry) && entry.payload.kind === 'inline' ? Object.values(decodeSegments(entry.payload.bytes)[0]?.rows ?? {}).flat().length : 0));
    expect(Math.max(...counts)).toBeLessThanOrEqual(101);
  });

  test('of processing time fire though nothing comes', async () => {
    const stack = await started(timing());
    const firer = stack.firer();
    stack.produce([['a', 5]]);
    await stack.deliver(stack.writer());
    await firer.step();
    stack.runtime.advance(10_500);
    await firer.step();
    expect(rowsOf(stack)).toEqual(['0 a after 500, last 5']);
  });

  test('fire with a batch that comes first', async () => {
    const stack = await started(timing());
    const [writer, firer] = [stack.writer(), stack.firer()];
    stack.produce([['a', 0], ['b', 70]]);
    await stack.deliver(writer);
    stack.before = (call) => {
      // The firer of the step before has died.
      if (call.startsWith('log.append P')) throw new Error('dead');
    };
    await firer.step();
    stack.before = () => {};
    stack.runtime.advance(2000);
    stack.produce([['b', 71]]);
    await stack.deliver(writer);
    await stack.firer().step();
    expect((await stack.partition()).map(({ kind }) => kind)).toEqual(['INIT', 'DATA', 'DATA']);
    expect(rowsOf(stack)).toEqual(['0 a at 60, last 0']);
  });

  test('that fail hold their partition up, and are shown at it; with skip they are left out and counted', async () => {
    const failing = (options: Record<string, string> = {}): FunctionJob =>
      timing((text) => {
        throw new Error(`not ${text}`);
      }, options);
    const held = await started(failing(), { partitions: 2 });
    held.produce([['a', 0], ['b', 70]]);
    held.produce([['c', 70]], 1);
    for (const p of [0, 1]) await held.deliver(held.writer(), p);
    const firer = held.firer();
    await firer.step();
    await firer.step();
    const errors = await liveRecordErrors(held.stores, held.job, () => 0);
    expect(errors).toMatchObject([{ code: 'FUNCTION_THREW', partition: 0, message: expect.stringContaining('"a": not a at 60') }]);
    held.takeCalls();
    await firer.step();
    expect(held.takeCalls().filter((call) => call.startsWith('control.put'))).toEqual([]);

    const skipping = await started(failing({ 'sluice.on-record-error': 'skip' }));
    skipping.produce([['a', 0], ['b', 70]]);
    await skipping.deliver(skipping.writer());
    const other = skipping.firer();
    await other.step();
    await other.step();
    expect(other.replica?.position.failed).toEqual({ fn: 1 });
  });
});

test('a record on which the function fails is left out with its offset, and nothing of it stays', async () => {
  const fn = keyedFunction({
    state: { count: valueState<number>({ initial: 0 }) },
    *onEvent({ type }, { state }) {
      state.count.update(state.count.value() + 1);
      yield `${type} ${state.count.value()}`;
      if (state.count.value() % 2 === 0 && type === 'a') throw new Error('two is too many');
    },
  });
  const stack = await started(inWriter(fn, { 'sluice.on-record-error': 'skip' }));
  stack.produce([['a', 1], ['a', 2], ['b', 3], ['a', 4], ['b', 5]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 a 1', '0 b 1', '0 b 2']);
  expect((await stack.partition()).at(-1)).toMatchObject({ passedOver: { skipped: 2 } });
});

test.each(['the function', 'what lies behind it'])('records on which %s fails cost two passes over the batch, however many they are, and leave nothing behind', async (what) => {
  let calls = 0;
  const fn = keyedFunction({
    state: { count: valueState<number>({ initial: 0 }) },
    *onEvent({ type }, { state }) {
      calls++;
      state.count.update(state.count.value() + 1);
      if (type === 'bad' && what === 'the function') throw new Error('it is bad');
      yield `${type} ${state.count.value()}`;
    },
  });
  const { plan, code } = inWriter(fn, { 'sluice.on-record-error': 'skip' });
  const toText = code.transforms.get('to-text');
  const transforms = new Map(code.transforms).set('to-text', (row, next) => {
    const [, value] = row;
    if (value instanceof Raw && value.value !== 'good 1') throw new SluiceError('FUNCTION_THREW', { message: 'not text' });
    toText?.(row, next);
  });
  const stack = await started({ plan, code: { ...code, transforms } });
  const bad = Array.from({ length: 500 }, (_, i) => ['bad', i] as const);
  stack.produce([...bad, ['good', 500], ...bad]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  await firer.step();
  expect(rowsOf(stack)).toEqual(['0 good 1']);
  expect((await stack.partition()).at(-1)).toMatchObject({ records: 1, passedOver: { skipped: 1000 } });
  expect(firer.replica?.states.get(uid('fn'))?.paneCount()).toBe(1);
  expect(calls).toBeLessThan(2100);
});

test('nothing of a record of several rows stays where the last of them fails, so that the next one is not bad because of it', async () => {
  const fn = keyedFunction({
    state: { count: valueState<number>({ initial: 0 }) },
    *onEvent({ type, time }, { state }) {
      state.count.update(state.count.value() + 1);
      if (time - LAB_START_MS >= 1000 && state.count.value() > 1) throw new Error('there is one already');
      yield `${type} ${state.count.value()}`;
    },
  });
  const stack = await started(inWriter(fn, { 'sluice.on-record-error': 'skip' }));
  stack.stores.source.produce('events', [`[${labRecord('a', 0)},${labRecord('a', 1)}]`, labRecord('a', 2)]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 a 1']);
  expect((await stack.partition()).at(-1)).toMatchObject({ records: 1, passedOver: { skipped: 1 } });
});

test('a record that fails beside the function is none that the function has seen', async () => {
  const once = keyedFunction({
    state: { seen: valueState<number>() },
    *onEvent({ type, time }, { state }) {
      if (state.seen.value() !== null) throw new Error('there is one already');
      state.seen.update(time);
      yield `${type} ${time - LAB_START_MS}`;
    },
  });
  const { plan, code } = inWriter(once, { 'sluice.on-record-error': 'skip' });
  const [source] = plan.nodes;
  if (source === undefined) throw new Error('the lab has a source');
  const columns = [{ name: 'text', type: STRING, nullable: false }];
  const aside: PlanNode[] = [
    { kind: 'code', uid: uid('aside'), input: source.uid, columns },
    { kind: 'sink', uid: uid('second'), input: uid('aside'), table: 'c.d.second', connector: 'filesystem', columns, options: { path: '/second' } },
  ];
  const transforms = new Map(code.transforms).set('aside', ([, time = null], next) => {
    if (time === LAB_START_MS) throw new SluiceError('FUNCTION_THREW', { message: 'not this one' });
    next([String(time)]);
  });
  const stack = await started({ plan: { ...plan, nodes: [...plan.nodes, ...aside] }, code: { ...code, transforms } });
  stack.produce([['a', 0], ['a', 1]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual(['0 a 1000']);
});

test('of what a timer gives, a row that something behind it fails on is left out everywhere (W10)', async () => {
  const { plan, code } = timing(undefined, { 'sluice.on-record-error': 'skip' });
  const transforms = new Map(code.transforms).set('to-text', ([, value], next) => {
    const text = value instanceof Raw ? String(value.value) : '';
    for (const half of ['one half', 'the other']) {
      if (text.startsWith('b') && half === 'the other') throw new SluiceError('FUNCTION_THREW', { message: 'no more of b' });
      next([`${text.slice(0, 1)}: ${half}`]);
    }
  });
  const stack = await started({ plan, code: { ...code, transforms } });
  stack.produce([['a', 0], ['b', 0], ['c', 0]]);
  await stack.deliver(stack.writer());
  const firer = stack.firer();
  await firer.step();
  stack.runtime.advance(MINUTE);
  await firer.step();
  expect(rowsOf(stack)).toEqual(['a: one half', 'a: the other', 'c: one half', 'c: the other']);
  expect(firer.replica?.position.failed).toEqual({ fn: 1 });
});

test('a drain takes every entry in, and then calls the timers that are left', async () => {
  const stack = await Stack.create({ ...timing() });
  stack.produce([['a', 0], ['b', 30]]);
  await stack.deliver(stack.writer());
  await stack.stop({ drain: true });
  expect(rowsOf(stack)).toEqual(['0 a at 60, last 0', '0 b at 90, last 30']);
});

test('values and timers go through a savepoint, each key with its partition', async () => {
  const stack = await Stack.create({ ...timing(), partitions: 2 });
  stack.produce([['a', 0]]);
  stack.produce([['b', 10]], 1);
  for (const p of [0, 1]) await stack.deliver(stack.writer(), p);
  await stack.resume(await stack.stop());
  stack.produce([['c', 80]]);
  stack.produce([['d', 80]], 1);
  for (const p of [0, 1]) await stack.deliver(stack.writer(), p);
  const firer = stack.firer();
  for (let step = 0; step < 3; step++) await firer.step();
  expect(rowsOf(stack).sort()).toEqual(['0 a at 60, last 0', '0 b at 70, last 10']);
  const state = firer.replica?.states.get(uid('fn'));
  expect([...(state?.panesAt(state.sliceEnds()[0] ?? 0) ?? [])].map(([key]) => key)).toContain('{"source":"events","topic":"events","partition":1,"key":"d"}');
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

  test('an entry has the bytes of what has changed, not of the state', async () => {
    const held = inWriter(
      keyedFunction({
        state: { seen: mapState<string, number>() },
        onEvent({ time }, { state }) {
          state.seen.put(String(time), time);
        },
      }),
    );
    const stack = await started(held);
    const writer = stack.writer();
    const sizes: number[] = [];
    for (let i = 0; i < 300; i++) {
      stack.produce([[`key-${i % 100}`, i]]);
      const result = await stack.deliver(writer);
      sizes.push(result.kind === 'committed' ? result.bytes : 0);
    }
    expect(sizes.at(-1)).toBeLessThan(2 * (sizes[0] ?? 0));
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

test('a firer that calls timers reads no state that it has', async () => {
  const stack = await started(timing(), { partitions: 4 });
  for (const p of [0, 1, 2, 3]) {
    stack.produce([[`a${p}`, 0], [`b${p}`, 70]], p);
    await stack.deliver(stack.writer(), p);
  }
  const firer = stack.firer();
  await firer.step();
  stack.takeCalls();
  await firer.step();
  const calls = stack.takeCalls();
  expect(rowsOf(stack)).toHaveLength(4);
  expect(calls.filter((call) => call.startsWith('log.append P'))).toHaveLength(4);
  expect(calls.filter((call) => call === 'log.head C' || call === 'log.get C' || call.startsWith('chunks.'))).toEqual([]);
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
