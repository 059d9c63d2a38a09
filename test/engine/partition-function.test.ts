/** State of source partitions in the engine: through replays, checkpoints, savepoints, and partitions that are added. */
import { describe, expect, test } from 'vitest';
import { operatorListState, operatorUnionState } from '../../lib/core/process/operator-state.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import type { FunctionJob } from './function-plan.ts';
import { partitionJob } from './partition-plan.ts';
import { MINUTE, once, Stack } from './stack.ts';

const rowsOf = (stack: Stack): unknown[] => stack.stores.sinks.rows('c.d.out').map(([text]) => String(text).slice(2));

/** Gives the events of its partition three at a time: Flink's example of a sink that buffers, and its idiom. */
const batching = (planOptions: Record<string, string> = {}): FunctionJob =>
  partitionJob(
    { held: operatorListState<string>() },
    ({ state, isRestored, partition: { partition } }) => {
      let buffer: string[] = [];
      if (isRestored) buffer.push(...state.held.get());
      return {
        *onEvent(event) {
          buffer.push(String(event));
          if (event === 'bad') throw new Error('a bad one');
          if (buffer.length < 3) return;
          yield `${partition}: ${buffer.join('')}`;
          buffer = [];
        },
        snapshot: () => state.held.update(buffer),
      };
    },
    planOptions,
  );

/** Numbers the events of all partitions from where the furthest of them was: what a union is for. */
const numbering = (): FunctionJob =>
  partitionJob({ last: operatorUnionState<number>() }, ({ state, isRestored, partition: { partition } }) => {
    let last = isRestored ? Math.max(0, ...state.last.get()) : 0;
    return { onEvent: (event) => [`${partition}: ${String(event)}${++last}`], snapshot: () => state.last.update([last]) };
  });

type Records = Readonly<Record<number, string>>;

/** Each letter is a record. */
async function feed(stack: Stack, records: Records, firer = stack.firer()): Promise<void> {
  for (const [partition, letters] of Object.entries(records)) {
    stack.produce([...letters].map((letter, i) => [letter === '!' ? 'bad' : letter, i] as const), Number(partition));
    await stack.deliver(stack.writer(), Number(partition));
  }
  while ((await firer.step()).kind === 'fired');
}

test('instances go on from one step to the next, each with its partition', async () => {
  const stack = await Stack.start({ ...batching(), partitions: 2 });
  const firer = stack.firer();
  await feed(stack, { 0: 'ab', 1: 'v' }, firer);
  await feed(stack, { 0: 'cd', 1: 'wx' }, firer);
  expect(rowsOf(stack)).toEqual(['0: abc', '1: vwx']);
});

test('a firer that loads cold, from the log or from a checkpoint, goes on with the same lists', async () => {
  const stack = await Stack.start({ ...batching(), partitions: 2 });
  for (const [i, letter] of [...'abcdefgh'].entries()) {
    await feed(stack, { 0: letter, 1: letter.toUpperCase() });
    if (i !== 3) continue;
    stack.runtime.advance(10 * MINUTE);
    await stack.firer().step();
  }
  expect(await stack.kinds()).toContain('CHECKPOINT');
  expect(rowsOf(stack)).toEqual(['0: abc', '1: ABC', '0: def', '1: DEF']);
});

test('a firer that is killed before or behind its FIRE leaves nothing that another one sees', async () => {
  for (const moment of ['before', 'after'] as const) {
    const stack = await Stack.start(batching());
    await feed(stack, { 0: 'ab' });
    stack[moment] = once('log.append C', () => {
      throw new Error('killed');
    });
    await expect(feed(stack, { 0: 'cde' })).rejects.toThrow('killed');
    // Behind the kill, the first step emits what the sink lacks, as soon as nobody else can be about to.
    stack.runtime.advance(MINUTE);
    await stack.firer().step();
    await feed(stack, { 0: 'f' });
    expect(rowsOf(stack), moment).toEqual(['0: abc', '0: def']);
  }
});

test('a record that fails is left out, and leaves nothing in the memory of its instance (W10)', async () => {
  const stack = await Stack.start(batching({ 'sluice.on-record-error': 'skip' }));
  await feed(stack, { 0: 'a!b!' });
  await feed(stack, { 0: '!c' });
  expect(rowsOf(stack)).toEqual(['0: abc']);
  expect((await stack.firer().load())?.position.failed).toEqual({ fn: 3 });
});

