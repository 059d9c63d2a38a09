/** How far a job is behind, as alarms see it: its watermark, and records for which no writer comes. */
import { describe, expect, test } from 'vitest';
import { partitionId } from '../../lib/core/numbers.ts';
import type { RecordBatch } from '../../lib/ports/source.ts';
import { labPlan, LAB_START_MS } from './lab-plan.ts';
import { MINUTE, Stack } from './stack.ts';

const started = (plan = labPlan(), partitions = 1): Promise<Stack> => Stack.start({ partitions, plan, settings: { logTtlMs: Infinity } });

test('nothing is known before a step', async () => {
  const stack = await started();
  expect(await stack.firer().standing()).toBeNull();
});

describe('the age of the watermark', () => {
  test('is that of what was read, not that of the last FIRE', async () => {
    const stack = await started();
    const firer = stack.firer();
    stack.runtime.wall = LAB_START_MS + 10 * MINUTE;
    stack.produce([['click', 70]]);
    await stack.deliver(stack.writer());
    await firer.step();
    const fired = await firer.standing();
    stack.produce([['click', 80]]);
    await stack.deliver(stack.writer());
    expect((await firer.step()).kind).toBe('idle');
    const later = await firer.standing();
    expect(later?.watermarkAgeMs).toBe((fired?.watermarkAgeMs ?? 0) - 10_000);
  });

  test('is that of the slowest partition; it grows with the clock, and does not exist before every partition has one', async () => {
    const stack = await started(labPlan(), 2);
    const firer = stack.firer();
    stack.produce([['click', 80]], 0);
    await stack.deliver(stack.writer(), 0);
    await firer.step();
    expect((await firer.standing())?.watermarkAgeMs).toBeNull();
    stack.produce([['click', 20]], 1);
    await stack.deliver(stack.writer(), 1);
    await firer.step();
    const [slow] = (await stack.partition(partitionId(0, 0, 1))).slice(-1);
    expect((await firer.standing())?.watermarkAgeMs).toBe(stack.runtime.now() - (slow?.watermark ?? 0));
    stack.runtime.advance(MINUTE);
    expect((await firer.standing())?.watermarkAgeMs).toBe(stack.runtime.now() - (slow?.watermark ?? 0));
  });
});

describe('the open lag', () => {
  test('is none where all is read, and grows while a record waits for a writer', async () => {
    const stack = await started();
    const firer = stack.firer();
    stack.produce([['click', 1]]);
    await stack.deliver(stack.writer());
    await firer.step();
    stack.runtime.advance(5 * MINUTE);
    expect((await firer.standing())?.openLagMs).toBe(0);
    stack.produce([['click', 2]]);
    expect((await firer.standing())?.openLagMs).toBe(5 * MINUTE);
    stack.runtime.advance(MINUTE);
    expect((await firer.standing())?.openLagMs).toBe(6 * MINUTE);
    await stack.deliver(stack.writer());
    await firer.step();
    expect((await firer.standing())?.openLagMs).toBe(0);
  });

  test('is the age of the record where the topic knows it', async () => {
    const stack = await started();
    const firer = stack.firer();
    await firer.step();
    stack.produce([['click', 1]]);
    const { fetch } = stack.stores.source;
    stack.stores.source.fetch = async (...args): Promise<RecordBatch | null> => {
      const batch = await fetch.apply(stack.stores.source, args);
      const metadata = () => ({ keys: { bytes: new Uint8Array(), starts: [0], ends: [-1] }, timestamps: [stack.runtime.now() - 1234], timestampTypes: ['CreateTime' as const], headers: [[]], leaderEpochs: [-1] });
      return batch === null ? null : { ...batch, metadata };
    };
    expect((await firer.standing())?.openLagMs).toBe(1234);
  });

  test('is none where what lies behind the log is no record', async () => {
    const stack = await started();
    const firer = stack.firer();
    stack.produce([['click', 1]]);
    await stack.deliver(stack.writer());
    await firer.step();
    stack.stores.source.skip('events', 0, 2);
    stack.runtime.advance(MINUTE);
    expect((await firer.standing())?.openLagMs).toBe(0);
  });

  test('asks for one record of the partitions that have waited for the longest time only', async () => {
    const stack = await started(labPlan(), 8);
    const firer = stack.firer();
    await firer.step();
    for (let p = 0; p < 8; p++) stack.produce([['click', 1]], p);
    stack.takeCalls();
    await firer.standing();
    expect(stack.takeCalls().toSorted()).toEqual(['source.fetch', 'source.fetch', 'source.fetch', 'source.fetch', 'source.topic']);
  });
});
