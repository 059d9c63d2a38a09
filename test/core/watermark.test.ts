/** Watermarks over partitions and sources (protocol F5, F6): the minimum of what is active, the maximum where nothing is, never back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTime, partitionId, wallTime, type EventTime } from '../../lib/core/numbers.ts';
import {
  decodeWatermark,
  encodeWatermark,
  holderOf,
  isIdle,
  MAX_WATERMARK,
  MIN_WATERMARK,
  operatorWatermark,
  sourceWatermark,
  type PartitionProgress,
} from '../../lib/core/watermark.ts';

const progress = (index: number, watermark: number, idle = false): PartitionProgress => ({
  partition: partitionId(0, 0, index),
  source: 0,
  watermark: eventTime(watermark),
  idle,
});

const source = (watermark: number, idle = false) => ({ watermark: eventTime(watermark), idle });

describe('a source', () => {
  test('is as far as its slowest active partition', () => {
    expect(sourceWatermark(eventTime(0), [progress(0, 30), progress(1, 20), progress(2, 10, true)])).toEqual(source(20));
  });

  test('is held by a partition that never delivered', () => {
    expect(sourceWatermark(MIN_WATERMARK, [progress(0, 30), progress(1, MIN_WATERMARK)])).toEqual(source(MIN_WATERMARK));
  });

  test('of which everything is idle is as far as its fastest partition, and idle', () => {
    expect(sourceWatermark(eventTime(0), [progress(0, 30, true), progress(1, 20, true)])).toEqual(source(30, true));
  });

  test('without partitions stays where it was, and is idle', () => {
    expect(sourceWatermark(eventTime(7), [])).toEqual(source(7, true));
  });

  test('does not go back when an idle partition comes back behind it', () => {
    expect(sourceWatermark(eventTime(50), [progress(0, 60), progress(1, 20)])).toEqual(source(50));
  });
});

describe('an operator', () => {
  test('is as far as the slowest active source', () => {
    expect(operatorWatermark(eventTime(0), [source(30), source(20), source(10, true)])).toBe(20);
  });

  test('above idle sources only is as far as the fastest', () => {
    expect(operatorWatermark(eventTime(0), [source(30, true), source(20, true)])).toBe(30);
  });

  test('does not go back when a slower source becomes active again', () => {
    expect(operatorWatermark(eventTime(30), [source(40), source(20)])).toBe(30);
  });

  test('without sources stays', () => {
    expect(operatorWatermark(eventTime(5), [])).toBe(5);
  });
});

const partitions = fc.array(fc.tuple(fc.integer({ min: -100, max: 100 }), fc.boolean()), { minLength: 1, maxLength: 5 });
const build = (list: [number, boolean][]): PartitionProgress[] => list.map(([wm, idle], i) => progress(i, wm, idle));

test('whatever happens, no watermark goes back, and none is ahead of every partition', () => {
  fc.assert(
    fc.property(fc.array(partitions, { maxLength: 8 }), (steps) => {
      let [of, above]: [EventTime, EventTime] = [MIN_WATERMARK, MIN_WATERMARK];
      let furthest: number = MIN_WATERMARK;
      for (const step of steps) {
        furthest = Math.max(furthest, ...step.map(([wm]) => wm));
        const next = sourceWatermark(of, build(step));
        const operator = operatorWatermark(above, [next, source(step.length, step.length > 2)]);
        expect(next.watermark).toBeGreaterThanOrEqual(of);
        expect(next.watermark).toBeLessThanOrEqual(furthest);
        expect(operator).toBeGreaterThanOrEqual(above);
        [of, above] = [next.watermark, operator];
      }
    }),
  );
});

test('the order of the partitions means nothing', () => {
  fc.assert(
    fc.property(partitions, fc.integer({ min: -100, max: 100 }), (list, previous) => {
      expect(sourceWatermark(eventTime(previous), build([...list].reverse()))).toEqual(sourceWatermark(eventTime(previous), build(list)));
    }),
  );
});

describe('a partition is idle', () => {
  const quiet = { hasNews: false, lastDataAt: wallTime(1000), lagging: false };

  test.each([
    ['when its timeout has passed', quiet, 500, 1501, true],
    ['not exactly at its timeout', quiet, 500, 1500, false],
    ['never without a timeout', quiet, 0, 1e12, false],
    ['not with new entries', { ...quiet, hasNews: true }, 500, 1e12, false],
    ['not while records wait behind its log', { ...quiet, lagging: true }, 500, 1e12, false],
    ['not when the clock runs back', quiet, 500, 0, false],
  ] as const)('%s', (_, activity, timeout, now, idle) => {
    expect(isIdle(activity, timeout, wallTime(now))).toBe(idle);
  });
});

test('who holds the watermark back is the slowest active partition', () => {
  expect(holderOf([progress(0, 30), progress(1, 20), progress(2, 10, true)])).toBe('0.0.1');
  expect(holderOf([progress(0, 30, true)])).toBeNull();
});

test('the ends of time survive storage', () => {
  for (const wm of [MIN_WATERMARK, MAX_WATERMARK, eventTime(0), eventTime(-1)]) {
    expect(decodeWatermark(JSON.parse(JSON.stringify(encodeWatermark(wm))))).toBe(wm);
  }
  expect(encodeWatermark(MIN_WATERMARK)).toBeNull();
});
