/** What real topics hold beside plain records: compression, keys and headers, tombstones, transactions, compaction, retention. */
import { Admin } from '@platformatic/kafka';
import kafkajs, { type Kafka as KafkaJs } from 'kafkajs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { clientOf, type Kafka } from '../../lib/adapters/kafka/index.ts';
import { offset } from '../../lib/core/numbers.ts';
import type { RecordBatch } from '../../lib/ports/source.ts';
import { valuesOf } from '../contracts/source.ts';
import { broker, fresh, opened } from './kafka-world.ts';

const state = broker(async () => ({ properties: { 'log.cleaner.backoff.ms': '200' } }));
const LARGE = 1e6;
const START = offset(0);
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

let other: KafkaJs;
beforeAll(async () => {
  other = new kafkajs.Kafka(await clientOf({ 'bootstrap.servers': state.kafka.bootstrap }));
});

const properties = (more: Readonly<Record<string, string>> = {}) => ({ 'bootstrap.servers': state.kafka.bootstrap, ...more });

function adapter(more: Readonly<Record<string, string>> = {}): Kafka {
  const kafka = opened(properties(more));
  onTestFinished(() => kafka.close());
  return kafka;
}

function administrator(): Admin {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [state.kafka.bootstrap] });
  onTestFinished(() => admin.close());
  return admin;
}

async function topicOf(kafka: Kafka, partitions = 1): Promise<string> {
  const topic = fresh('records');
  await kafka.admin.createTopic(topic, partitions);
  return topic;
}

async function everything({ source }: Kafka, topic: string, maxBytes = LARGE): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (let at = START; ; ) {
    const batch = await source.fetch(topic, 0, at, maxBytes);
    if (batch === null) return batches;
    batches.push(batch);
    at = batch.next;
  }
}

const values = (count: number, name = 'n'): string[] => Array.from({ length: count }, (_, i) => `{"${name}":${i}}`);
const text = (bytes: Uint8Array | null | undefined): string | null => (bytes ? new TextDecoder().decode(bytes) : null);

test.each(CODECS)('compressed by the adapter: %s', async (compression) => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await kafka.produce(topic, values(500).map((value) => ({ value })), { partition: 0, compression });
  expect((await everything(kafka, topic)).flatMap(valuesOf)).toEqual(values(500));
  expect((await everything(kafka, topic, 1000)).flatMap(valuesOf)).toEqual(values(500));
});

test.each(CODECS.slice(1))("compressed by Kafka's own producer: %s", async (codec) => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  const input = `${values(300).join('\n')}\n`;
  await state.kafka.tool('org.apache.kafka.tools.ConsoleProducer', ['--bootstrap-server', state.kafka.bootstrap, '--topic', topic, '--compression-codec', codec], input);
  expect((await everything(kafka, topic)).flatMap(valuesOf)).toEqual(values(300));
});

test.each(CODECS)('a consumer group of the event source reads %s', async (compression) => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await kafka.produce(topic, values(50).map((value) => ({ value })), { partition: 0, compression });
  const consumer = other.consumer({ groupId: fresh('group') });
  onTestFinished(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const read: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      read.push(String(message.value));
      if (read.length === 50) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  expect(read).toEqual(values(50));
});

