/** Retention of log entries in a store that expires them (protocol §9): what is needed is kept in time, and where it was not, everything fails closed. */
import { describe, expect, test } from 'vitest';
import { SluiceError, StoreError } from '../../lib/core/errors.ts';
import { closeGeneration } from '../../lib/engine/lifecycle/close.ts';
import { openPartitionLog } from '../../lib/engine/log/logs.ts';
import { keepAfterMs, settingsFor, type Settings } from '../../lib/engine/settings.ts';
import { labPlan } from './lab-plan.ts';
import { withOpenWindow } from './open-window.ts';
import { DAY, MINUTE, P0, Stack, stateOf } from './stack.ts';

const DEFAULTS = settingsFor(labPlan());

const unavailable = (): void => {
  throw new SluiceError('SINK_UNAVAILABLE', { message: 'the sink is down' });
};

describe('log entries', () => {
  test('T1: the expiry of a log never decreases, though the clock runs back', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 1], ['click', 2]]);
    await stack.deliver(stack.writer(), 0, 1);
    stack.runtime.wall -= 120 * MINUTE;
    await stack.deliver(stack.writer(), 0, 1);
    const ttls = (await stack.partition()).map((e) => e.ttl);
    expect(ttls).toEqual([...ttls].sort((a, b) => a - b));
  });

  test('T2: the head of a quiet partition is kept, once, with the same position', async () => {
    const stack = await withOpenWindow();
    stack.runtime.advance(keepAfterMs(stack.job.settings) - 2 * MINUTE);
    const firer = stack.firer();
    await firer.step();
    expect((await stack.partition()).at(-1)?.kind).toBe('DATA');
    stack.runtime.advance(3 * MINUTE);
    await firer.step();
    await firer.step();
    const [data, keep, ...more] = (await stack.partition()).slice(-2);
    expect(keep).toMatchObject({ kind: 'KEEP', next: data?.next, watermark: data?.watermark });
    expect(more).toEqual([]);
    expect(keep?.ttl).toBeGreaterThan(data?.ttl ?? Infinity);
  });

  test('F11: a sink that is down for days does not let a head expire', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    stack.before = (call) => (call === 'sink.emit' ? unavailable() : undefined);
    const firer = stack.firer();
    for (let day = 0; day < 20; day++) {
      expect(await firer.step()).toMatchObject({ kind: expect.stringMatching(/waiting|fired/) });
      stack.runtime.advance(DAY);
    }
    expect(await stack.kinds()).toContain('RENEW');
    stack.before = () => {};
    await firer.step();
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
  });

  test('T2: nothing is kept behind FROZEN or CLOSE', async () => {
    const stack = await Stack.start();
    stack.runtime.advance(keepAfterMs(stack.job.settings) + MINUTE);
    await closeGeneration(stack.ports, stack.job);
    expect(await stack.firer().step()).toEqual({ kind: 'closed' });
    expect((await stack.partition()).map((e) => e.kind)).toEqual(['INIT']);
  });

  test('T3: behind an outage nobody continues a log that may have lost its newest entries', async () => {
    const stack = await withOpenWindow();
    const [writer, firer] = [stack.writer(), stack.firer()];
    await firer.load();
    stack.runtime.advance(DEFAULTS.logTtlMs - DEFAULTS.logMarginMs + MINUTE);
    stack.produce([['click', 30]]);
    const size = (await stack.partition()).length;
    await expect(stack.deliver(writer)).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
    await expect(firer.load()).rejects.toMatchObject({ code: 'LOG_EXPIRED', details: { log: expect.stringContaining('#C') } });
    await expect(stack.firer().step()).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
    expect(await stack.partition()).toHaveLength(size);
  });

  test('T5: without checkpoints writers wait, and go on behind the next one', async () => {
    const stack = await withOpenWindow();
    const writer = stack.writer();
    stack.produce([['click', 30]]);
    stack.runtime.advance(DEFAULTS.logTtlMs / 3 + MINUTE);
    await expect(stack.deliver(writer)).rejects.toMatchObject({ code: 'COVERAGE', kind: 'retry' });
    await stack.firer().step();
    expect(await stack.deliver(writer)).toMatchObject({ kind: 'committed' });
  });

  test('T5, W11: a sink that is down from the first FIRE on, so that there is no checkpoint, does not close the gate at once', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    stack.before = (call) => (call === 'sink.emit' ? unavailable() : undefined);
    await stack.firer().step();
    stack.produce([['click', 130], ['click', 140]]);
    expect(await stack.deliver(stack.writer(), 0, 1)).toMatchObject({ kind: 'committed' });
    stack.runtime.advance(DEFAULTS.logTtlMs / 3 + MINUTE);
    await expect(stack.deliver(stack.writer(), 0, 1)).rejects.toMatchObject({ code: 'COVERAGE' });
  });

  test('F11: a log that is frozen is not kept', async () => {
    const stack = await withOpenWindow();
    const log = openPartitionLog(stack.stores, stack.job, P0);
    const head = await log.head();
    if (head === null) throw new Error('the log has begun');
    const { next, watermark, passedOver } = head.entry;
    await log.append(head, log.next(head, { kind: 'FROZEN', next, watermark, passedOver }));
    for (let day = 0; day < 4; day++) {
      stack.runtime.advance(DAY);
      await stack.firer().step();
    }
    expect((await stack.partition()).at(-1)?.kind).toBe('FROZEN');
  });

  test('T4: a firer that slept while what it had not read expired loads again, from a newer checkpoint', async () => {
    const stack = await withOpenWindow();
    const sleeper = stack.firer();
    await sleeper.load();
    for (const seconds of [30, 40, 50]) {
      stack.produce([['click', seconds]]);
      await stack.deliver(stack.writer());
      stack.runtime.advance(MINUTE);
      await stack.firer().step();
    }
    const newest = (await stack.coordinator()).at(-1)?.checkpoints[0]?.seq ?? 0;
    stack.stores.log.forget((log, item) => log.endsWith('#C') && item.seq < newest);
    const expected = stack.firer();
    await expected.load();
    await sleeper.load();
    expect(stateOf(sleeper)).toEqual(stateOf(expected));
  });

  test.each(['partition', 'coordinator'] as const)('T4: a hole in a %s log is an error, not an end', async (which) => {
    const stack = await withOpenWindow();
    stack.produce([['click', 30], ['click', 40]]);
    await stack.deliver(stack.writer(), 0, 1);
    await stack.deliver(stack.writer(), 0, 1);
    stack.produce([['click', 200]]);
    await stack.deliver(stack.writer());
    await stack.firer().step(); // FIRE and ACK behind the checkpoint
    const at = ((which === 'partition' ? await stack.partition() : await stack.coordinator()).at(-2)?.seq ?? 0) as number;
    stack.stores.log.forget((log, item) => item.seq === at && log.endsWith(which === 'partition' ? '#P0.0.0' : '#C'));
    await expect(stack.firer().load()).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
  });
});

