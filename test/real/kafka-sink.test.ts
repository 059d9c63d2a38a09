/** The transactional sink on a real broker: its laws, and each row once for readers of committed records, whatever happens to who writes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Cluster } from '../../lib/adapters/kafka/cluster.ts';
import type { ConnectionProperties, Kafka } from '../../lib/adapters/kafka/index.ts';
import { KafkaTransactions } from '../../lib/adapters/kafka/kafka-transactions.ts';
import { TransactionalKafkaSink } from '../../lib/adapters/kafka/sink.ts';
import { cursorGroup, transactionalId } from '../../lib/adapters/kafka/sink-failures.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { generation, jobId, offset } from '../../lib/core/numbers.ts';
import { INT, STRING } from '../../lib/core/types.ts';
import type { Sink } from '../../lib/ports/sink.ts';
import { valuesOf } from '../contracts/source.ts';
import { emission, sinkContract, type SinkWorld } from '../contracts/sink.ts';
import { JOB, layoutOf, nodeOf, rowsOf } from './kafka-sink-rows.ts';
import { broker, fresh, opened } from './kafka-world.ts';
import { click, COUNTS, RealShop } from './real-shop.ts';

const CLEANUP_MS = 300;
const PASSWORD = 'wr1ter-secret';
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
const state = broker(async () => ({
  listeners: [{ name: 'USERS', protocol: 'SASL_PLAINTEXT', properties: { 'sasl.enabled.mechanisms': 'SCRAM-SHA-512', 'scram-sha-512.sasl.jaas.config': `${SCRAM};` } }],
  properties: {
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': String(CLEANUP_MS),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  },
}));
const PROCESS = new URL('kafka-sink-process.ts', import.meta.url).pathname;
const DURABLE = { kind: 'durable' };
const LARGE = 1e7;

function adapter(more: ConnectionProperties = {}): Kafka {
  const kafka = opened({ 'bootstrap.servers': state.kafka.bootstrap, ...more });
  onTestFinished(() => kafka.close());
  return kafka;
}

async function topicOf(partitions: number): Promise<string> {
  const topic = fresh('sink');
  await adapter().admin.createTopic(topic, partitions);
  return topic;
}

/** Committed values by partition, once no transaction is open or about to end. */
async function committed(topic: string): Promise<string[][]> {
  const [reader, all] = [adapter({ 'isolation.level': 'read_committed' }), adapter()];
  const endsOf = async ({ source }: Kafka): Promise<string> => JSON.stringify((await source.topic(topic))?.partitions);
  await expect.poll(async () => (await endsOf(reader)) === (await endsOf(all)), { timeout: 20_000 }).toBe(true);
  const partitions = (await reader.source.topic(topic))?.partitions ?? [];
  return Promise.all(partitions.map(async ({ partition }) => {
    const values: string[] = [];
    for (let at = offset(0); ; ) {
      const batch = await reader.source.fetch(topic, partition, at, LARGE);
      if (batch === null) return values;
      values.push(...valuesOf(batch).map(String));
      at = batch.next;
    }
  }));
}

async function world(): Promise<SinkWorld> {
  const topic = await topicOf(1);
  return { open: async (job) => adapter().sink(job, nodeOf(topic)), effects: async () => (await committed(topic)).flat() };
}

sinkContract('kafka, transactional, on a broker', world);