test('keys, timestamps, headers, tombstones and leader epochs', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  const producer = other.producer();
  onTestFinished(() => producer.disconnect());
  await producer.connect();
  await producer.send({
    topic,
    messages: [
      { key: 'k', value: 'a', timestamp: '1700000000123', headers: { h: ['1', '2'], e: '' } },
      { key: null, value: '', timestamp: '1600000000000' },
      { key: '', value: null, timestamp: '1700000000125' },
    ],
  });
  const batch = await kafka.source.fetch(topic, 0, START, LARGE);
  expect([text(batch?.bytes), batch?.starts, batch?.ends, batch?.offsets, batch?.next]).toEqual(['a\n\n\n', [0, 2, 3], [1, 2, -1], [0, 1, 2], 3]);
  const metadata = batch?.metadata?.();
  expect([text(metadata?.keys.bytes), metadata?.keys.starts, metadata?.keys.ends]).toEqual(['k\n\n\n', [0, 2, 3], [1, -1, 3]]);
  expect(metadata?.timestamps).toEqual([1700000000123, 1600000000000, 1700000000125]);
  expect(metadata?.timestampTypes).toEqual(['CreateTime', 'CreateTime', 'CreateTime']);
  expect(metadata?.headers.map((of) => of.map(({ name, value }) => [name, text(value)]))).toEqual([[['h', '1'], ['h', '2'], ['e', '']], [], []]);
  expect(metadata?.leaderEpochs).toEqual([0, 0, 0]);
});

test("a record of the adapter's own producer comes back whole, and its key chooses Java's partition", async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka, 12);
  const record = { value: null, key: 'order-17', headers: [{ name: 'a', value: 'b' }, { name: 'a', value: 'c' }], timestamp: 1234567890123 };
  await kafka.produce(topic, [record]);
  await state.kafka.tool(
    'org.apache.kafka.tools.ConsoleProducer',
    ['--bootstrap-server', state.kafka.bootstrap, '--topic', topic, '--reader-property', 'parse.key=true', '--reader-property', 'key.separator=:'],
    'order-17:java\n',
  );
  const info = await kafka.source.topic(topic);
  const used = info?.partitions.filter((p) => p.end > 0) ?? [];
  expect(used.map((p) => p.end)).toEqual([2]);
  const batch = await kafka.source.fetch(topic, used[0]?.partition ?? 0, START, LARGE);
  const metadata = batch?.metadata?.();
  expect([batch?.ends[0], text(metadata?.keys.bytes.subarray(0, 8)), metadata?.timestamps[0]]).toEqual([-1, 'order-17', 1234567890123]);
  expect(metadata?.headers[0]?.map(({ name, value }) => [name, text(value)])).toEqual([['a', 'b'], ['a', 'c']]);
});

test('a partition that the topic does not have is refused, and nothing is appended', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await expect(kafka.produce(topic, [{ value: 'a' }], { partition: 7 })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
  expect((await kafka.source.topic(topic))?.partitions.every(({ earliest, end }) => earliest === end)).toBe(true);
});

test('LogAppendTime is the time of the broker', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await administrator().alterConfigs({ resources: [{ resourceType: 2, resourceName: topic, configs: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }] }] });
  const before = Date.now();
  await kafka.produce(topic, [{ value: 'a', timestamp: 1 }], { partition: 0 });
  const metadata = (await kafka.source.fetch(topic, 0, START, LARGE))?.metadata?.();
  expect(metadata?.timestampTypes).toEqual(['LogAppendTime']);
  expect(metadata?.timestamps[0]).toBeGreaterThanOrEqual(before - 1000);
});

/** `aborted` transactions of one producer, then one committed record and another aborted transaction: markers in between and at the end. */
async function transactions(topic: string, aborted: number): Promise<void> {
  const producer = other.producer({ transactionalId: fresh('tx'), maxInFlightRequests: 1, idempotent: true });
  onTestFinished(() => producer.disconnect());
  await producer.connect();
  const send = async (value: string, end: 'commit' | 'abort'): Promise<void> => {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value }] });
    await transaction[end]();
  };
  for (let i = 0; i < aborted; i++) await send(`aborted-${i}`, 'abort');
  await send('committed', 'commit');
  await send('aborted-last', 'abort');
}

