/**
 * `npm run bench:real -- savepoint [--dynamodb local|dynoxide] [--partitions 100] [--keys 1000000]`: a live savepoint of a large state (protocol 11.2), by
 * the workflow function, while every partition has input: how long each phase takes, and the longest pause between two commits of a partition.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openKafka, type Kafka } from '../../../lib/adapters/kafka/index.ts';
import { nodeCodec } from '../../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { readSavepointRequest, type SavepointRequest } from '../../../lib/engine/lifecycle/savepoint.ts';
import { openCoordinatorLog } from '../../../lib/engine/log/logs.ts';
import { openBundles } from '../../../lib/local/function-runner/bundles.ts';
import { labPlan } from '../../engine/lab-plan.ts';
import { Platform } from '../../real/platform/platform.ts';
import { makeTopic } from '../../real/platform/topic.ts';
import { BUCKET } from '../../services/environment.ts';
import { eventLine, type EventShape } from '../events.ts';
import { withServices, type BenchServices } from './services.ts';

const TOPIC = 'savepoint';
const WRITERS = 2;
const BATCH = 10_000;
const RUN_MS = 300_000;
/** All records lie in one window. */
const RATE_PER_S = 100_000;
const EVERY_MS = 400;
const QUIET_MS = 8000;
const LOG_BYTES_MAX = 10_000_000;

const { values } = parseArgs({
  options: { dynamodb: { type: 'string', default: 'dynoxide' }, partitions: { type: 'string', default: '100' }, keys: { type: 'string', default: '1000000' } },
});
const partitions = Number(values.partitions);
const shape: EventShape = { keys: Number(values.keys), ratePerS: RATE_PER_S };

/** A record for every partition, again and again, until `signal`. */
async function trickle(kafka: Kafka, signal: AbortSignal): Promise<void> {
  for (let i = 0; !signal.aborted; i++) {
    const began = performance.now();
    await Promise.all(Array.from({ length: partitions }, (_, partition) => kafka.produce(TOPIC, [{ value: eventLine(i, shape) }], { partition })));
    await sleep(Math.max(0, EVERY_MS - (performance.now() - began)));
  }
}

/** The longest pause between two commits of one partition that overlaps [from, to], ms; a partition that is silent until `to` pauses until then. */
function longestPause({ lines }: Platform, from: number, to: number): number {
  const times = Array.from({ length: partitions }, (_, partition) => lines.commits.filter((commit) => commit.partition === partition).map(({ at }) => at));
  const pausesOf = (at: readonly number[]): number[] => [...at.filter((t) => t < to), to].flatMap((t, i, all) => (i > 0 && t > from ? [t - (all[i - 1] ?? t)] : []));
  return Math.max(...times.flatMap(pausesOf));
}

async function phases({ workshop, job }: Platform, { requestedAt, trigger, checkpoint }: SavepointRequest, doneAt: number): Promise<string> {
  const { entries } = await openCoordinatorLog(workshop.ports, job).readAfter(-1, LOG_BYTES_MAX);
  const fire = entries.find((entry) => entry.kind === 'FIRE' && entry.barrier === trigger);
  const taken = checkpoint === null ? undefined : entries.find(({ seq }) => seq === checkpoint);
  if (fire === undefined || taken === undefined) throw new Error('the savepoint has left no barrier');
  const s = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  return `request to FIRE with the barrier ${s(fire.at - requestedAt)}, to its CHECKPOINT ${s(taken.at - fire.at)}, export ${s(doneAt - taken.at)}, together ${s(doneAt - requestedAt)}`;
}

/** The two tasks of an execution; returns the id of its request. */
async function execute(platform: Platform): Promise<string> {
  const [execution, phase] = ['bench', 'savepoint'] as const;
  const input = { job: platform.id, directory: `s3://${BUCKET}/savepoints` };
  for (const action of ['request', 'savepoint'] as const) await platform.workflow({ action, phase, workflow: phase, execution, input });
  return nodeCodec.sha256(`${execution}:${platform.id}:${phase}`).slice(0, 32);
}

async function run({ urls, dir }: BenchServices, bundles: string, kafka: Kafka): Promise<void> {
  const platform = await Platform.open(labPlan({ topic: TOPIC, path: join(dir, 'out') }), { urls, bundles, batches: { batchSize: BATCH, batchingWindowSeconds: 0 }, writers: WRITERS });
  const end = new AbortController();
  try {
    await platform.start();
    await platform.untilCommitted(shape.keys, RUN_MS);
    await platform.settle();
    const trickling = trickle(kafka, end.signal);
    await sleep(QUIET_MS);
    const began = performance.now();
    const trigger = await execute(platform);
    const [doneAt, ended] = [Date.now(), performance.now()];
    await sleep(2 * EVERY_MS);
    end.abort();
    await trickling;
    const request = await readSavepointRequest(platform.workshop.ports, platform.id, trigger);
    if (request.status !== 'COMPLETED') throw new Error(`the savepoint is ${request.status}: ${request.failure?.message}`);
    console.log(`  ${await phases(platform, request, doneAt)}`);
    console.log(`  longest pause between two commits of a partition: ${longestPause(platform, began - QUIET_MS / 2, began).toFixed(0)} ms before, ${longestPause(platform, began, ended).toFixed(0)} ms during the savepoint`);
    if (platform.lines.problems[0] !== undefined) console.log(`    ${platform.lines.problems.length} problems: ${platform.lines.problems[0]}`);
  } finally {
    end.abort();
    await platform.close();
  }
}

await withServices(values.dynamodb === 'local' ? 'local' : 'dynoxide', async (services) => {
  console.log(`Live savepoint: ${partitions} partitions, ${shape.keys} keys, a record for every partition each ${EVERY_MS} ms; ${services.engines}`);
  const bundles = await openBundles();
  const kafka = openKafka(() => ({ 'bootstrap.servers': services.urls.kafka }), { runtime: nodeRuntime, codec: nodeCodec });
  try {
    await makeTopic(services.urls.kafka, TOPIC, { ...shape, partitions, records: shape.keys });
    await run(services, bundles.directory, kafka);
  } finally {
    await kafka.close();
    await bundles.dispose();
  }
});