/** A process that emits FIREs 1 to `fires` and gets `signal` at `step` of the last one. */
function emitter(topic: string, fires: number, step: string, signal: NodeJS.Signals): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const child = spawn(process.execPath, [PROCESS, state.kafka.bootstrap, topic, String(fires), step, signal], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** FIRE f is emitted to all partitions in turn, beginning with partition f. */
function expected(fires: number, partitions: number): string[][] {
  const lists = Array.from({ length: partitions }, (): string[] => []);
  for (let f = 1; f <= fires; f++) rowsOf(f).forEach((row, i) => lists[(f + i) % partitions]?.push(row));
  return lists;
}

const STEPS = ['committed', 'init', 'write', 'sendCursor', 'commit'].flatMap((step) => [`before ${step}`, `behind ${step}`]);

describe('each row once, in order', () => {
  test.each(STEPS)('killed %s', async (step) => {
    const topic = await topicOf(3);
    const { child, lines } = emitter(topic, 2, step, 'SIGKILL');
    expect((await lines.next()).value).toBe('1 durable');
    expect((await lines.next()).value).toBe(step);
    await once(child, 'exit');
    const sink = adapter().sink(JOB, nodeOf(topic));
    for (let f = 2; f <= 3; f++) expect(await sink.emit(emission(0, f, f - 1, rowsOf(f)))).toEqual(DURABLE);
    expect(await committed(topic)).toEqual(expected(3, 3));
  });

  test.each(['before write', 'before sendCursor', 'before commit', 'behind commit'])('a zombie that goes on %s', async (step) => {
    const topic = await topicOf(3);
    const { child, lines } = emitter(topic, 2, step, 'SIGSTOP');
    expect((await lines.next()).value).toBe('1 durable');
    expect((await lines.next()).value).toBe(step);
    const sink = adapter().sink(JOB, nodeOf(topic));
    for (let f = 2; f <= 3; f++) expect(await sink.emit(emission(0, f, f - 1, rowsOf(f)))).toEqual(DURABLE);
    child.kill('SIGCONT');
    expect((await lines.next()).value).toBe('2 durable');
    expect(await sink.emit(emission(0, 4, 3, rowsOf(4)))).toEqual(DURABLE);
    expect(await committed(topic)).toEqual(expected(4, 3));
  });

  test('a zombie of an older generation, behind a fence', async () => {
    const topic = await topicOf(1);
    const { child, lines } = emitter(topic, 2, 'before commit', 'SIGSTOP');
    await lines.next();
    await lines.next();
    const sink = adapter().sink(JOB, nodeOf(topic));
    expect(await sink.fence(generation(1))).toEqual({ g: 0, f: 1 });
    child.kill('SIGCONT');
    expect((await lines.next()).value).toBe('2 fenced');
    expect(await sink.emit(emission(1, 2, 1, ['of the new generation']))).toEqual(DURABLE);
    expect(await committed(topic)).toEqual([[...rowsOf(1), 'of the new generation']]);
  });

  test('a transaction that outlives its timeout', async () => {
    const topic = await topicOf(3);
    const place = { job: JOB, node: nodeOf(topic), layout: layoutOf(topic) };
    const cluster = new Cluster({ 'bootstrap.servers': state.kafka.bootstrap, 'transaction.timeout.ms': '1000' }, nodeRuntime);
    onTestFinished(() => cluster.close());
    const transactions = new KafkaTransactions(cluster, { topic, transactionalId: transactionalId(place), group: cursorGroup(place) }, nodeRuntime);
    const slow = new TransactionalKafkaSink({
      ...place,
      runtime: nodeRuntime,
      transactions: {
        partitions: () => transactions.partitions(),
        committed: (when) => transactions.committed(when),
        init: async () => {
          const session = await transactions.init();
          const sendCursor = async (cursor: Parameters<typeof session.sendCursor>[0]): Promise<void> => {
            await nodeRuntime.sleep(1000 + 5 * CLEANUP_MS);
            await session.sendCursor(cursor);
          };
          return { write: (records) => session.write(records), sendCursor, commit: () => session.commit(), abort: () => session.abort() };
        },
      },
    });
    await expect(slow.emit(emission(0, 1, null, rowsOf(1)))).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      message: expect.stringContaining('longer than its timeout of 1000 ms'),
      hint: expect.stringContaining('properties.transaction.timeout.ms'),
    });
    expect(await committed(topic)).toEqual([[], [], []]);
    expect(await adapter().sink(JOB, nodeOf(topic)).emit(emission(0, 1, null, rowsOf(1)))).toEqual(DURABLE);
    expect(await committed(topic)).toEqual(expected(1, 3));
  });

  test('a broker that is killed and comes back', async () => {
    const topic = await topicOf(2);
    const sink = adapter().sink(JOB, nodeOf(topic));
    const emitting = (async () => {
      for (let f = 1; f <= 40; f++) await persist(sink, f);
    })();
    await expect.poll(async () => (await adapter().source.topic(topic))?.partitions[0]?.end ?? 0, { timeout: 20_000 }).toBeGreaterThan(20);
    await state.kafka.kill();
    await nodeRuntime.sleep(500);
    await state.kafka.restart();
    await emitting;
    expect(await committed(topic)).toEqual(expected(40, 2));
  });
});

/** As the engine does it. */
async function persist(sink: Sink, f: number): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const result = await sink.emit(emission(0, f, f === 1 ? null : f - 1, rowsOf(f))).catch((error: unknown) => error);
    if (JSON.stringify(result) === JSON.stringify(DURABLE)) return;
    expect(result).toMatchObject(result instanceof Error ? { code: 'SINK_UNAVAILABLE' } : { kind: 'fenced' });
  }
  throw new Error(`FIRE ${f} was never confirmed`);
}

const consume = (topic: string, count: number, ...more: string[]): Promise<string> =>
  state.kafka.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    '--bootstrap-server', state.kafka.bootstrap, '--topic', topic, '--from-beginning', '--isolation-level', 'read_committed', '--max-messages', String(count), '--timeout-ms', '20000',
    ...more.flatMap((property) => ['--formatter-property', property]),
  ]);

