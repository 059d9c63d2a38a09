/**
 * Retention with a store that expires entries (protocol 8.3, §9): what is needed is renewed in time, and where it was not, everything
 * fails closed. The store of these tests deletes what has expired, and nothing else.
 */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { partitionId } from '../../lib/core/numbers.ts';
import { initCut, registerPartition } from '../../lib/engine/coordinator.ts';
import { closeGeneration } from '../../lib/engine/lifecycle/close.ts';
import { DEFAULTS, keepAfterMs, type Settings } from '../../lib/engine/settings.ts';
import { chunkExpiry } from '../../lib/engine/checkpoint/chunks.ts';
import { chunkCollection } from '../../lib/engine/keys.ts';
import type { CoordinatorEntry } from '../../lib/engine/log/entries.ts';
import { DAY, MINUTE, once, Stack, stateOf } from './stack.ts';

type Checkpoint = Extract<CoordinatorEntry, { kind: 'CHECKPOINT' }>;

const checkpointsOf = async (stack: Stack): Promise<Checkpoint[]> => (await stack.coordinator()).filter((e) => e.kind === 'CHECKPOINT');

/** A job with an open window of two keys that a checkpoint holds. */
async function withOpenWindow(settings: Partial<Settings> = {}): Promise<Stack> {
  const stack = await Stack.start({ settings });
  stack.produce([['click', 10], ['view', 20]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  stack.runtime.advance(MINUTE);
  await stack.firer().step();
  expect((await checkpointsOf(stack)).at(-1)?.chunks).not.toEqual([]);
  return stack;
}

/** Deletes everything that has expired, as a TTL does sooner or later. */
function expire(stack: Stack): void {
  const now = stack.runtime.wall / 1000;
  stack.stores.log.forget((_, item) => item.ttl < now);
  stack.stores.chunks.forget((_, __, chunk) => chunk.expiresAt < now);
  stack.stores.blob.forget((info) => info.modifiedAt + 30 * DAY < stack.runtime.wall);
}

/** Adds a record and lets a firer cover and checkpoint it. */
async function addAndCheckpoint(stack: Stack, type: string, seconds: number): Promise<void> {
  stack.produce([[type, seconds]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(MINUTE);
  await stack.firer().step();
}

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

describe('chunks', () => {
  const now = Date.UTC(2027, 0, 1);

  test.each([
    ['years ago, as in a backfill', Date.UTC(2020, 0, 1), DEFAULTS.chunkMinTtlMs],
    ['next month', now + 30 * DAY, 30 * DAY + DEFAULTS.chunkGraceMs],
    ['in a far future', now + 10_000 * DAY, 400 * DAY],
  ])('C4: the chunk of a window %s lives long enough', (_, windowEnd, lifetimeMs) => {
    expect(chunkExpiry(DEFAULTS, windowEnd, now)).toBe(Math.floor((now + lifetimeMs) / 1000));
  });

  test('C5: an open window survives two months of expiry, and every checkpoint lists only what lives on', async () => {
    const stack = await withOpenWindow();
    const first = stack.firer();
    await first.load();
    const written = stateOf(first);
    for (let day = 0; day < 60; day++) {
      stack.runtime.advance(DAY + MINUTE);
      expire(stack);
      const firer = stack.firer();
      await firer.step();
      expect(stateOf(firer)).toEqual(written);
    }
    for (const checkpoint of await checkpointsOf(stack)) {
      for (const chunk of checkpoint.chunks) expect(chunk.expiresAt * 1000).toBeGreaterThanOrEqual(checkpoint.at + DEFAULTS.chunkHorizonMs - 1000);
      const safeUntil = checkpoint.checkpoints[0]?.safeUntil ?? 0;
      expect(safeUntil).toBe(Math.min(...checkpoint.chunks.map((c) => c.expiresAt)) * 1000 - 60 * MINUTE);
    }
  });

  test('C5: so does one whose chunks are objects', async () => {
    const stack = await withOpenWindow({ chunkInlineMax: 10 });
    for (let day = 0; day < 60; day++) {
      stack.runtime.advance(DAY + MINUTE);
      expire(stack);
      const firer = stack.firer();
      await firer.step();
      expect(stateOf(firer)).toHaveLength(2);
    }
  });

  test('C3: a chunk under the same key that expires too early is left alone, the next suffix is used', async () => {
    const stack = await Stack.start();
    stack.produce([['click', 10]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
    stack.runtime.advance(MINUTE);
    const put = stack.stores.chunks.put.bind(stack.stores.chunks);
    let early = '';
    stack.stores.chunks.put = async (collection, key, chunk) => {
      if (early === '') await put(collection, (early = key), { ...chunk, expiresAt: stack.runtime.wall / 1000 + 60 });
      return put(collection, key, chunk);
    };
    await stack.firer().step();
    const [ref] = (await checkpointsOf(stack)).at(-1)?.chunks ?? [];
    expect(ref?.key).toBe(`${early}.1`);
    expect(stack.stores.chunks.keys(chunkCollection(stack.job.id, stack.job.g))).toEqual([early, `${early}.1`]);
  });
});

describe('C6: a checkpoint whose chunk is gone', () => {
  const loseNewest = async (stack: Stack): Promise<string> => {
    const lost = (await checkpointsOf(stack)).at(-1)?.chunks[0]?.key ?? '';
    stack.stores.chunks.forget((_, key) => key === lost);
    return lost;
  };

  test('gives way to an older one, and the log makes up the difference', async () => {
    const stack = await withOpenWindow();
    await addAndCheckpoint(stack, 'click', 30);
    const whole = stack.firer();
    await whole.load();
    const expected = stateOf(whole);
    await loseNewest(stack);
    const firer = stack.firer();
    await firer.load();
    expect(stateOf(firer)).toEqual(expected);
  });

  test('is not built upon: the next checkpoint writes what was lost', async () => {
    const stack = await withOpenWindow();
    await addAndCheckpoint(stack, 'click', 30);
    const lost = await loseNewest(stack);
    stack.runtime.advance(MINUTE);
    await stack.firer().step();
    await addAndCheckpoint(stack, 'other', 62);
    const newest = (await checkpointsOf(stack)).at(-1);
    expect(newest?.chunks.map((c) => c.key)).not.toContain(lost);
    expect(newest?.chunks).toHaveLength(2);
  });

  test('and there is no other: the load fails and names what is missing', async () => {
    const stack = await withOpenWindow();
    const lost = await loseNewest(stack);
    await expect(stack.firer().load()).rejects.toMatchObject({
      code: 'CHECKPOINT_CHUNK_MISSING',
      message: expect.stringContaining(lost),
      details: { keys: [lost], safeUntil: expect.any(Number) },
    });
  });

  test('a damaged chunk counts as missing', async () => {
    const stack = await withOpenWindow();
    const get = stack.stores.chunks.get.bind(stack.stores.chunks);
    stack.stores.chunks.get = async (collection, key) => {
      const chunk = await get(collection, key);
      chunk?.data.set([(chunk.data[5] ?? 0) ^ 1], 5);
      return chunk;
    };
    await expect(stack.firer().load()).rejects.toMatchObject({ code: 'CHECKPOINT_CHUNK_MISSING' });
  });
});

test('C2: a checkpoint whose append is lost leaves its dirty marks: the next one holds the state', async () => {
  const stack = await withOpenWindow();
  stack.produce([['click', 30]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(MINUTE);
  const firer = stack.firer();
  const [init] = await stack.partition();
  if (init === undefined) throw new Error('INIT is there');
  stack.before = once('chunks.put W', () => registerPartition(stack.stores, stack.job, partitionId(0, 0, 7), initCut(init)));
  await firer.step();
  expect((await stack.kinds()).at(-1)).toBe('REG');
  await firer.step();
  const cold = stack.firer();
  await cold.load();
  expect((await stack.kinds()).at(-1)).toBe('CHECKPOINT');
  expect(stateOf(cold)).toEqual(stateOf(firer));
  expect(stateOf(cold).map((line) => line.split('|').at(-1))).toEqual(['2', '1']);
});