test('transactions: markers are never seen; aborted records only without read_committed', async () => {
  const kafka = adapter();
  const committed = adapter({ 'isolation.level': 'read_committed' });
  const topic = await topicOf(kafka);
  await transactions(topic, 3);
  for (const maxBytes of [1, LARGE]) {
    expect((await everything(kafka, topic, maxBytes)).flatMap(valuesOf)).toEqual(['aborted-0', 'aborted-1', 'aborted-2', 'committed', 'aborted-last']);
    expect((await everything(committed, topic, maxBytes)).flatMap(valuesOf)).toEqual(['committed']);
  }
  expect(await kafka.source.fetch(topic, 0, START, LARGE)).toMatchObject({ offsets: [0, 2, 4, 6, 8], next: 10 });
  expect(await committed.source.fetch(topic, 0, START, LARGE)).toMatchObject({ offsets: [6], next: 10 });
});

test('a tail of hidden records stalls no reader: what comes behind it is read', async () => {
  const committed = adapter({ 'isolation.level': 'read_committed' });
  const topic = await topicOf(committed);
  await transactions(topic, 1);
  expect(await committed.source.fetch(topic, 0, offset(5), LARGE)).toBeNull();
  expect(await committed.source.fetch(topic, 0, offset(5), LARGE)).toBeNull();
  await committed.produce(topic, [{ value: 'late' }], { partition: 0 });
  const batch = await committed.source.fetch(topic, 0, offset(5), LARGE);
  expect([valuesOf(batch), batch?.offsets, batch?.next]).toEqual([['late'], [6], 7]);
});

test('an open transaction ends the partition for read_committed, and is read when it is committed', async () => {
  const committed = adapter({ 'isolation.level': 'read_committed' });
  const topic = await topicOf(committed);
  const producer = other.producer({ transactionalId: fresh('tx'), maxInFlightRequests: 1, idempotent: true });
  onTestFinished(() => producer.disconnect());
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [{ value: 'open' }] });
  expect(await committed.source.fetch(topic, 0, START, LARGE)).toBeNull();
  expect((await committed.source.topic(topic))?.partitions).toEqual([{ partition: 0, earliest: 0, end: 0 }]);
  await transaction.commit();
  await expect.poll(async () => valuesOf(await committed.source.fetch(topic, 0, START, LARGE))).toEqual(['open']);
});

test('retention: positions before the beginning are OFFSET_GAP, the rest is there', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await kafka.produce(topic, values(10).map((value) => ({ value })), { partition: 0 });
  await administrator().deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 4n }] }] });
  expect((await kafka.source.topic(topic))?.partitions).toEqual([{ partition: 0, earliest: 4, end: 10 }]);
  await expect(kafka.source.fetch(topic, 0, offset(3), LARGE)).rejects.toMatchObject({ code: 'OFFSET_GAP', details: { topic, partition: 0, from: 3, earliest: 4, end: 10 } });
  expect(valuesOf(await kafka.source.fetch(topic, 0, offset(4), LARGE))).toEqual(values(10).slice(4));
});

