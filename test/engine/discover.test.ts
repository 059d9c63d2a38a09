/** Partitions that come and go while a job runs (protocol 11.7, W4): the firer's tick finds them. */
import { expect, test } from 'vitest';
import { StoreError } from '../../lib/core/errors.ts';
import { offset, partitionId } from '../../lib/core/numbers.ts';
import { registeredCut } from '../../lib/engine/coordinator.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import { closeGeneration } from '../../lib/engine/lifecycle/close.ts';
import { liveRecordErrors, type RecordErrorItem } from '../../lib/engine/record-errors.ts';
import { once, Stack } from './stack.ts';

const P1 = partitionId(0, 0, 1);

/** A job of one partition with a window that is due; its topic has two partitions since. */
async function grown(): Promise<Stack> {
  const stack = await Stack.create();
  await stack.firer().step();
  stack.stores.source.addPartitions('events', 1);
  stack.produce([['click', 10], ['click', 120]]);
  await stack.deliver(stack.writer());
  return stack;
}

const errors = (stack: Stack): Promise<RecordErrorItem[]> => liveRecordErrors(stack.stores, stack.job, () => 0);

test('a new partition is registered from its earliest offset before its first commit, and holds the watermark', async () => {
  const stack = await grown();
  stack.produce([['view', 20], ['view', 30]], 1);
  stack.stores.source.retain('events', 1, 1);
  const firer = stack.firer();
  expect((await firer.step()).kind).not.toBe('waiting');
  expect(await stack.partition(P1)).toMatchObject([{ kind: 'INIT', next: 1 }]);
  expect(firer.replica?.position.cut[P1]).toMatchObject({ seq: 0, next: 1 });
  expect(stack.rows()).toEqual([]);
});

test('its first rows are in the windows, since none has fired before they came', async () => {
  const stack = await grown();
  await stack.firer().step();
  stack.produce([['click', 20], ['click', 130]], 1);
  await stack.deliver(stack.writer(), 1);
  await stack.firer().step();
  expect(stack.rows()).toEqual([[0, 'click', 2]]);
});

test('topics are looked at when a sandbox begins, and every five minutes', async () => {
  const stack = await Stack.create();
  const firer = stack.firer();
  stack.takeCalls();
  for (let i = 0; i < 20; i++) {
    await firer.step();
    stack.runtime.advance(30_000);
  }
  expect(stack.takeCalls().filter((call) => call === 'source.topic')).toHaveLength(2);
});

test('a writer and a firer that find it at once register it once', async () => {
  const stack = await grown();
  stack.produce([['view', 20]], 1);
  stack.before = once('log.append P0.0.1', async () => {
    await stack.deliver(stack.writer(), 1);
  });
  await stack.firer().step();
  expect((await stack.kinds()).filter((kind) => kind === 'REG')).toHaveLength(1);
  expect((await stack.partition(P1)).map((e) => e.kind)).toEqual(['INIT', 'DATA']);
});

test('a writer that meets a later batch of it first begins the log at the beginning all the same', async () => {
  const stack = await grown();
  stack.produce([['view', 20], ['view', 30]], 1);
  const later = await stack.stores.source.fetch('events', 1, offset(1), 1e9);
  if (later === null) throw new Error('the topic has records');
  await expect(stack.writer().commit(P1, later)).rejects.toMatchObject({ code: 'GAP' });
  expect(await stack.partition(P1)).toMatchObject([{ kind: 'INIT', next: 0 }]);
  expect(await stack.deliver(stack.writer(), 1)).toMatchObject({ kind: 'committed', next: 2 });
});

test('and with a batch in hand that the topic has removed since, at that batch', async () => {
  const stack = await grown();
  stack.produce([['view', 20], ['view', 30]], 1);
  const inHand = await stack.stores.source.fetch('events', 1, offset(0), 1e9);
  if (inHand === null) throw new Error('the topic has records');
  stack.stores.source.retain('events', 1, 1);
  expect(await stack.writer().commit(P1, inHand)).toMatchObject({ kind: 'committed', records: 2, next: 2 });
});

test('a registration is found however many pages of the log lie in front of it', async () => {
  const stack = await Stack.create();
  stack.produce([['click', 10], ['click', 120], ['click', 240]]);
  for (let i = 0; i < 3; i++) {
    await stack.deliver(stack.writer(), 0, 1);
    await stack.firer().step();
  }
  stack.stores.source.addPartitions('events', 1);
  stack.produce([['view', 250]], 1);
  const log = new Proxy(stack.stores.log, {
    get: (target, member) => {
      if (member === 'readAfter') return (key: string, after: number) => target.readAfter(key, after, 1);
      const value: unknown = Reflect.get(target, member, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await stack.deliver(stack.writer(), 1);
  expect(await registeredCut({ ...stack.stores, log }, stack.job, P1)).toMatchObject({ seq: 0, next: 0 });
});

test('a writer that is overtaken while it registers does not register again behind what others have committed', async () => {
  const stack = await grown();
  stack.produce([['view', 20], ['view', 150]], 1);
  stack.before = once('log.append C', async () => {
    await stack.deliver(stack.writer(), 1);
    await stack.firer().step();
  });
  const batch = await stack.stores.source.fetch('events', 1, offset(0), 1e9);
  if (batch === null) throw new Error('the topic has records');
  expect((await stack.writer().commit(P1, batch)).kind).toBe('duplicate');
  expect((await stack.kinds()).filter((kind) => kind === 'REG')).toHaveLength(1);
  await stack.firer().step();
  expect(stack.rows()).toEqual([[0, 'click', 1], [0, 'view', 1]]);
});

test('a job that is closed while a firer registers a partition is not fired any more', async () => {
  const stack = await grown();
  stack.after = once('log.append C', () => closeGeneration(stack.stores, stack.job));
  expect(await stack.firer().step()).toEqual({ kind: 'closed' });
  expect((await stack.kinds()).slice(-2)).toEqual(['REG', 'CLOSE']);
});

test('a broker that does not answer does not keep windows from firing', async () => {
  const stack = await grown();
  stack.before = once('source.topic', () => {
    throw new StoreError('no', { message: 'the broker is away' });
  });
  expect(await stack.firer().step()).toMatchObject({ kind: 'fired' });
});

test('a job that is being stopped takes none in; the next generation does, from the beginning', async () => {
  const stack = await grown();
  stack.produce([['view', 70]], 1);
  const path = await stack.stop();
  expect((await readSavepoint(stack.ports, path)).sources[0]?.partitions).toHaveLength(1);
  await stack.resume(path);
  expect(await stack.partition(P1)).toMatchObject([{ kind: 'INIT', next: 0 }]);
});

test('a partition that is gone is an error at its place until it is back', async () => {
  const stack = await Stack.start({ partitions: 2 });
  const firer = stack.firer();
  await firer.step();
  stack.stores.source.recreate('events', 1);
  stack.runtime.advance(stack.job.settings.upkeepIntervalMs);
  await firer.step();
  expect(await errors(stack)).toMatchObject([{ partitionId: P1, code: 'TOPIC_UNKNOWN' }]);
  stack.stores.source.addPartitions('events', 1);
  stack.runtime.advance(stack.job.settings.upkeepIntervalMs);
  await firer.step();
  expect(await errors(stack)).toEqual([]);
});

test('partitions of another topic under the name are not taken in', async () => {
  const stack = await Stack.create();
  stack.stores.source.recreate('events', 2);
  await stack.firer().step();
  expect(await errors(stack)).toMatchObject([{ code: 'TOPIC_RECREATED' }]);
  expect((await stack.kinds()).filter((kind) => kind === 'REG')).toEqual([]);
});
