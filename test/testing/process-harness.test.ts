/** The harness gives what a job would: by the rules of the steps that it is made of, one per call. */
import { expect, expectTypeOf, test } from 'vitest';
import { coProcessFunction, listState, mapState, processFunction, reducingState, sideOutput, valueState } from 'sluice/api';
import { coProcessHarness, processHarness, type HarnessSnapshot } from 'sluice/testing';

interface Payment {
  readonly account: string;
  readonly amount: number;
}

const large = sideOutput<Payment>('large');
const MINUTE = 60_000;

/** Counts, and says when an account has been silent for a minute of event time. */
const silence = processFunction<string, Payment>()({
  state: { count: valueState<number>({ initial: 0 }), last: valueState<number>() },
  *onEvent(payment, { state, timers, timestamp, output }) {
    state.count.update(state.count.value() + 1);
    if (payment.amount > 100) output(large, payment);
    const last = state.last.value();
    if (last !== null) timers.deleteEventTimeTimer(last + MINUTE);
    state.last.update(timestamp);
    timers.registerEventTimeTimer((timestamp ?? 0) + MINUTE);
    yield state.count.value();
  },
  *onTimer({ time }, { key, state }) {
    state.last.clear();
    yield `${key} silent at ${time}`;
  },
});

const pay = (account: string, amount = 1): Payment => ({ account, amount });
const open = () => processHarness(silence, ({ account }) => account);

test('elements go to the states of their keys, and outputs come in order, with their times', () => {
  const harness = open();
  harness.processElement(pay('a'), 10);
  harness.processElement(pay('b'), 20);
  harness.processElement(pay('a'), 30);
  expect(harness.output).toEqual([1, 1, 2]);
  expect(harness.emitted.at(-1)).toEqual({ value: 2, timestamp: 30 });
  expect(harness.state('a')).toEqual({ count: 2, last: 30 });
  expect(harness.timers('a')).toEqual({ event: [30 + MINUTE], processing: [] });
  expect(harness.numKeys).toBe(2);
});

test('a watermark calls the timers up to it, and one that is not ahead does nothing', () => {
  const harness = open();
  harness.processElement(pay('a'), 0);
  harness.clearOutput();
  harness.processWatermark(MINUTE - 1);
  expect(harness.output).toEqual([]);
  harness.processWatermark(MINUTE);
  harness.processWatermark(0);
  expect(harness.output).toEqual([`a silent at ${MINUTE}`]);
  expect(harness.watermark).toBe(MINUTE);
  expect(harness.state('a').last).toBeNull();
});

test('side outputs are found by their tags', () => {
  const harness = open();
  harness.processElement(pay('a', 500), 0);
  harness.processElement(pay('a', 5), 1);
  expect(harness.sideOutput(large)).toEqual([pay('a', 500)]);
  harness.clearOutput();
  expect(harness.sideOutput(large)).toEqual([]);
});

test('processing time calls timers, lets state expire, and does not go back', () => {
  const once = processFunction<string, Payment>()({
    state: { seen: mapState<number, boolean>({ ttl: { ttl: MINUTE } }) },
    onEvent({ amount }, { state, timers }) {
      state.seen.put(amount, true);
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 10);
    },
    *onTimer(timer, { timers }) {
      yield [timer.time, timers.currentProcessingTime()];
    },
  });
  const harness = processHarness(once, ({ account }) => account, { processingTime: 1000 });
  harness.processElement(pay('a', 7));
  expect(harness.state('a').seen).toEqual(new Map([[7, true]]));
  harness.advanceProcessingTime(25);
  expect(harness.output).toEqual([[1010, 1025]]);
  harness.setProcessingTime(1000 + MINUTE - 1);
  expect([harness.numKeys, harness.processingTime]).toEqual([1, 60_999]);
  harness.advanceProcessingTime(1);
  expect(harness.state('a').seen).toEqual(new Map());
  harness.advanceProcessingTime(MINUTE / 16);
  expect(harness.numKeys).toBe(0);
  expect(() => harness.setProcessingTime(0)).toThrow(RangeError);
});

test('a call that throws has not happened', () => {
  const failing = processFunction<string, Payment>()({
    state: { total: reducingState<number>({ reduce: (a, b) => a + b }) },
    *onEvent({ amount }, { state, output }) {
      state.total.add(amount);
      output(large, pay('x'));
      yield amount;
      if (amount < 0) throw new Error('no debts');
    },
  });
  const harness = processHarness(failing, ({ account }) => account);
  harness.processElement(pay('a', 2));
  expect(() => harness.processElement(pay('a', -1))).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringContaining('no debts') }));
  expect([harness.state('a').total, harness.output, harness.sideOutput(large).length]).toEqual([2, [2], 1]);
});

