/** Flink's Kafka SQL on a real broker, by the command line: by functions where all parts are real, and by pollers where only Kafka is. */
import kafkajs from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { administrator } from './administrator.ts';
import { opened } from './kafka-world.ts';
import { click, COUNTS, RealShop } from './real-shop.ts';
import { groupOffsets, kafkaTool, servers } from './servers.ts';

const MODES = ['functions', 'pollers'] as const;
/** Records that are older than the topic's retention would go while they are read. */
const T0 = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
const minute = (n: number): string => new Date(T0 + n * 60_000).toISOString().slice(0, 16);

/** Times of the records, seconds behind T0. */
const record = (v: number, seconds: number, id = `k${v % 2}`) => ({ key: JSON.stringify({ id }), value: JSON.stringify({ v }), timestamp: T0 + seconds * 1000 });

test.each(MODES)('keys, metadata and an end: the row time is that of the record, all windows fire, and the job is FINISHED, by %s', async (mode) => {
  const shop = await RealShop.open(mode);
  await shop.topic(2);
  await shop.send([record(1, 1), record(2, 2), record(3, 61)], 0);
  await shop.send([record(4, 3), record(5, 62)], 1);
  const job = await shop.submit(
    shop.job({
      columns: "k_id STRING, v INT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', p INT METADATA FROM 'partition' VIRTUAL, o BIGINT METADATA FROM 'offset' VIRTUAL, WATERMARK FOR ts AS ts",
      options: {
        format: '',
        'value.format': 'json',
        'key.format': 'json',
        'key.fields': 'k_id',
        'key.fields-prefix': 'k_',
        'value.fields-include': 'EXCEPT_KEY',
        'scan.bounded.mode': 'latest-offset',
      },
      rows: 'begins TIMESTAMP(3), id STRING, v INT, p INT, o BIGINT, n BIGINT',
      select: `SELECT window_start, k_id, SUM(v), MAX(p), MAX(o), COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
        GROUP BY window_start, window_end, k_id`,
    }),
  );
  // Behind the end, which is where the topic ended at submission.
  await shop.send([record(100, 4), record(100, 600)], 0);
  await shop.upToEnd();
  expect(await shop.describe(job)).toMatchObject({ status: 'FINISHED' });
  expect(shop.lines().map((line) => JSON.parse(line))).toEqual([
    { begins: expect.stringMatching(`^${minute(0)}`), id: 'k0', v: 6, p: 1, o: 1, n: 2 },
    { begins: expect.stringMatching(`^${minute(0)}`), id: 'k1', v: 1, p: 0, o: 0, n: 1 },
    { begins: expect.stringMatching(`^${minute(1)}`), id: 'k1', v: 8, p: 1, o: 2, n: 2 },
  ]);
});

const STARTS = {
  earliest: { 'scan.startup.mode': 'earliest-offset' },
  latest: { 'scan.startup.mode': 'latest-offset' },
  time: { 'scan.startup.mode': 'timestamp', 'scan.startup.timestamp-millis': String(T0 + 3000) },
  offsets: { 'scan.startup.mode': 'specific-offsets', 'scan.startup.specific-offsets': 'partition:0,offset:4' },
  group: { 'scan.startup.mode': 'group-offsets', 'properties.group.id': 'GROUP' },
  reset: { 'scan.startup.mode': 'group-offsets', 'properties.group.id': 'GROUP-none', 'properties.auto.offset.reset': 'latest' },
} as const;

test.each(MODES)('every startup mode begins where it says, by %s', async (mode) => {
  const shop = await RealShop.open(mode);
  await shop.topic();
  const group = `group-${shop.topicName}`;
  await shop.send(Array.from({ length: 6 }, (_, i) => record(i, i)));
  const admin = await administrator();
  await admin.setOffsets({ groupId: group, topic: shop.topicName, partitions: [{ partition: 0, offset: '2' }] });
  for (const [name, start] of Object.entries(STARTS)) {
    const options = Object.fromEntries(Object.entries(start).map(([key, value]) => [key, value.replace('GROUP', group)]));
    await shop.submit(shop.job({ columns: 'v INT', options, rows: 'name STRING, v INT', select: `SELECT '${name}', v FROM events` }));
  }
  await shop.send([record(6, 6)]);
  await shop.upToEnd();
  const read: Record<string, number[]> = {};
  for (const line of shop.lines()) {
    const row: { name: string; v: number } = JSON.parse(line);
    (read[row.name] ??= []).push(row.v);
  }
  expect(read).toEqual({ earliest: [0, 1, 2, 3, 4, 5, 6], latest: [6], time: [3, 4, 5, 6], offsets: [4, 5, 6], group: [2, 3, 4, 5, 6], reset: [6] });
});