describe.each(['savepoint', 'last state'] as const)('from a %s', (from) => {
  const restart = async (stack: Stack): Promise<void> => {
    const savepoint = await stack.stop();
    await stack.resume(from === 'savepoint' ? savepoint : null);
  };

  test('lists stay with their partitions, and a partition that is new begins with none', async () => {
    const stack = await Stack.create({ ...batching(), partitions: 2 });
    await feed(stack, { 0: 'a', 1: 'vw' });
    const savepoint = await stack.stop();
    stack.stores.source.addPartitions('events', 1);
    await stack.resume(from === 'savepoint' ? savepoint : null);
    await feed(stack, { 0: 'bc', 1: 'x', 2: 'pq' });
    expect(rowsOf(stack)).toEqual(['0: abc', '1: vwx']);
    await feed(stack, { 2: 'r' });
    expect(rowsOf(stack)).toEqual(['0: abc', '1: vwx', '2: pqr']);
  });

  test('every partition gets the union of all lists, and only once', async () => {
    const stack = await Stack.create({ ...numbering(), partitions: 2 });
    await feed(stack, { 0: 'abc', 1: 'v' });
    const savepoint = await stack.stop();
    stack.stores.source.addPartitions('events', 1);
    await stack.resume(from === 'savepoint' ? savepoint : null);
    await feed(stack, { 1: 'w', 2: 'p' });
    await feed(stack, { 1: 'x' });
    expect(rowsOf(stack).slice(4)).toEqual(['1: w4', '2: p4', '1: x5']);
  });

  test('unions do not grow with the restores, though a partition has no records', async () => {
    const stack = await Stack.create({ ...numbering(), partitions: 3 });
    await feed(stack, { 0: 'a' });
    for (let n = 0; n < 4; n++) await restart(stack);
    const { functions } = await readSavepoint(stack.ports, await stack.stop());
    expect(functions[0]?.panes.flatMap(({ accumulators }) => accumulators[0])).toEqual([[1], [1], [1]]);
  });
});

test('a savepoint names partitions by source, topic and number', async () => {
  const stack = await Stack.create(batching());
  await feed(stack, { 0: 'ab' });
  const path = await stack.stop();
  const { functions } = await readSavepoint(stack.ports, path);
  expect(functions.map(({ node, panes }) => [node.scope, panes.map(({ keys }) => keys.map((key) => JSON.parse(String(key))))])).toEqual([
    ['partition', [[{ source: stack.job.dataflow.sources[0]?.node.uid, topic: 'events', partition: 0 }]]],
  ]);
});

/** Reproducible numbers below `n`. */
function random(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = nodeCodec.sha256(String(state)).slice(0, 8).split('').reduce((sum, digit) => sum * 16 + Number.parseInt(digit, 16), 0);
    return state % n;
  };
}

/** What partitions were given, in order. */
const outputsOf = (stack: Stack): unknown[][] => [0, 1, 2].map((partition) => rowsOf(stack).filter((text) => String(text).startsWith(`${partition}:`)));

test.each(Array.from({ length: 20 }, (_, seed) => seed))('resumed and killed at random places, each partition gives what it gives undisturbed (seed %i)', async (seed) => {
  const draw = random(seed);
  const [calm, disturbed] = await Promise.all([Stack.create({ ...batching(), partitions: 3 }), Stack.create({ ...batching(), partitions: 3 })]);
  const standing = { calm: calm.firer(), disturbed: disturbed.firer() };
  for (let round = 0; round < 8; round++) {
    const letters = (): string => Array.from({ length: 1 + draw(4) }, () => String.fromCodePoint(97 + draw(26))).join('');
    const records = Object.fromEntries([0, 1, 2].filter(() => draw(3) > 0).map((partition) => [partition, letters()]));
    await feed(calm, records, standing.calm);
    const event = draw(4);
    if (event === 0) await disturbed.resume(await disturbed.stop());
    if (event === 1) await disturbed.stop().then(() => disturbed.resume(null));
    if (event < 3) standing.disturbed = disturbed.firer();
    await feed(disturbed, records, standing.disturbed);
  }
  expect(outputsOf(disturbed)).toEqual(outputsOf(calm));
  expect(outputsOf(calm).flat().length).toBeGreaterThan(5);
});
