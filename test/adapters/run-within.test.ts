/** Interrupting JavaScript that does not come back. */
import { expect, test } from 'vitest';
import { runWithin } from '../../lib/adapters/node/run-within.ts';

test('what ends in time runs to its end, and throws what it throws', () => {
  const seen: number[] = [];
  expect(runWithin(1000, () => void seen.push(1))).toBe(true);
  expect(seen).toEqual([1]);
  const error = new TypeError('mine');
  expect(() => runWithin(1000, () => { throw error; })).toThrow(error);
});

test('what does not end is interrupted wherever it is, and nothing of it can keep it from that', () => {
  const seen: string[] = [];
  const stubborn = (): void => {
    try {
      for (;;);
    } catch {
      seen.push('caught');
    } finally {
      seen.push('finally');
    }
  };
  expect(runWithin(30, stubborn)).toBe(false);
  expect(runWithin(30, () => [1].forEach(() => stubborn()))).toBe(false);
  expect(runWithin(1000, () => void seen.push('next'))).toBe(true);
  expect(seen).toEqual(['next']);
});