test('a function of two inputs has one state for both', () => {
  const join = coProcessFunction<string, Payment, { readonly id: string }>()({
    state: { waiting: listState<number>() },
    onEvent1({ amount }, { state }) {
      state.waiting.add(amount);
    },
    *onEvent2({ id }, { state }) {
      yield { id, amounts: state.waiting.get() };
    },
  });
  const harness = coProcessHarness(join, ({ account }) => account, ({ id }) => id);
  harness.processElement1(pay('a', 1));
  harness.processElement1(pay('a', 2));
  harness.processElement2({ id: 'a' });
  harness.processElement2({ id: 'b' });
  expect(harness.output).toEqual([{ id: 'a', amounts: [1, 2] }, { id: 'b', amounts: [] }]);
  expectTypeOf(harness.output).toEqualTypeOf<readonly { id: string; amounts: number[] }[]>();
});

/** Through the text that a test would keep in a file. */
const stored = (snapshot: HarnessSnapshot): HarnessSnapshot => JSON.parse(JSON.stringify(snapshot));

test('what is restored goes on as if nothing had happened: states, timers and times', () => {
  const events: readonly (readonly [Payment, number])[] = [[pay('a'), 0], [pay('b'), 5], [pay('a'), 40_000], [pay('c'), 90_000]];
  const run = (restoreBefore: number | null): unknown => {
    let harness = open();
    const output: unknown[] = [];
    for (const [i, [payment, time]] of events.entries()) {
      if (i === restoreBefore) {
        const snapshot = stored(harness.snapshot());
        output.push(...harness.output);
        harness = open();
        harness.restore(snapshot);
      }
      harness.processElement(payment, time);
      harness.processWatermark(time);
    }
    harness.processWatermark(10 * MINUTE);
    return [...output, ...harness.output];
  };
  const undisturbed = run(null);
  for (const i of events.keys()) expect(run(i)).toEqual(undisturbed);
});

test('another version of the function takes a snapshot over through its migrations', () => {
  const next = processFunction<string, Payment>()({
    state: {
      count: valueState<{ n: number }>({ initial: { n: 0 }, version: 2, migrations: { 1: (n) => ({ n }) } }),
      last: valueState<number>(),
      names: listState<string>(),
    },
    onEvent(_payment, { state }) {
      state.count.update({ n: state.count.value().n + 1 });
    },
  });
  const harness = open();
  harness.processElement(pay('a'), 10);
  const upgraded = processHarness(next, ({ account }) => account);
  upgraded.restore(stored(harness.snapshot()));
  upgraded.processElement(pay('a'), 20);
  expect(upgraded.state('a')).toEqual({ count: { n: 2 }, last: 10, names: [] });
  expect(upgraded.timers('a').event).toEqual([10 + MINUTE]);
});

test('a snapshot that a job would not resume from is refused, and nothing has changed', () => {
  const other = processFunction<string, Payment>()({ state: { count: listState<number>() }, onEvent() {} });
  const harness = open();
  harness.processElement(pay('a'), 10);
  const upgraded = processHarness(other, ({ account }) => account);
  upgraded.processElement(pay('b'));
  expect(() => upgraded.restore(harness.snapshot())).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE', message: expect.stringContaining('count') }));
  const without = processFunction<string, Payment>()({ state: { last: valueState<number>() }, onEvent() {} });
  const smaller = processHarness(without, ({ account }) => account);
  expect(() => smaller.restore(harness.snapshot())).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }));
  expect(smaller.numKeys).toBe(0);
  smaller.restore(harness.snapshot(), { allowNonRestored: true });
  expect(smaller.state('a')).toEqual({ last: 10 });
});

test('types follow from the function', () => {
  const harness = open();
  expectTypeOf(harness.output).toEqualTypeOf<readonly (string | number)[]>();
  expectTypeOf(harness.state('a')).toEqualTypeOf<{ readonly count: number; readonly last: number | null }>();
  expectTypeOf(harness.sideOutput(large)).toEqualTypeOf<readonly Payment[]>();
  // @ts-expect-error: no such state
  void harness.state('a').total;
  // @ts-expect-error: keys are texts
  void harness.timers(1);
  // @ts-expect-error: no payment
  const wrong = () => harness.processElement({ account: 'a' });
  // @ts-expect-error: the state holds numbers
  processFunction<string, Payment>()({ state: { n: valueState<number>() }, onEvent: (_payment, { state }) => void state.n.update('1') });
  expect(wrong).toBeTypeOf('function');
});
