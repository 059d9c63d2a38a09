import { expect, test } from 'vitest';
import { Buckets } from '../../../lib/control/rest/rate.ts';
import { TestRuntime } from '../../engine/stack.ts';

function world(): { runtime: TestRuntime; buckets: Buckets; taken(who: string, times: number): number } {
  const runtime = new TestRuntime();
  const buckets = new Buckets({ burst: 10, perSecond: 2 }, runtime);
  return { runtime, buckets, taken: (who, times) => Array.from({ length: times }, () => buckets.take(who)).filter((is) => is).length };
}

test('a burst, then the pace; what is refused costs nothing', () => {
  const { runtime, taken } = world();
  expect(taken('a', 25)).toBe(10);
  runtime.advance(1500);
  expect(taken('a', 25)).toBe(3);
  runtime.advance(3_600_000);
  expect(taken('a', 25)).toBe(10);
});

test('each one has a bucket', () => {
  const { buckets, taken } = world();
  taken('a', 10);
  expect([buckets.hasLeft('a'), buckets.hasLeft('b')]).toEqual([false, true]);
  expect(taken('b', 11)).toBe(10);
});

test('a thousand are remembered: those who came last', () => {
  const { buckets, taken } = world();
  taken('first', 10);
  for (let i = 0; i < 998; i++) taken(String(i), 1);
  taken('last', 10);
  expect([buckets.hasLeft('first'), buckets.hasLeft('last')]).toEqual([false, false]);
  taken('one more', 1);
  expect([buckets.hasLeft('first'), buckets.hasLeft('last')]).toEqual([true, false]);
});