test("what Kafka's own consumer reads: key, value, headers, time; equal keys go where Java's producer sends them", async () => {
  const [ours, javas] = [await topicOf(5), await topicOf(5)];
  const keys = Array.from({ length: 40 }, (_, i) => `kéy-${'x'.repeat(i % 9)}${i}`);
  const json = { kind: 'json', timestampStandard: 'SQL', plainDecimals: false, omitsNulls: false } as const;
  const layout = layoutOf(ours, { key: { format: { kind: 'raw', endianness: 'big-endian' }, columns: [{ column: 0, field: 'k' }] }, value: { format: json, columns: [0, 1] }, timestamp: 2, properties: {} });
  const columns = [{ name: 'k', type: STRING, nullable: false }, { name: 'n', type: INT, nullable: true }, { name: 't', type: { kind: 'TIMESTAMP_LTZ', precision: 3 } as const, nullable: true }];
  const sink = adapter({ 'compression.type': 'zstd' }).sink(JOB, { ...nodeOf(ours), columns, records: layout });
  const time = Date.now() - 60_000; // records that are older than the retention would be removed
  const rows = keys.map((key, i) => [key, i === 0 ? null : i, time + i]);
  expect(await sink.emit({ ...emission(3, 9, null, []), rows })).toEqual(DURABLE);
  await state.kafka.tool('org.apache.kafka.tools.ConsoleProducer', ['--bootstrap-server', state.kafka.bootstrap, '--topic', javas, '--reader-property', 'parse.key=true', '--reader-property', 'key.separator==' ], keys.map((key) => `${key}=v\n`).join(''));
  const partitions = async (topic: string): Promise<string[]> =>
    (await consume(topic, keys.length, 'print.partition=true', 'print.key=true', 'print.value=false')).split('\n').filter((line) => line.startsWith('Partition:')).map((line) => line.trim()).toSorted();
  expect(await partitions(ours)).toEqual(await partitions(javas));
  const lines = (await consume(ours, keys.length, 'print.headers=true', 'print.timestamp=true')).split('\n');
  expect(lines).toContain(`CreateTime:${time}\tsluice-fire:${JOB}:3:9:0\t{"k":"${keys[0]}","n":null}`);
  expect(lines).toContain(`CreateTime:${time + 7}\tsluice-fire:${JOB}:3:9:7\t{"k":"${keys[7]}","n":7}`);
});

describe('what is wrong, and what to do; then it goes on', () => {
  test('a topic that is deleted, and made again', async () => {
    const kafka = adapter();
    const topic = await topicOf(1);
    const sink = kafka.sink(JOB, nodeOf(topic));
    await sink.emit(emission(0, 1, null, ['a']));
    await kafka.admin.deleteTopic(topic);
    const refused = await sink.emit(emission(0, 2, 1, ['b'])).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining(`topic '${topic}'`), hint: expect.stringContaining(`sluice topic create ${topic}`) });
    await kafka.admin.createTopic(topic, 1);
    expect(await sink.emit(emission(0, 2, 1, ['b']))).toEqual(DURABLE);
    expect(await committed(topic)).toEqual([['b']]);
  });

  test('rows that are larger than the topic allows', async () => {
    const topic = await topicOf(1);
    const limit = (bytes: number): Promise<string> =>
      state.kafka.tool('kafka.admin.ConfigCommand', ['--bootstrap-server', state.kafka.bootstrap, '--alter', '--entity-type', 'topics', '--entity-name', topic, '--add-config', `max.message.bytes=${bytes}`]);
    await limit(2000);
    const sink = adapter().sink(JOB, nodeOf(topic));
    const small = Array.from({ length: 200 }, (_, i) => `${i}`.padStart(100, '-'));
    expect(await sink.emit(emission(0, 1, null, small))).toEqual(DURABLE);
    const large = ['x', 'y'.repeat(5000)];
    await expect(sink.emit(emission(0, 2, 1, large))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('a row is larger than the topic allows'), hint: expect.stringContaining(`--entity-name ${topic} --add-config max.message.bytes`) });
    expect(await committed(topic)).toEqual([small]); // no transaction is open
    await limit(1_000_000);
    expect(await sink.emit(emission(0, 2, 1, large))).toEqual(DURABLE);
    expect(await committed(topic)).toEqual([[...small, ...large]]);
  });

  test('a transaction timeout above what the brokers allow', async () => {
    const topic = await topicOf(1);
    const sink = adapter({ 'transaction.timeout.ms': '3600000' }).sink(JOB, nodeOf(topic));
    await expect(sink.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', hint: expect.stringContaining('transaction.max.timeout.ms') });
  });

  test('a user without ACLs, until the ones that the hint names are given', async () => {
    const topic = await topicOf(2);
    const tool = (name: string, ...args: string[]): Promise<string> => state.kafka.tool(name, ['--bootstrap-server', state.kafka.bootstrap, ...args]);
    const allow = (...args: string[]): Promise<string> => tool('org.apache.kafka.tools.AclCommand', '--add', '--allow-principal', 'User:writer', ...args);
    await tool('kafka.admin.ConfigCommand', '--alter', '--entity-type', 'users', '--entity-name', 'writer', '--add-config', `SCRAM-SHA-512=[password=${PASSWORD}]`);
    const user = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.jaas.config': `${SCRAM} username="writer" password="${PASSWORD}";` };
    const sink = adapter({ 'bootstrap.servers': state.kafka.bootstrapOf['USERS'] ?? '', ...user }).sink(JOB, nodeOf(topic));
    const id = `sluice-${JOB}-out`;
    const hint = `Allow the user of this connection Describe, Write and Read on topic '${topic}', Describe and Write on transactional id '${id}', and Read on group '${id}-cursor'.`;
    const refused = (): Promise<unknown> => expect(sink.emit(emission(0, 1, null, ['a', 'b']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('AUTHORIZATION_FAILED'), hint });
    await refused();
    await allow('--operation', 'Describe', '--operation', 'Write', '--operation', 'Read', '--topic', topic);
    await refused();
    await allow('--operation', 'Describe', '--operation', 'Write', '--transactional-id', 'sluice-', '--resource-pattern-type', 'prefixed');
    await refused();
    await allow('--operation', 'Read', '--group', 'sluice-', '--resource-pattern-type', 'prefixed');
    expect(await sink.emit(emission(0, 1, null, ['a', 'b']))).toEqual(DURABLE);
    expect((await committed(topic)).flat().toSorted()).toEqual(['a', 'b']);
  });

  test('brokers that do not run', async () => {
    const sink = adapter({ 'bootstrap.servers': '127.0.0.1:9' }).sink(JOB, nodeOf('nowhere'));
    await expect(sink.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('127.0.0.1:9'), hint: expect.stringContaining('brokers run') });
  });
});

