/** Brokers that go away, come back, or never were. */
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { ConnectionProperties, Kafka } from '../../lib/adapters/kafka/index.ts';
import { offset } from '../../lib/core/numbers.ts';
import { freePort } from '../services/kafka.ts';
import { valuesOf } from '../contracts/source.ts';
import { broker, fresh, opened } from './kafka-world.ts';

const state = broker();
const START = offset(0);

function adapter(properties: ConnectionProperties): Kafka {
  const kafka = opened(properties);
  onTestFinished(() => kafka.close());
  return kafka;
}

test('calls go on over a restart of the broker', async () => {
  const kafka = adapter({ 'bootstrap.servers': state.kafka.bootstrap });
  const topic = fresh('outage');
  await kafka.admin.createTopic(topic, 1);
  await kafka.produce(topic, [{ value: 'a' }], { partition: 0 });
  await state.kafka.kill();
  const calls = Promise.all([kafka.source.fetch(topic, 0, START, 1000), kafka.source.topic(topic), kafka.offsets.commit('g', topic, 0, offset(1)), kafka.source.fetch(topic, 0, START, 1000)]);
  await state.kafka.restart();
  const [batch, info] = await calls;
  expect([valuesOf(batch), info?.partitions]).toEqual([['a'], [{ partition: 0, earliest: 0, end: 1 }]]);
  expect(await kafka.offsets.committed('g', topic, 0)).toBe(1);
});

test('a broker that stays away fails a call within its deadline: reads have not happened, commits may have', async () => {
  const kafka = adapter({ 'bootstrap.servers': state.kafka.bootstrap });
  const topic = fresh('outage');
  await kafka.admin.createTopic(topic, 1);
  await state.kafka.stop();
  onTestFinished(() => state.kafka.restart());
  const began = performance.now();
  const [read, commit] = await Promise.allSettled([kafka.source.fetch(topic, 0, START, 1000), kafka.offsets.commit('g', topic, 0, offset(1))]);
  expect(performance.now() - began).toBeLessThan(25_000);
  const message = expect.stringContaining(state.kafka.bootstrap);
  expect(read).toMatchObject({ status: 'rejected', reason: { code: 'STORE_FAILED', happened: 'no', message } });
  expect(commit).toMatchObject({ status: 'rejected', reason: { code: 'STORE_FAILED', happened: 'maybe', message } });
});

test('an address where nobody listens: said soon, with the address and what to check', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const kafka = adapter({ 'bootstrap.servers': address });
  const began = performance.now();
  await expect(kafka.source.topic('orders')).rejects.toMatchObject({
    code: 'STORE_FAILED',
    happened: 'no',
    message: `cannot describe topic 'orders': ${address}: connect ECONNREFUSED ${address}`,
    hint: expect.stringContaining('brokers run'),
  });
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('an address that accepts and never answers fails within the deadline', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : null;
  const kafka = adapter({ 'bootstrap.servers': `127.0.0.1:${port}`, 'request.timeout.ms': '2000' });
  const began = performance.now();
  await expect(kafka.source.topic('orders')).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
  expect(performance.now() - began).toBeLessThan(22_000);
});