test('a group that has no offsets is refused, unless the table says where to begin', async () => {
  const shop = await RealShop.open('functions');
  await shop.topic();
  const options = { 'scan.startup.mode': 'group-offsets', 'properties.group.id': `none-${shop.topicName}` };
  const { err } = await shop.type('sql', '-e', shop.job({ ...COUNTS, options }));
  expect(err).toMatch(/OPTION_INVALID: group 'none-.*' has no offset[^]*hint: Set 'properties.auto.offset.reset'/);
});

test.each(MODES)("a job's progress is that of its group, as Kafka's own tool shows it, by %s", async (mode) => {
  const shop = await RealShop.open(mode);
  await shop.topic();
  const group = `progress-${shop.topicName}`;
  const job = await shop.submit(shop.job({ ...COUNTS, options: { 'properties.group.id': group } }));
  await shop.send([click(1), click(2), click(70), click(140)]);
  await shop.upToEnd();
  await shop.sluice('stop', job, '-p', `${shop.home}/savepoints`);
  expect(await groupOffsets(group)).toEqual([{ topic: shop.topicName, partition: 0, current: 4, end: 4 }]);
});

test.each(MODES)('records of every compression, by %s', async (mode) => {
  const shop = await RealShop.open(mode);
  await shop.topic();
  const kafka = opened({ 'bootstrap.servers': servers.kafka });
  onTestFinished(() => kafka.close());
  for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    await kafka.produce(shop.topicName, Array.from({ length: 25 }, (_, i) => ({ value: click(i, compression) })), { partition: 0, compression });
  }
  const options = { 'scan.bounded.mode': 'specific-offsets', 'scan.bounded.specific-offsets': 'partition:0,offset:100' };
  const job = await shop.submit(shop.job({ ...COUNTS, options }));
  await shop.send([click(99)]);
  await shop.upToEnd();
  expect(await shop.describe(job)).toMatchObject({ status: 'FINISHED' });
  expect(shop.lines().map((line) => JSON.parse(line)).map(({ type, n }) => [type, n])).toEqual([['gzip', 25], ['lz4', 25], ['snappy', 25], ['zstd', 25]]);
});

describe('transactions', () => {
  /** Two records that are committed around two that are not. */
  async function transact(topic: string): Promise<void> {
    const producer = new kafkajs.Kafka({ brokers: [servers.kafka], logLevel: kafkajs.logLevel.NOTHING }).producer({ transactionalId: `tx-${topic}`, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    for (const [name, end] of [['kept', 'commit'], ['dropped', 'abort'], ['kept', 'commit']] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [click(1, name), click(2, name)].map((value) => ({ value, partition: 0 })) });
      await transaction[end]();
    }
  }

  test.each([
    ['functions', 'read_committed', ['kept 4']],
    ['functions', 'read_uncommitted', ['dropped 2', 'kept 4']],
    ['pollers', 'read_committed', ['kept 4']],
    ['pollers', 'read_uncommitted', ['dropped 2', 'kept 4']],
  ] as const)('aborted records by %s with isolation.level %s', async (mode, level, counts) => {
    const shop = await RealShop.open(mode);
    await shop.topic();
    await transact(shop.topicName);
    const job = await shop.submit(shop.job({ ...COUNTS, options: { 'properties.isolation.level': level, 'scan.bounded.mode': 'latest-offset' } }));
    await shop.upToEnd();
    expect(await shop.describe(job)).toMatchObject({ status: 'FINISHED' });
    expect(shop.lines().map((line) => JSON.parse(line)).map(({ type, n }) => `${type} ${n}`).sort()).toEqual(counts);
  });
});

test('topics that the commands make are those of Kafka', async () => {
  const shop = await RealShop.open('pollers');
  await shop.topic(3);
  expect(await kafkaTool('topics', ['--describe', '--topic', shop.topicName])).toContain('PartitionCount: 3');
  await shop.sluice('topic', 'produce', shop.topicName, '-f', shop.file('r.jsonl', 'a\nb\n'), '--partition', '1');
  expect(await shop.sluice('topic', 'consume', shop.topicName)).toBe('a\nb');
});