test('W4: a partition whose INIT is not confirmed is not registered', async () => {
  const stack = await withOpenWindow();
  stack.stores.source.addPartitions('events', 1);
  stack.produce([['click', 30]], 1);
  stack.before = (call) => {
    if (call === 'log.append P0.0.1') throw new StoreError('maybe', { message: 'no answer' });
  };
  await expect(stack.deliver(stack.writer(), 1)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  expect(await stack.kinds()).not.toContain('REG');
});

test('T4: a log that ends before a cut is an error as well, also where the FIRE of that cut emitted nothing', async () => {
  const stack = await Stack.start({ settings: { checkpointIntervalMs: 0, fireMaxEntries: 1 } });
  for (const seconds of [10, 20, 30]) {
    stack.produce([['click', seconds]]);
    await stack.deliver(stack.writer());
  }
  const firer = stack.firer();
  await firer.step(); // a checkpoint of the first entry
  stack.job = { ...stack.job, settings: { ...stack.job.settings, checkpointIntervalMs: DAY } };
  const later = stack.firer();
  for (let i = 0; i < 4; i++) await later.step();
  stack.stores.log.forget((log, item) => log.includes('#P') && item.seq > 1);
  await expect(stack.firer().load()).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
});

test('W4: a lost partition log does not begin anew because the registration is lost as well', async () => {
  const stack = await withOpenWindow();
  stack.produce([['click', 200]]);
  await stack.deliver(stack.writer());
  await stack.firer().step(); // FIRE and ACK behind the checkpoint
  const listed = (await stack.coordinator()).at(-1)?.checkpoints[0]?.seq;
  stack.stores.log.forget((log, item) => log.endsWith('#P0.0.0') || item.seq === listed);
  stack.produce([['click', 30]]);
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
  expect(await stack.partition()).toEqual([]);
});

test('W4: nor if only the partition log is lost', async () => {
  const stack = await withOpenWindow();
  stack.stores.log.forget((log) => log.endsWith('#P0.0.0'));
  stack.produce([['click', 30]]);
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
  await expect(stack.firer().step()).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
  expect(await stack.partition()).toEqual([]);
});

test('T5: a hint that a late put has set back does not keep writers waiting until the next checkpoint', async () => {
  const stack = await Stack.create();
  stack.produce([['click', 10]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  const hint = { pk: `J#${stack.job.id}#HINT#g0`, sk: '0' };
  const old = (await stack.stores.control.get(hint))?.body ?? '';
  for (let day = 0; day < 3; day++) {
    stack.runtime.advance(DAY);
    await stack.firer().step();
  }
  await stack.stores.control.put(hint, old, 'any');
  stack.produce([['click', 20]]);
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'COVERAGE' });
  await stack.firer().step();
  expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed' });
});

test.each<[string, Partial<Settings>]>([
  ['objects die before the log that refers to them (T7)', { blobLifecycleMs: 15 * DAY }],
  ['chunks die before the checkpoint that replaces them (§2.1)', { chunkHorizonMs: 4 * DAY }],
  ['the log ends before the retained checkpoints (§2.1)', { logTtlMs: 4 * DAY }],
])('settings under which %s are refused', (_, settings) => {
  expect(() => new Stack({ settings })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});
