/** Checkpoints in a store that expires chunks (protocol 8.3, C1-C8): each lists only what lives on, and what is gone is found out, never read as empty. */
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../lib/core/errors.ts';
import { chunkExpiry } from '../../lib/engine/checkpoint/chunks.ts';
import { chunkCollection } from '../../lib/engine/keys.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { openCoordinatorLog } from '../../lib/engine/log/logs.ts';
import { settingsFor } from '../../lib/engine/settings.ts';
import { labPlan } from './lab-plan.ts';
import { checkpointsOf, withOpenWindow } from './open-window.ts';
import { DAY, MINUTE, once, Stack, stateOf } from './stack.ts';

const DEFAULTS = settingsFor(labPlan());

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

describe('chunks', () => {
  const now = Date.UTC(2027, 0, 1);

  test.each([
    ['years ago, as in a backfill', Date.UTC(2020, 0, 1), DEFAULTS.chunkMinTtlMs],
    ['next month', now + 30 * DAY, 30 * DAY + DEFAULTS.chunkGraceMs],
    ['in a far future', now + 10_000 * DAY, 400 * DAY],
  ])('C4: the chunk of a window %s lives long enough', (_, windowEnd, lifetimeMs) => {
    expect(chunkExpiry(DEFAULTS, windowEnd, now)).toBe(Math.floor((now + lifetimeMs) / 1000));
  });

  test('C5: a chunk that comes too close to its expiry while others are written is not listed', async () => {
    const stack = await withOpenWindow();
    const expiresAt = ((await checkpointsOf(stack)).at(-1)?.chunks[0]?.expiresAt ?? 0) * 1000;
    const enoughUntil = expiresAt - DEFAULTS.chunkHorizonMs;
    for (; stack.runtime.wall < enoughUntil - DAY; await stack.firer().step()) stack.runtime.advance(DAY / 2);
    stack.runtime.advance(enoughUntil - 2 * MINUTE - stack.runtime.wall);
    stack.before = once('chunks.put W', () => stack.runtime.advance(3 * MINUTE));
    await addAndCheckpoint(stack, 'click', 62);
    await stack.firer().step();
    const listed = (await checkpointsOf(stack)).map(({ at, chunks }) => Math.min(...chunks.map((c) => c.expiresAt)) * 1000 - at);
    expect(Math.min(...listed)).toBeGreaterThanOrEqual(DEFAULTS.chunkHorizonMs - 1000);
    expect((await checkpointsOf(stack)).at(-1)?.chunks).toHaveLength(2);
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

  test('8.2: a checkpoint writes only so many bytes as items, and the rest as objects (row 27)', async () => {
    const stack = await Stack.start({ settings: { chunkInlineMax: 200, checkpointItemsMaxBytes: 500 } });
    for (let key = 0; key < 40; key++) stack.produce([[`type ${key}`, 10]]);
    await stack.deliver(stack.writer());
    const firer = stack.firer();
    for (let minute = 0; minute < 3; minute++) {
      stack.runtime.advance(MINUTE);
      await firer.step();
    }
    const checkpoint = (await checkpointsOf(stack)).at(-1);
    const bytesIn = (store: 'chunks' | 'blob'): number => (checkpoint?.chunks ?? []).filter((chunk) => chunk.store === store).reduce((sum, chunk) => sum + chunk.bytes, 0);
    expect(bytesIn('chunks')).toBeGreaterThan(300);
    expect(bytesIn('chunks')).toBeLessThanOrEqual(500);
    expect(bytesIn('blob')).toBeGreaterThan(500);
    const cold = stack.firer();
    await cold.load();
    expect(stateOf(cold)).toEqual(stateOf(firer));
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
  stack.before = once('chunks.put W', async () => {
    const log = openCoordinatorLog(stack.stores, stack.job);
    const head = await log.head();
    if (head !== null) await log.append(head, log.next(head, { kind: 'RENEW', checkpoints: head.entry.checkpoints }));
  });
  await firer.step();
  expect((await stack.kinds()).at(-1)).toBe('RENEW');
  stack.runtime.advance(MINUTE);
  await firer.step();
  const cold = stack.firer();
  await cold.load();
  expect((await stack.kinds()).at(-1)).toBe('CHECKPOINT');
  expect(stateOf(cold)).toEqual(stateOf(firer));
  expect(stateOf(cold).map((line) => line.split('|').at(-1))).toEqual(['2', '1']);
});

test('C3: a chunk that an attempt before has left behind is listed with the life that it has', async () => {
  const stack = await withOpenWindow();
  stack.produce([['click', 30]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(MINUTE);
  let isWritten = false;
  stack.before = (call) => {
    if (call === 'chunks.put W') isWritten = true;
    if (call === 'log.append C' && isWritten) throw new StoreError('no', { message: 'throttled' });
  };
  await stack.firer().step();
  stack.before = () => {};
  stack.runtime.advance(DAY);
  await stack.firer().step();
  const checkpoint = (await checkpointsOf(stack)).at(-1);
  expect(checkpoint?.chunks.length).toBeGreaterThan(0);
  for (const chunk of checkpoint?.chunks ?? []) {
    expect((await stack.stores.chunks.get(chunkCollection(stack.job.id, stack.job.g), chunk.key))?.expiresAt).toBe(chunk.expiresAt);
  }
});

test('C8: a cancelled job resumes from its last state while that is safe, and fails with a name a month later', async () => {
  const stack = await Stack.create();
  stack.produce([['click', 10]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  await requestCancel(stack.workshop, stack.job.id);
  await runOperation(stack.workshop, stack.job.id);
  stack.runtime.advance(2 * DAY);
  expire(stack);
  await stack.resume(null);
  const firer = stack.firer();
  await firer.load();
  expect(stateOf(firer)).toHaveLength(1);
  await requestCancel(stack.workshop, stack.job.id);
  await runOperation(stack.workshop, stack.job.id);
  stack.runtime.advance(30 * DAY);
  await expect(stack.resume(null)).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
});
