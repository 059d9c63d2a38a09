/** The event source on a real broker: what arrives, what is committed, and what goes on after failures, rebalances and restarts. */
import { randomUUID } from 'node:crypto';
import { Kafka, type Producer } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openEventSources, type EventSources, type EventSourcesParts } from '../../lib/local/event-source/event-sources.ts';
import { faultsOf } from '../../lib/local/event-source/faults.ts';
import { inProcess } from '../../lib/local/event-source/in-process-target.ts';
import { kafkaConsumers } from '../../lib/local/event-source/kafka-consumer.ts';
import type { CreateMapping } from '../../lib/local/event-source/mapping.ts';
import type { PollerEvent } from '../../lib/local/event-source/poller.ts';
import { Deliveries, untilTrue } from '../local/event-source/deliveries.ts';
import { broker } from './kafka-world.ts';

const PARTITIONS = 4;
const state = broker();
let client: Kafka;
let producer: Producer;

beforeAll(async () => {
  client = new Kafka({ brokers: [state.kafka.bootstrap], logLevel: 0 });
  producer = client.producer();
  await producer.connect();
});

afterAll(async () => {
  await producer?.disconnect();
});

async function topicOf(numPartitions = PARTITIONS): Promise<string> {
  const topic = `t-${randomUUID()}`;
  const admin = client.admin();
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

/** `count` records to each of the partitions; the value is the record's number within its partition, counted from `from`. */
async function produce(topic: string, count: number, { from = 0, partitions = PARTITIONS }: { from?: number; partitions?: number } = {}): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    for (let i = from; i < from + count; i += 1000) {
      const messages = Array.from({ length: Math.min(1000, from + count - i) }, (_, n) => ({ partition, value: String(i + n) }));
      await producer.send({ topic, messages });
    }
  }
}

async function committed(group: string, topic: string): Promise<readonly number[]> {
  const admin = client.admin();
  const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] }).finally(() => admin.disconnect());
  return (found?.partitions ?? []).sort((a, b) => a.partition - b.partition).map((p) => Number(p.offset));
}

const mappingOf = (topic: string, more: Partial<CreateMapping> = {}): CreateMapping => ({
  FunctionName: 'counter:live',
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: [state.kafka.bootstrap] } },
  Topics: [topic],
  StartingPosition: 'TRIM_HORIZON',
  MaximumBatchingWindowInSeconds: 0,
  SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: `g-${topic}` },
  ...more,
});

const consumers = kafkaConsumers({ runtime: nodeRuntime });

/** Runs `use` with event sources that deliver to `deliveries`; they are closed afterwards. */
async function withSources<T>(deliveries: Deliveries, use: (sources: EventSources, events: PollerEvent[]) => Promise<T>, more: Partial<EventSourcesParts> = {}): Promise<T> {
  const events: PollerEvent[] = [];
  const sources = openEventSources({
    target: inProcess({ handler: (event) => deliveries.take(event), runtime: nodeRuntime }),
    open: consumers,
    runtime: nodeRuntime,
    onEvent: (_, event) => events.push(event),
    ...more,
  });
  try {
    return await use(sources, events);
  } finally {
    await sources.close();
  }
}

test('every record arrives once and in order, several partitions in one event, and is committed', async () => {
  const topic = await topicOf();
  await produce(topic, 5000);
  const deliveries = new Deliveries();
  await withSources(deliveries, async (sources) => {
    // The later records of all partitions come within the window.
    await sources.create(mappingOf(topic, { BatchSize: 1000, MaximumBatchingWindowInSeconds: 1 }));
    await untilTrue(() => deliveries.count === 5000 * PARTITIONS, 'all records arrive');
    await produce(topic, 10, { from: 5000 });
    await untilTrue(() => deliveries.count === 5010 * PARTITIONS, 'the later records arrive');
    await untilTrue(async () => (await committed(`g-${topic}`, topic)).every((offset) => offset === 5010), 'all is committed');
  });
  expect(deliveries.duplicates).toBe(0);
  expect(deliveries.outOfOrder).toEqual([]);
  expect(deliveries.overlaps).toBe(0);
  expect(Math.max(...deliveries.sizes)).toBe(1000);
  expect(Math.max(...deliveries.partitionsPerEvent)).toBeGreaterThan(1);
  const described = await state.kafka.tool('org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', ['--bootstrap-server', state.kafka.bootstrap, '--describe', '--group', `g-${topic}`]);
  expect(described.match(/ 5010 +5010 +0 /g)).toHaveLength(PARTITIONS);
});

