/**
 * A writer that is frozen in the middle of its invocation and goes on when its successor has committed: nothing is changed by it, neither the logs nor
 * the group's offsets nor the table. The bundles that AWS runs, on Kafka, DynamoDB and S3.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTable } from '../../lib/adapters/dynamodb/index.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { stopJob } from '../../lib/control/operations.ts';
import { partitionId } from '../../lib/core/numbers.ts';
import type { Job } from '../../lib/engine/job.ts';
import { coordinatorLog, groupOf, partitionLog } from '../../lib/engine/keys.ts';
import { openControlledJob, readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { localArn } from '../../lib/lambda/alias.ts';
import { openEventSources, type EventSources } from '../../lib/local/event-source/event-sources.ts';
import { kafkaConsumers } from '../../lib/local/event-source/kafka-consumer.ts';
import { openBundles, type Bundles } from '../../lib/local/function-runner/bundles.ts';
import { openFunctionHost, type FunctionHost } from '../../lib/local/function-runner/hosts.ts';
import { requestsFor } from '../../lib/local/function-runner/mappings.ts';
import type { Zombie } from '../../lib/local/sandbox/local-function.ts';
import { openRealPlace, type RealPlace } from '../../lib/place/real.ts';
import { BUCKET, CREDENTIALS } from '../services/environment.ts';
import { fresh } from './kafka-world.ts';
import { startJob } from './kills/job.ts';
import { running } from './kills/processes.ts';
import type { Seen, When } from './proxy/faults.ts';
import { openHttpProxy, type HttpProxy } from './proxy/http-proxy.ts';
import { servers } from './servers.ts';

const RECORDS = 500;
/** Time enough for a Put that is no longer held to be refused. */
const LANDS_MS = 500;
const START_MS = Date.UTC(2025, 11, 30, 10, 0, 0);

let dir = '';
let bundles: Bundles;
let proxy: HttpProxy;
let place: RealPlace;
let host: FunctionHost;
let sources: EventSources;
const lines: string[] = [];
let topic = '';
let job: Job;

beforeAll(async () => {
  bundles = await openBundles();
});
afterAll(() => bundles.dispose());
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-zombies-'));
  topic = fresh('zombies');
  proxy = await openHttpProxy(servers.dynamodb);
  const urls = { store: `dynamodb://${topic}`, blobs: `s3://${BUCKET}/${topic}`, kafka: servers.kafka };
  await createTable(urls.store);
  place = openRealPlace(urls);
  await place.kafka.general().admin.createTopic(topic, 1);
  const id = await startJob(place.workshop, topic, join(dir, 'out'));
  job = await openControlledJob(place.workshop, id, (await readControl(place.workshop.ports, id)).control);
  const environment = { ...CREDENTIALS, AWS_ENDPOINT_URL_DYNAMODB: proxy.url, AWS_ENDPOINT_URL_S3: servers.s3, SLUICE_TICK_MS: '1000' };
  host = await openFunctionHost({ urls, bundles: bundles.directory, environment, writers: 2, onLine: (line) => lines.push(line) });
  sources = openEventSources({ target: host.functions, open: kafkaConsumers({ runtime: nodeRuntime }), runtime: nodeRuntime });
  for (const request of requestsFor(job, urls, { batchSize: 1000, batchingWindowSeconds: 0 })) await sources.create(request);
});
afterEach(async () => {
  await sources.close();
  await host.close();
  expect(running(bundles.directory)).toEqual([]);
  await place.close();
  await proxy.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A piece is a minute; every one behind the first makes the window of the one before due. */
async function produce(piece: number): Promise<void> {
  const value = (i: number): string => JSON.stringify({ event_type: 'click', amount: i, event_time: new Date(START_MS + piece * 60_000 + 10_000 + i).toISOString().slice(0, 23) });
  await place.kafka.general().produce(topic, Array.from({ length: RECORDS }, (_, i) => ({ value: value(i) })), { partition: 0 });
}

const log = (): string => partitionLog(job.id, job.g, partitionId(0, 0, 0));

async function entriesOf(key: string): Promise<readonly string[]> {
  const { items, more } = await place.workshop.ports.log.readAfter(key, -1, 64 * 1024 * 1024);
  expect(more).toBe(false);
  return items.map((item) => `${item.seq} ${item.id} ${item.ttl} ${item.body} ${Buffer.from(item.data ?? []).toString('hex')}`);
}

/** Everything that a zombie could spoil. */
async function everything(): Promise<object> {
  const out = join(dir, 'out');
  return {
    partition: await entriesOf(log()),
    coordinator: await entriesOf(coordinatorLog(job.id, job.g)),
    offsets: await place.workshop.ports.offsets.committed(groupOf(job.id, job.g, 0, topic), topic, 0),
    table: readdirSync(out).map((name) => `${name}: ${readFileSync(join(out, name), 'utf8')}`),
  };
}

const entries = async (): Promise<number> => (await entriesOf(log())).length;

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await isSo()) return;
    await sleep(50);
  }
  throw new Error(`waited in vain until ${what}:\n${lines.slice(-10).join('\n')}`);
}

