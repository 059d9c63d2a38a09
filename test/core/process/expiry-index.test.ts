/** What leaves with a clean-up is the same for every replica, and nobody looks at keys in vain. */
import { expect, test } from 'vitest';
import { listState, mapState, namedStates, valueState } from '../../../lib/core/process/declare.ts';
import type { StatesOf } from '../../../lib/core/process/descriptor.ts';
import { ExpiryIndex } from '../../../lib/core/process/expiry-index.ts';
import type { ProcessState } from '../../../lib/core/process/process-state.ts';
import { leavesAt, nextLeave } from '../../../lib/core/process/ttl.ts';
import { GROUPS } from '../../../lib/core/window/pane.ts';
import { functionOf, Running, type Record } from './running-function.ts';

const STATES = {
  seen: valueState<number>({ ttl: { ttl: 7, visibility: 'return-expired-if-not-cleaned-up' } }),
  all: listState<number>({ ttl: { ttl: 100 } }),
  each: mapState<number, number>({ ttl: { ttl: 200, update: 'on-read-and-write', visibility: 'return-expired-if-not-cleaned-up' } }),
  last: valueState<number>(),
};
const NAMED = namedStates(STATES);

/** Tells what it finds: expired values that are there show themselves. Then it does what the number says. */
const FN = functionOf(
  (value, { state }) => {
    // Declared above; the engine does not know the types.
    const { seen, all, each, last } = state as StatesOf<typeof STATES>;
    const n = Number(value);
    const found = [seen.value(), all.get(), each.get(n % 3), last.value()];
    if (n % 5 === 0) seen.update(n);
    if (n % 5 === 1) all.add(n);
    if (n % 5 === 2) each.put(n % 3, n);
    if (n % 7 === 3) all.clear();
    if (n % 7 === 4) each.remove(n % 3);
    if (n % 11 === 0) last.update(n);
    return [found];
  },
  undefined,
  NAMED,
);

/** Of a seed, as good as random. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** When the first item of all keys leaves. */
const firstLeave = (state: ProcessState): number =>
  Math.min(...Array.from(state.panesAt(GROUPS), ([key]) => nextLeave(NAMED, state.contentsOf(key)?.cells ?? [])));

test.each(Array.from({ length: 12 }, (_, seed) => seed))('a state that lived and those restored behind any step drop the same items at the same steps, and miss none: seed %i', (seed) => {
  const roll = dice(seed);
  const lived = new Running(FN);
  const replicas: Running[] = [];
  for (let step = 0; step < 25; step++) {
    const procTime = lived.procTime + roll(roll(4) === 0 ? 150 : 12);
    const records = Array.from({ length: roll(4) }, (): Record => [`k${roll(4)}`, roll(1000)]);
    const rows = lived.step({ records, procTime });
    const snapshot = lived.snapshot();
    expect(firstLeave(lived.state)).toBeGreaterThan(procTime);
    for (const replica of replicas) expect([replica.step({ records, procTime }), replica.snapshot()]).toEqual([rows, snapshot]);
    const restored = new Running(FN);
    restored.state.restore(snapshot);
    restored.procTime = procTime;
    replicas.push(restored);
  }
});

test('an item leaves at a multiple of a sixteenth of its TTL, at its expiry or up to a sixteenth behind', () => {
  expect([1, 8, 9, 10].map((at) => leavesAt(100, at))).toEqual([102, 108, 114, 114]);
  expect([0, 1, 2].map((at) => leavesAt(7, at))).toEqual([7, 8, 9]);
  expect(leavesAt(100)).toBe(Infinity);
});

test('keys are looked at when their time has come, once, and not after they are forgotten', () => {
  const index = new ExpiryIndex();
  index.note('a', 10);
  index.note('b', 10);
  index.note('b', 20);
  index.note('c', 20);
  index.note('d', Infinity);
  expect(index.take(9)).toEqual([]);
  expect(index.take(10)).toEqual(['a', 'b']);
  index.forget('b');
  expect([index.take(Number.MAX_VALUE), index.take(Number.MAX_VALUE)]).toEqual([['c'], []]);
});
