/** `sluice esm` as users run it: driven by AWS's client, functions behind an Invoke API, stopped and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateEventSourceMappingCommand, GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Kafka } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { Deliveries, untilTrue } from '../local/event-source/deliveries.ts';
import { broker, fresh } from './kafka-world.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const state = broker();

/** An Invoke API whose functions remember what they are invoked with, and under which path. */
async function emulator(deliveries: Deliveries): Promise<{ url: string; paths: Set<string> }> {
  const paths = new Set<string>();
  const server = createServer(async (request, response) => {
    paths.add(decodeURIComponent(request.url ?? ''));
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(Buffer.from(part));
    await deliveries.take(JSON.parse(Buffer.concat(parts).toString()));
    response.end('null');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens');
  return { url: `http://127.0.0.1:${address.port}`, paths };
}

/** The command, up: its URL, and how it ends. */
async function esm(...argv: string[]): Promise<{ client: LambdaClient; out: () => string; end: () => Promise<number | null> }> {
  const child: ChildProcess = spawn(process.execPath, [`${ROOT}bin/sluice.ts`, 'esm', '--port', '0', ...argv], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout?.on('data', (text: Buffer) => {
    out += text.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const end = (): Promise<number | null> => {
    child.kill('SIGINT');
    return exit;
  };
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  await untilTrue(() => /http:\/\/127\.0\.0\.1:\d+/.test(out) || child.exitCode !== null, 'the command listens');
  const client = new LambdaClient({ endpoint: /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0] ?? '', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  return { client, out: () => out, end };
}

test('polls what AWS clients map, goes on after a restart, and invokes the function by its alias', async () => {
  const topic = fresh('command');
  const kafka = new Kafka({ brokers: [state.kafka.bootstrap], logLevel: 0 });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  onTestFinished(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
  const produce = (count: number): Promise<unknown> => producer.send({ topic, messages: Array.from({ length: count }, (_, i) => ({ partition: i % 2, value: String(i) })) });
  const dir = mkdtempSync(join(tmpdir(), 'esm-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const deliveries = new Deliveries();
  const { url, paths } = await emulator(deliveries);
  const argv = ['--kafka', state.kafka.bootstrap, '--lambda-endpoint', url, '--state', join(dir, 'mappings.json')];

  const first = await esm(...argv);
  const { UUID } = await first.client.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'counter:live',
      // Brokers of the command line stand for those that a container would see.
      SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['kafka:9092'] } },
      Topics: [topic],
      StartingPosition: 'TRIM_HORIZON',
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: `g-${topic}` },
    }),
  );
  await produce(300);
  await untilTrue(() => deliveries.count === 300, 'all records arrive');
  expect(await first.end()).toBe(0);
  expect(first.out()).toMatch(/reads partitions 0, 1\n(.*\n)*.*records? processed/);

  await produce(100);
  const second = await esm(...argv);
  expect(await second.client.send(new GetEventSourceMappingCommand({ UUID }))).toMatchObject({ State: 'Enabled', Topics: [topic] });
  await untilTrue(() => deliveries.count === 400, 'the rest arrives');
  expect(await second.end()).toBe(0);
  expect(deliveries.duplicates).toBe(0);
  expect(paths).toEqual(new Set(['/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:counter/invocations?Qualifier=live']));
});

test('the example in README prints the event of a record', async () => {
  const README = readFileSync(`${ROOT}lib/local/event-source/README.md`, 'utf8');
  const [, example = ''] = /```ts\n([^]*?)```/.exec(README) ?? [];
  const topic = fresh('orders');
  const producer = new Kafka({ brokers: [state.kafka.bootstrap], logLevel: 0 }).producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'hello' }] });
  await producer.disconnect();
  const dir = mkdtempSync(join(tmpdir(), 'esm-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'example.mts');
  writeFileSync(file, example.replaceAll('./lib/', `${ROOT}lib/`).replace('127.0.0.1:9092', state.kafka.bootstrap).replace("'orders'", `'${topic}'`));
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  let out = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString();
  });
  await untilTrue(() => out.includes('\n') || child.exitCode !== null, 'the example prints');
  expect(JSON.parse(out).records[`${topic}-0`]).toEqual([expect.objectContaining({ topic, partition: 0, offset: 0, value: 'aGVsbG8=' })]);
  child.kill('SIGINT');
  expect(await exit).toBe(0);
});