test('the event is the one that Lambda sends, keys, headers, tombstones and timestamps included', async () => {
  const topic = await topicOf(1);
  const value = Buffer.from([0, 1, 200, 255]);
  const headers = { name: Buffer.from([104, 0xff]), twice: ['a', 'b'] };
  await producer.send({ topic, messages: [{ key: 'k', value, headers, timestamp: '1700000000123' }, { value: null, timestamp: '1700000000124' }] });
  const deliveries = new Deliveries();
  await withSources(deliveries, async (sources) => {
    await sources.create(mappingOf(topic));
    await untilTrue(() => deliveries.count === 2, 'both records arrive');
  });
  expect(deliveries.events).toEqual([
    {
      eventSource: 'SelfManagedKafka',
      bootstrapServers: state.kafka.bootstrap,
      records: {
        [`${topic}-0`]: [
          {
            topic,
            partition: 0,
            offset: 0,
            timestamp: 1_700_000_000_123,
            timestampType: 'CREATE_TIME',
            key: 'aw==',
            value: 'AAHI/w==',
            headers: [{ name: [104, -1] }, { twice: [97] }, { twice: [98] }],
          },
          { topic, partition: 0, offset: 1, timestamp: 1_700_000_000_124, timestampType: 'CREATE_TIME', value: null, headers: [] },
        ],
      },
    },
  ]);
});

test('a group with offsets begins there, whatever the starting position says; without offsets the position counts', async () => {
  const topic = await topicOf(2);
  await producer.send({ topic, messages: [0, 1].flatMap((partition) => [1000, 2000, 3000].map((t) => ({ partition, value: 'x', timestamp: String(t) }))) });
  const admin = client.admin();
  await admin.setOffsets({ groupId: 'with-offsets', topic, partitions: [{ partition: 0, offset: '2' }] });
  await admin.disconnect();
  const deliveries = new Deliveries();
  const at = { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 2 } as const;
  await withSources(deliveries, async (sources) => {
    await sources.create(mappingOf(topic, { ...at, SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'with-offsets' } }));
    await untilTrue(() => deliveries.count >= 3, 'what the group has not read arrives');
  });
  expect(deliveries.offsets(topic, 0)).toEqual([2]);
  expect(deliveries.offsets(topic, 1)).toEqual([1, 2]);
});

test('LATEST delivers what comes after the group has its partitions', async () => {
  const topic = await topicOf(1);
  await produce(topic, 3, { partitions: 1 });
  const deliveries = new Deliveries();
  await withSources(deliveries, async (sources, events) => {
    await sources.create(mappingOf(topic, { StartingPosition: 'LATEST' }));
    await untilTrue(() => events.some((e) => e.kind === 'assigned'), 'the group is joined');
    await untilTrue(async () => {
      await produce(topic, 1, { from: 3, partitions: 1 });
      return deliveries.count > 0;
    }, 'new records arrive');
  });
  expect(deliveries.offsets(topic, 0)[0]).toBeGreaterThanOrEqual(3);
});

test('an offset that retention has removed falls back to the starting position', async () => {
  const topic = await topicOf(1);
  await produce(topic, 10, { partitions: 1 });
  const admin = client.admin();
  await admin.setOffsets({ groupId: `g-${topic}`, topic, partitions: [{ partition: 0, offset: '3' }] });
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
  await admin.disconnect();
  const deliveries = new Deliveries();
  await withSources(deliveries, async (sources) => {
    await sources.create(mappingOf(topic));
    await untilTrue(() => deliveries.count >= 4, 'what is left arrives');
  });
  expect(deliveries.offsets(topic, 0)).toEqual([6, 7, 8, 9]);
});

