/**
 * What a job costs, as laws: requests counted by a proxy in front of the store while the functions' bundles read a topic of four partitions and
 * nothing goes wrong (I-COST, protocol section 18). Two runs of different length tell what grows with the batches, and what with the records.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBundles, type Bundles } from '../../lib/local/function-runner/bundles.ts';
import { BUCKET, TABLE } from '../services/environment.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { Platform } from './platform/platform.ts';
import { makeTopic } from './platform/topic.ts';
import { openHttpProxy, type HttpProxy } from './proxy/http-proxy.ts';
import { servers } from './servers.ts';

const PARTITIONS = 4;
/** Sandboxes of the firer at once. */
const FIRERS = 2;
/** A window of event time every 6,000 records. */
const SHAPE = { keys: 10, ratePerS: 100 };
const RECORDS_OF_WINDOW = 6_000;
const CHECKPOINT_S = 60;
const RUN_MS = 60_000;
const DATA = 'PutItem J#*#g*#P*.*.*';

let bundles: Bundles;
let dir = '';
let proxy: HttpProxy;

beforeAll(async () => {
  bundles = await openBundles();
});
afterAll(() => bundles.dispose());

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-cost-'));
  proxy = await openHttpProxy(servers.dynamodb);
});
afterEach(async () => {
  await proxy.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Run {
  readonly batches: number;
  readonly fires: number;
  /** Of event time, that the records reach the ends of. */
  readonly windows: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
  readonly invocations: Platform['invocations'];
  readonly seconds: number;
}

async function run(records: number, batchSize: number, writers: number): Promise<Run> {
  const topic = `cost-${records}-${batchSize}-${writers}`;
  await makeTopic(servers.kafka, topic, { ...SHAPE, partitions: PARTITIONS, records });
  const direct = { store: `dynamodb://${TABLE}`, blobs: `s3://${BUCKET}/cost`, kafka: servers.kafka };
  const urls = { ...direct, store: `dynamodb://${TABLE}?endpoint=${proxy.url}` };
  const platform = await Platform.open(labPlan({ topic, path: dir }), { urls, direct, bundles: bundles.directory, batches: { batchSize, batchingWindowSeconds: 0 }, writers });
  try {
    const began = performance.now();
    await platform.start();
    await platform.untilCommitted(records, RUN_MS);
    await platform.stop();
    await platform.settle();
    const { commits, fires, problems } = platform.lines;
    const seconds = (performance.now() - began) / 1000;
    const windows = Math.floor(records / RECORDS_OF_WINDOW);
    return { batches: commits.length, fires: fires.length, windows, requests: proxy.counts(), problems, invocations: platform.invocations, seconds };
  } finally {
    await platform.close();
  }
}

/** What a run may ask for. A sandbox looks once at what it is to do, and at each of its partitions. */
function budgetOf({ batches, fires, windows, seconds, invocations }: Run, writers: number): Record<string, number> {
  const ticks = invocations.filter(({ name }) => name === 'sluice-firer').length;
  const checkpoints = 1 + Math.floor(seconds / CHECKPOINT_S);
  // Every partition that reaches the end of a window wakes the firer, and what has fired is followed by one more look.
  // A FIRE can be lost to the other firer, and then its ACK: who loses looks again, and replays what it has not fired itself.
  const lost = 2 * fires * (FIRERS - 1);
  const steps = ticks + windows * PARTITIONS + fires + lost;
  return {
    'PutItem J#*#g*#P*.*.*': batches,
    // 0 where the sandbox was the last writer, else 1; and the firer's look at the ages of heads (T2).
    'Query newest J#*#g*#P*.*.*': (writers === 1 ? PARTITIONS : batches) + FIRERS * PARTITIONS,
    'GetItem J#* GEN': writers + FIRERS,
    'GetItem J#* PLAN': writers + FIRERS,
    'GetItem J#* ERR': writers * PARTITIONS,
    // T5 once, then once a second at most (section 10 a).
    'GetItem J#*#HINT#g*': writers * (1 + Math.ceil(seconds)) + FIRERS,
    // W4: is a partition whose log has INIT alone registered?
    'Query newest J#*#g*#C': writers * PARTITIONS + FIRERS + lost,
    'GetItem J#*#g*#C': writers * (PARTITIONS + 1) + 2 * (FIRERS + lost),
    'Query J#*#g*#C': steps,
    'Query J#*#g*#P*.*.*': (steps + lost) * PARTITIONS,
    // What another sandbox may have said of the sink goes with the first rows that it takes from this one.
    'DeleteItem J#* ERR-SINK': FIRERS,
    // FIRE and ACK.
    'PutItem J#*#g*#C': 2 * fires + lost + checkpoints,
    'UpdateItem J#*#HINT#g*': fires + checkpoints,
  };
}

const excess = (requests: Run['requests'], budget: Readonly<Record<string, number>>): string[] =>
  Object.entries(requests).flatMap(([name, n]) => (n <= (budget[name] ?? 0) ? [] : [`${name}: ${n}, budget ${budget[name] ?? 0}`]));

/** Those of the firer left out. */
const readsOfWriters = (requests: Run['requests']): number =>
  Object.entries(requests)
    .filter(([name]) => /^(GetItem|Query newest)/.test(name))
    .reduce((sum, [, n]) => sum + n, 0);

async function expectBudget(records: number, batchSize: number, writers: number): Promise<Run> {
  const done = await run(records, batchSize, writers);
  expect(done.problems).toEqual([]);
  expect(done.batches).toBeGreaterThanOrEqual(200);
  expect(done.fires).toBeGreaterThan(0);
  expect(excess(done.requests, budgetOf(done, writers))).toEqual([]);
  expect(done.requests[DATA]).toBe(done.batches);
  return done;
}

test('one sandbox reads nothing but what it has not seen: one write per batch', { timeout: 2 * RUN_MS }, async () => {
  const { requests, batches } = await expectBudget(24_000, 100, 1);
  expect(readsOfWriters(requests) / batches).toBeLessThan(0.2);
});

test('sandboxes that take partitions from one another read a head at most, whatever is in a batch', { timeout: 3 * RUN_MS }, async () => {
  const small = await expectBudget(24_000, 100, 4);
  proxy.reset();
  const large = await expectBudget(96_000, 400, 4);
  for (const { requests, batches } of [small, large]) expect(readsOfWriters(requests)).toBeLessThanOrEqual(batches);
  expect(large.batches).toBeLessThan(1.5 * small.batches);
});
