/**
 * `npm run bench:real -- cold-start [--runs 20] [--dynamodb local|dynoxide]`: from the start of a writer's process to its first entry in the log, each time in a new
 * sandbox, with where the time goes. No compile cache: Lambda has none. Store, Kafka and sandbox share the cores
 * of this machine.
 */
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { localArn } from '../../../lib/lambda/alias.ts';
import { LINES } from '../../../lib/lambda/telemetry.ts';
import { openBundles } from '../../../lib/local/function-runner/bundles.ts';
import { openFunctionHost } from '../../../lib/local/function-runner/hosts.ts';
import { labPlan } from '../../engine/lab-plan.ts';
import { Platform, variablesOfAws } from '../../real/platform/platform.ts';
import { makeTopic } from '../../real/platform/topic.ts';
import { eventLine } from '../events.ts';
import { withServices, type BenchServices } from './services.ts';
import { median } from './statistics.ts';
import { cpuByFunction } from './warm.ts';

const TOPIC = 'cold';
const SHAPE = { keys: 10, ratePerS: 1000 };
const BATCH = 100;

/** A Kafka event of the records [from, from + BATCH). */
function eventOf(from: number): string {
  const records = Array.from({ length: BATCH }, (_, i) => {
    const value = Buffer.from(eventLine(from + i, SHAPE)).toString('base64');
    return { topic: TOPIC, partition: 0, offset: from + i, timestamp: Date.now(), timestampType: 'CREATE_TIME', value, headers: [] };
  });
  return JSON.stringify({ eventSource: 'SelfManagedKafka', records: { [`${TOPIC}-0`]: records } });
}

interface ColdStart {
  /** From the start of the process until its line says that the entry is there. */
  readonly ms: number;
  /** Of the process, to the end of the invocation: says more than its time where others use the cores as well. */
  readonly cpuMs: number;
}

async function coldStart({ urls }: BenchServices, bundles: string, functionArn: string, payload: string): Promise<ColdStart> {
  let committedAt = 0;
  const host = await openFunctionHost({
    urls,
    bundles,
    environment: variablesOfAws(),
    writers: 1,
    onLine: (line) => {
      if (line.includes(`"message":"${LINES.committed}"`)) committedAt = performance.now();
    },
  });
  try {
    const began = performance.now();
    const answer = await host.functions.invoke({ functionArn, payload, type: 'RequestResponse' });
    if (answer.kind !== 'ok' || committedAt === 0) throw new Error(`nothing was committed: ${JSON.stringify(answer)}`);
    return { ms: committedAt - began, cpuMs: 1000 * (cpuByFunction()['sluice-writer'] ?? 0) };
  } finally {
    await host.close();
  }
}

interface Loading {
  readonly started: number;
  readonly imported: number;
}

async function loading({ urls }: BenchServices, module: string): Promise<Loading> {
  const env = { ...variablesOfAws(), SLUICE_STORE: urls.store, SLUICE_BLOBS: urls.blobs, SLUICE_KAFKA: urls.kafka };
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'import-time.ts'), module], { env });
  return JSON.parse(stdout);
}

async function printSizes(bundles: string): Promise<void> {
  for (const name of ['writer', 'firer', 'workflow']) {
    const files = (await readdir(join(bundles, name))).filter((file) => file.endsWith('.mjs'));
    const sizes = new Map(await Promise.all(files.map(async (file) => [file, (await stat(join(bundles, name, file))).size] as const)));
    const all = [...sizes.values()].reduce((a, b) => a + b, 0);
    console.log(`  bundle ${name.padEnd(8)}: entry ${((sizes.get('index.mjs') ?? 0) / 1024).toFixed(0)} KB of ${(all / 1024).toFixed(0)} KB in ${files.length} files`);
  }
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' }, dynamodb: { type: 'string', default: 'dynoxide' } } });
const runs = Number(values.runs);
const ms = (list: readonly number[]): string => `${median(list).toFixed(0)} ms (${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)})`;

await withServices(values.dynamodb === 'local' ? 'local' : 'dynoxide', async (services) => {
  console.log(`Cold start of the writer, p50 of ${runs} runs (aim: 400 ms); ${services.engines}`);
  const bundles = await openBundles();
  await makeTopic(services.urls.kafka, TOPIC, { ...SHAPE, partitions: 1, records: (runs + 1) * BATCH });
  const plan = labPlan({ topic: TOPIC, path: join(services.dir, 'out') });
  const platform = await Platform.open(plan, { urls: services.urls, bundles: bundles.directory, batches: { batchSize: BATCH, batchingWindowSeconds: 0 }, writers: 1 });
  try {
    await printSizes(bundles.directory);
    const arn = localArn('sluice-writer', { job: platform.id, g: platform.job.g });
    // The first one finds files that no cache of the system holds.
    await coldStart(services, bundles.directory, arn, eventOf(0));
    const starts: ColdStart[] = [];
    const loads: Loading[] = [];
    for (let run = 1; run <= runs; run++) {
      starts.push(await coldStart(services, bundles.directory, arn, eventOf(run * BATCH)));
      loads.push(await loading(services, join(bundles.directory, 'writer/index.mjs')));
    }
    const whole = starts.map((start) => start.ms);
    const [started, imported] = [loads.map((load) => load.started), loads.map((load) => load.imported)];
    console.log(`  process start to entry: ${ms(whole)}; CPU ${ms(starts.map((start) => start.cpuMs))}`);
    console.log(`    node ${ms(started)}, import of the bundle ${ms(imported)}, first requests ${(median(whole) - median(started) - median(imported)).toFixed(0)} ms`);
  } finally {
    await platform.close();
    await bundles.dispose();
  }
});
