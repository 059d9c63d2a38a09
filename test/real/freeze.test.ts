/**
 * The freeze of a stop (protocol 11.3): how long a hundred partitions take while the event source still delivers, by the times that the FROZEN entries
 * carry themselves. The bound is loose, since whatever runs beside it has the same cores; the figure is printed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { partitionIdsOf } from '../../lib/engine/job.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { requestStop } from '../../lib/engine/lifecycle/stop.ts';
import type { PartitionEntry } from '../../lib/engine/log/entries.ts';
import { openPartitionLog } from '../../lib/engine/log/logs.ts';
import { openBundles, type Bundles } from '../../lib/local/function-runner/bundles.ts';
import { BUCKET, TABLE } from '../services/environment.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { Platform } from './platform/platform.ts';
import { makeTopic } from './platform/topic.ts';
import { servers } from './servers.ts';

const TOPIC = 'freeze';
const PARTITIONS = 100;
const RECORDS = 60_000;
const BATCH = 50;
/** Of the batches that there are; the rest is still being delivered when the job is stopped. */
const COMMITTED = RECORDS / 20;
const FREEZE_MAX_MS = 2000;
const RUN_MS = 60_000;

let bundles: Bundles;
let dir = '';

beforeAll(async () => {
  bundles = await openBundles();
  await makeTopic(servers.kafka, TOPIC, { partitions: PARTITIONS, records: RECORDS, keys: 10, ratePerS: 1000 });
});
afterAll(() => bundles.dispose());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-freeze-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function headsOf({ job, workshop: { ports } }: Platform): Promise<PartitionEntry[]> {
  const ids = Array.from({ length: PARTITIONS }, (_, partition) => partitionIdsOf(job, TOPIC, partition)).flat();
  const heads = await Promise.all(ids.map((p) => openPartitionLog(ports, job, p).head()));
  return heads.flatMap((head) => head?.entry ?? []);
}

// Whatever else has the cores makes it longer, never shorter: one of three attempts must be fast.
test('a stop freezes a hundred partitions at once, while batches are delivered to them', { timeout: 3 * RUN_MS, retry: 2 }, async () => {
  const urls = { store: `dynamodb://${TABLE}`, blobs: `s3://${BUCKET}/freeze`, kafka: servers.kafka };
  const platform = await Platform.open(labPlan({ topic: TOPIC, path: dir }), { urls, bundles: bundles.directory, batches: { batchSize: BATCH, batchingWindowSeconds: 0 }, writers: 2 });
  try {
    await platform.start();
    await platform.untilCommitted(COMMITTED, RUN_MS);
    const requestedAt = Date.now();
    await requestStop(platform.workshop, platform.id, { directory: join(dir, 'savepoints'), drain: false });
    await runOperation(platform.workshop, platform.id);
    const committed = platform.lines.records;
    const heads = await headsOf(platform);

    expect(new Set(heads.map(({ kind }) => kind))).toEqual(new Set(['FROZEN']));
    expect(heads).toHaveLength(PARTITIONS);
    const times = heads.map(({ at }) => at - requestedAt);
    const ms = Math.max(...times);
    console.log(`freeze of ${PARTITIONS} partitions: from the request to the first FROZEN entry ${Math.min(...times)} ms, to the last ${ms} ms`);
    expect(ms).toBeLessThan(FREEZE_MAX_MS);

    // Delivery went on: what came behind FROZEN was refused, and nothing of it is in a log.
    expect(committed).toBeLessThan(RECORDS);
    expect(platform.lines.problems.some((line) => line.includes('"code":"FROZEN"'))).toBe(true);
    expect(await headsOf(platform)).toEqual(heads);
  } finally {
    await platform.close();
  }
});