test('compaction: the records that stay keep their offsets, and the gaps between them are passed', async () => {
  const kafka = adapter();
  const topic = fresh('compacted');
  const configs = Object.entries({ 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.001', 'min.compaction.lag.ms': '0' });
  await administrator().createTopics({ topics: [topic], partitions: 1, replicas: 1, configs: configs.map(([name, value]) => ({ name, value })) });
  await expect.poll(() => kafka.source.topic(topic)).not.toBeNull(); // a busy broker shows it a little later
  const append = (round: number) => kafka.produce(topic, ['a', 'b', 'c'].map((key) => ({ key, value: `${key}${round}` })), { partition: 0 });
  await append(0);
  await expect
    .poll(async () => {
      await append(1); // the segment that is written to is never compacted
      const [first] = await everything(kafka, topic);
      return first?.offsets[0];
    }, { timeout: 45_000, interval: 300 })
    .toBeGreaterThan(0);
  const batches = await everything(kafka, topic, 1);
  const { earliest, end } = (await kafka.source.topic(topic))?.partitions[0] ?? {};
  expect([earliest, batches.at(-1)?.next]).toEqual([0, end]);
  expect(batches.flatMap(valuesOf).slice(-3)).toEqual(['a1', 'b1', 'c1']);
  expect(valuesOf(await kafka.source.fetch(topic, 0, START, 1))).toEqual(valuesOf(batches[0] ?? null));
});

test('a quota slows a reader down, and never looks like the end of the topic (W7)', async () => {
  const slow = fresh('slow');
  const quota = ['--bootstrap-server', state.kafka.bootstrap, '--alter', '--entity-type', 'clients', '--entity-name', slow, '--add-config', 'consumer_byte_rate=50000'];
  await state.kafka.tool('kafka.admin.ConfigCommand', quota);
  const kafka = adapter({ 'client.id': slow });
  const topic = await topicOf(kafka);
  const long = values(500).map((value) => value.padEnd(500));
  await kafka.produce(topic, long.map((value) => ({ value })), { partition: 0 });
  const began = performance.now();
  expect((await everything(kafka, topic, 50_000)).flatMap(valuesOf)).toEqual(long);
  expect(performance.now() - began).toBeGreaterThan(1000); // the quota was felt
});

test('startup by time: the first record that is not older, the end where there is none', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await kafka.produce(topic, [1000, 2000, 3000].map((timestamp) => ({ value: 'v', timestamp })), { partition: 0 });
  const start = (epochMs: number) => kafka.source.startOffset(topic, 0, { kind: 'timestamp', epochMs });
  expect([await start(0), await start(2000), await start(2001), await start(3001)]).toEqual([0, 1, 2, 3]);
});

test('a reader that knew the topic before it was created again does not take its records for the old ones', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await kafka.produce(topic, values(5, 'old').map((value) => ({ value })), { partition: 0 });
  const before = await kafka.source.topic(topic);
  await kafka.source.fetch(topic, 0, START, LARGE);
  await administrator().deleteTopics({ topics: [topic] });
  await expect(kafka.source.fetch(topic, 0, START, LARGE)).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
  expect(await kafka.source.topic(topic)).toBeNull(); // asking creates nothing, although the broker would
  await kafka.admin.createTopic(topic, 1);
  expect((await kafka.source.topic(topic))?.id).not.toBe(before?.id);
  await expect(kafka.source.fetch(topic, 0, offset(5), LARGE)).rejects.toMatchObject({ code: 'TOPIC_TRUNCATED' });
});

test('topics are created once, and listed without those of Kafka', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  await expect(kafka.admin.createTopic(topic, 1)).rejects.toMatchObject({ code: 'TOPIC_EXISTS' });
  await expect(kafka.admin.createTopic('a b', 1)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  await expect(kafka.admin.createTopic(fresh('none'), 0)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  await kafka.offsets.commit(fresh('group'), topic, 0, offset(0));
  const names = await kafka.admin.listTopics();
  expect(names).toContain(topic);
  expect(names.filter((name) => name.startsWith('__'))).toEqual([]);
  await expect(kafka.produce(fresh('none'), [{ value: 'a' }])).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
});

test('commits of one turn go out together; each hears of its own', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka, 8);
  const group = fresh('group');
  const commits = Array.from({ length: 8 }, (_, p) => kafka.offsets.commit(group, topic, p, offset(100 + p)));
  const lost = kafka.offsets.commit(group, fresh('none'), 0, offset(1));
  await expect(lost).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
  await Promise.all(commits);
  for (let p = 0; p < 8; p++) expect(await kafka.offsets.committed(group, topic, p)).toBe(100 + p);
});

test('a group with active members keeps its offsets', async () => {
  const kafka = adapter();
  const topic = await topicOf(kafka);
  const group = fresh('group');
  const consumer = other.consumer({ groupId: group });
  onTestFinished(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: async () => undefined });
  await joined;
  await expect(kafka.offsets.commit(group, topic, 0, offset(1))).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining('active members') });
});
