import { expect, test } from 'vitest';
import { Meter } from '../../../lib/control/metrics/meter.ts';

function meter(): { readonly of: Meter; advance(ms: number): void } {
  let now = 7_003_000;
  return { of: new Meter({ elapsed: () => now }), advance: (ms) => void (now += ms) };
}

test('a rate is that of the last minute', () => {
  const { of, advance } = meter();
  of.count(60);
  expect(of.perSecond).toBe(1);
  advance(30_000);
  of.count(120);
  expect(of.perSecond).toBe(3);
  advance(30_000);
  expect(of.perSecond).toBe(2);
  advance(30_000);
  expect(of.perSecond).toBe(0);
  expect(of.total).toBe(180);
});

test('after an hour of nothing nothing is left of what was', () => {
  const { of, advance } = meter();
  for (let i = 0; i < 12; i++) {
    of.count(5);
    advance(5000);
  }
  advance(3_600_000);
  of.count(6);
  expect(of.perSecond).toBe(0.1);
});