test('an event that fails comes again until it succeeds; nothing behind it is delivered or committed before', async () => {
  const topic = await topicOf(1);
  await produce(topic, 30, { partitions: 1 });
  const deliveries = new Deliveries();
  let failures = 0;
  deliveries.before = async (offsets) => {
    if (offsets.includes(15) && failures < 4) {
      failures++;
      expect(Math.max(...(await committed(`g-${topic}`, topic)))).toBeLessThanOrEqual(10);
      throw new TypeError('not yet');
    }
  };
  await withSources(
    deliveries,
    async (sources, events) => {
      const { UUID } = await sources.create(mappingOf(topic, { BatchSize: 10 }));
      await untilTrue(() => failures === 2, 'the event fails twice');
      expect((await sources.get(UUID)).LastProcessingResult).toBe('PROBLEM: Function call failed: TypeError: not yet');
      await untilTrue(() => deliveries.count === 30, 'all records arrive');
      expect(events.filter((e) => e.kind === 'failed').map((e) => e.attempt)).toEqual([1, 2, 3, 4]);
      await untilTrue(async () => (await committed(`g-${topic}`, topic))[0] === 30, 'all is committed');
    },
    { pace: { retryMs: 20 } },
  );
  expect(deliveries.offsets(topic, 0)).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

test('two processes share the partitions of a group; when one ends the other goes on with what was not committed', async () => {
  const topic = await topicOf();
  const [first, second] = [new Deliveries(), new Deliveries()];
  await withSources(first, async (one, events) => {
    await one.create(mappingOf(topic, { BatchSize: 50 }));
    await untilTrue(() => events.some((e) => e.kind === 'assigned' && e.partitions.length === PARTITIONS), 'the first has all partitions');
    await produce(topic, 1000);
    await withSources(second, async (two, others) => {
      await two.create(mappingOf(topic, { BatchSize: 50 }));
      await untilTrue(() => others.some((e) => e.kind === 'assigned' && e.partitions.length === PARTITIONS / 2), 'the second has half of them');
      await produce(topic, 1000, { from: 1000 });
      await untilTrue(() => second.count > 0 && Deliveries.distinct(first, second) === 2000 * PARTITIONS, 'all records arrive');
    });
    await untilTrue(() => events.filter((e) => e.kind === 'assigned').at(-1)?.partitions.length === PARTITIONS, 'the first has all again');
    await produce(topic, 10, { from: 2000 });
    await untilTrue(async () => (await committed(`g-${topic}`, topic)).every((offset) => offset === 2010), 'all is committed');
  });
  expect(Deliveries.distinct(first, second)).toBe(2010 * PARTITIONS);
}, 60_000);

test('Disabled does not wait for an invocation in flight, which ends and is committed; enabling goes on behind it', async () => {
  const topic = await topicOf(1);
  await produce(topic, 20, { partitions: 1 });
  const deliveries = new Deliveries();
  const gate = Promise.withResolvers<void>();
  deliveries.before = () => gate.promise;
  await withSources(deliveries, async (sources) => {
    const { UUID } = await sources.create(mappingOf(topic, { BatchSize: 10 }));
    await untilTrue(() => deliveries.begun === 1, 'an invocation is in flight');
    await sources.update(UUID, { Enabled: false });
    await untilTrue(async () => (await sources.get(UUID)).State === 'Disabled', 'the mapping is disabled');
    expect(deliveries.count).toBe(0);
    gate.resolve();
    await untilTrue(async () => (await committed(`g-${topic}`, topic))[0] === 10, 'the invocation in flight is committed');
    expect(deliveries.begun).toBe(1);
    await sources.update(UUID, { Enabled: true });
    await untilTrue(() => deliveries.count === 20, 'the rest arrives');
  });
  expect(deliveries.duplicates).toBe(0);
});

test('a broker that restarts loses nothing', async () => {
  const topic = await topicOf();
  await produce(topic, 2000);
  const deliveries = new Deliveries();
  deliveries.before = () => nodeRuntime.sleep(20);
  await withSources(deliveries, async (sources) => {
    await sources.create(mappingOf(topic, { BatchSize: 100 }));
    await untilTrue(() => deliveries.count > 500, 'records arrive');
    await state.kafka.kill();
    await state.kafka.restart();
    await untilTrue(() => deliveries.count >= 2000 * PARTITIONS && Deliveries.distinct(deliveries) === 2000 * PARTITIONS, 'all records arrive', 60_000);
    // The broker may still be loading the group.
    const offsets = (): Promise<readonly number[]> => committed(`g-${topic}`, topic).catch(() => [-1]);
    await untilTrue(async () => (await offsets()).every((offset) => offset === 2000), 'all is committed', 60_000);
  });
}, 150_000);

test('faults repeat, overlap and re-cut, and still every record arrives', async () => {
  const topic = await topicOf();
  await produce(topic, 2000);
  const deliveries = new Deliveries();
  deliveries.before = () => nodeRuntime.sleep(2);
  const faults = faultsOf({ duplicate: 0.1, overlap: 0.1, recut: 0.1, lostCommit: 0.1, lateCommit: 0.05 }, nodeRuntime);
  await withSources(
    deliveries,
    async (sources) => {
      await sources.create(mappingOf(topic, { BatchSize: 100 }));
      await untilTrue(() => Deliveries.distinct(deliveries) === 2000 * PARTITIONS, 'all records arrive');
    },
    { faults },
  );
  expect(deliveries.duplicates).toBeGreaterThan(0);
  expect(deliveries.overlaps).toBeGreaterThan(0);
  expect(new Set(deliveries.sizes).size).toBeGreaterThan(2);
});

test('a topic or broker that is not there shows in LastProcessingResult, and is read once it is', async () => {
  const topic = `late-${randomUUID()}`;
  const deliveries = new Deliveries();
  await withSources(deliveries, async (sources) => {
    const { UUID } = await sources.create(mappingOf(topic));
    await untilTrue(async () => (await sources.get(UUID)).LastProcessingResult.startsWith('PROBLEM: Connection error'), 'the trouble shows');
    expect((await sources.get(UUID)).LastProcessingResult).toContain('This server does not host this topic-partition');
    const admin = client.admin();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    await produce(topic, 5, { partitions: 1 });
    await untilTrue(() => deliveries.count === 5, 'the records arrive');
  });
}, 60_000);