test('at least once: rows are there without a transaction, again when they are emitted again, with the same headers', async () => {
  const topic = await topicOf(1);
  const sink = adapter().sink(JOB, nodeOf(topic, { guarantee: 'at-least-once' }));
  expect(sink.fences).toBe(false);
  for (let n = 0; n < 2; n++) expect(await sink.emit(emission(0, 1, null, ['a', 'b']))).toEqual(DURABLE);
  expect(await sink.fence(generation(1))).toBeNull();
  expect(await committed(topic)).toEqual([['a', 'b', 'a', 'b']]);
});

test('two sinks of two jobs in one topic have cursors of their own', async () => {
  const topic = await topicOf(1);
  const other = jobId('fedcba9876543210fedcba9876543210');
  const sinks = [adapter().sink(JOB, nodeOf(topic)), adapter().sink(other, nodeOf(topic))];
  await Promise.all(sinks.map((sink, i) => sink.emit(emission(0, 1, null, [`job ${i}`]))));
  expect((await committed(topic)).flat().toSorted()).toEqual(['job 0', 'job 1']);
});

test('a job from topic to topic by the command line: windows exactly once, through a stop with savepoint', async () => {
  const shop = new RealShop('pollers', state.kafka.bootstrap);
  const [from, to] = [await topicOf(2), await topicOf(2)];
  const produce = (...seconds: number[]): Promise<void> => adapter().produce(from, seconds.map((second) => ({ value: click(second) })), { partition: 0 });
  const servers = `'properties.bootstrap.servers' = 'named-by-the-command-line:9092'`;
  const id = await shop.submit(`SET 'table.exec.source.idle-timeout' = '1 s';
CREATE TABLE events (${COUNTS.columns}) WITH ('connector' = 'kafka', 'topic' = '${from}', ${servers}, 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE counts (window_start TIMESTAMP(3), type STRING, n BIGINT, PRIMARY KEY (window_start, type) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = '${to}', ${servers},
  'key.format' = 'json', 'value.format' = 'json', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'shop');
INSERT INTO counts ${COUNTS.select.replace('window_start, type, COUNT', "window_start, COALESCE(type, ''), COUNT")};`);
  const runner = shop.spawnUp();
  await produce(1, 2, 70);
  const rows = async (): Promise<string[]> => (await committed(to)).flat().toSorted();
  const first = '{"window_start":"2026-01-01 10:00:00","type":"click","n":2}';
  await expect.poll(rows, { timeout: 60_000, interval: 500 }).toEqual([first]);
  await shop.sluice('stop', id, '-p', shop.home);
  await shop.sluice('resume', id);
  await produce(200);
  const second = '{"window_start":"2026-01-01 10:01:00","type":"click","n":1}';
  await expect.poll(rows, { timeout: 60_000, interval: 500 }).toEqual([first, second]);
  expect(await runner.end()).toBe(0);
});