/** All that is produced is committed, in the log and by the group, and what is due is in the table. */
async function settled(pieces: number): Promise<void> {
  await until(async () => (await place.workshop.ports.offsets.committed(groupOf(job.id, job.g, 0, topic), topic, 0)) === pieces * RECORDS, 'the group has committed');
  await until(() => host.functions.isIdle, 'nothing runs');
  const fired = await host.functions.invoke({ functionArn: localArn('sluice-firer', { job: job.id, g: job.g }), payload: '{"once":true}', type: 'RequestResponse' });
  expect(fired).toMatchObject({ kind: 'ok', payload: expect.stringContaining('"hasReadAll":true') });
}

function strand(): Zombie {
  const zombie = host.functions.strand('sluice-writer');
  if (zombie === null) throw new Error('no writer is in the middle of an invocation');
  return zombie;
}

/** Puts of entries into partition logs that the store was asked for. */
const puts = (): number =>
  Object.entries(proxy.counts())
    .filter(([name]) => name.startsWith('PutItem') && name.includes('#P'))
    .reduce((n, [, count]) => n + count, 0);

/** The next request of the writer that `matches` is held, before or behind the store, and the writer is frozen meanwhile. */
async function frozenAt(matches: (seen: Seen) => boolean, when: When, piece: number): Promise<{ zombie: Zombie; release: () => void }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isHeld = false;
  const isIt = (seen: Seen): boolean => {
    const found = matches(seen);
    isHeld ||= found;
    return found;
  };
  proxy.inject({ matches: isIt, fault: { kind: 'hold', until: promise, when }, times: 1 });
  await produce(piece);
  await until(() => isHeld, 'the request is sent');
  return { zombie: strand(), release: resolve };
}

const isOfPartition = ({ keys }: Seen): boolean => keys.some((key) => key.includes('#P'));
const isEntry = (seen: Seen): boolean => seen.operation === 'PutItem' && isOfPartition(seen);
const isHead = (seen: Seen): boolean => seen.operation === 'Query' && seen.isBackward && isOfPartition(seen);

/** Its Put is on the way to the store, and does not get there before `release`. */
const frozenBehindItsPut = (piece: number): Promise<{ zombie: Zombie; release: () => void }> => frozenAt(isEntry, 'before', piece);

/** A new sandbox has asked for the head, and goes on with what that was. */
async function frozenBeforeItsPut(piece: number): Promise<Zombie> {
  for (const pid of running(join(bundles.directory, 'writer'))) process.kill(pid, 'SIGKILL');
  const { zombie, release } = await frozenAt(isHead, 'after', piece);
  release();
  return zombie;
}

/** It goes on until it says `word`, now that nobody else says anything. */
async function goesOn(zombie: Zombie, word: string): Promise<void> {
  lines.length = 0;
  zombie.resume();
  await until(() => lines.some((line) => line.includes(word)), `the zombie says ${word}`);
}

const DUPLICATE = '"duplicate":true';

test('a Put that was held back lands behind that of the successor, and changes nothing', { timeout: 120_000 }, async () => {
  await produce(0);
  await settled(1);
  const { zombie, release } = await frozenBehindItsPut(1);
  await settled(2);
  const before = await everything();
  release();
  await sleep(LANDS_MS);
  expect(await everything()).toEqual(before);
  await goesOn(zombie, DUPLICATE);
  expect(await everything()).toEqual(before);
});

test('a writer that has read the head goes on when its successor has committed: its Put is refused, and changes nothing', { timeout: 120_000 }, async () => {
  await produce(0);
  await settled(1);
  const zombie = await frozenBeforeItsPut(1);
  await settled(2);
  const before = await everything();
  const sent = puts();
  await goesOn(zombie, DUPLICATE);
  expect(puts()).toBe(sent + 1);
  expect(await everything()).toEqual(before);
  // The generation goes on over it.
  const committed = await entries();
  await produce(2);
  await settled(3);
  expect(await entries()).toBeGreaterThan(committed);
});

test('a writer that goes on when its generation is over changes nothing either', { timeout: 120_000 }, async () => {
  await produce(0);
  await settled(1);
  const zombie = await frozenBeforeItsPut(1);
  await settled(2);
  await stopJob(place.workshop, job.id, { directory: `s3://${BUCKET}/${topic}-savepoints`, drain: false });
  const before = await everything();
  await goesOn(zombie, 'FROZEN');
  expect(await everything()).toEqual(before);
});
