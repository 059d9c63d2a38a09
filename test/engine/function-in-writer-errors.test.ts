/** What functions that run in the writer fail on (protocol 13.3, W10): records and timers, with every policy. */
import { expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { PlanNode } from '../../lib/core/plan.ts';
import { valueState } from '../../lib/core/process/declare.ts';
import { Raw, STRING } from '../../lib/core/types.ts';
import { liveRecordErrors } from '../../lib/engine/record-errors.ts';
import { keyedFunction, type FunctionJob } from './function-plan.ts';
import { labRecord, LAB_START_MS } from './lab-plan.ts';
import { MINUTE } from './stack.ts';
import { inWriter, rowsOf, started, timing } from './within-plan.ts';

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

test('timers that fail hold their partition up, and are shown at it; with skip they are left out and counted', async () => {
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
