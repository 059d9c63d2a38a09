/**
 * `npm run bench:real -- throughput [--dynamodb local|dynoxide] [--keys 10,100000] [--sizes 100,1000,10000]`: events per second from Kafka to the sink, through the
 * functions' bundles in sandboxes, against the bare consumption of the same topic by kafkajs. Everything shares the cores of this machine.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { openBundles } from '../../../lib/local/function-runner/bundles.ts';
import { labPlan } from '../../engine/lab-plan.ts';
import { Platform } from '../../real/platform/platform.ts';
import { makeTopic } from '../../real/platform/topic.ts';
import { sandboxes, type SandboxUse } from './processes.ts';
import { withServices, type BenchServices } from './services.ts';
import { between, look, totalCpu } from './warm.ts';

const PARTITIONS = 4;
const RUN_MS = 120_000;
/** Enough for some seconds each. */
const RECORDS: Readonly<Record<number, number>> = { 100: 100_000, 1_000: 400_000, 10_000: 800_000 };
const RECORDS_MAX = 800_000;
/** The part of them that is read before the clock starts: processes start, and a consumer group is joined. */
const COLD = 0.25;
const WRITERS = 2;
/** Windows of a minute end every 120,000 records. */
const RATE_PER_S = 2_000;

interface Rate {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function bare(kafka: string, topic: string, records: number): Promise<Rate> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'bare-consumer.ts'), kafka, topic, String(records)]);
  const seen: { records: number; seconds: number; cpuSeconds: number } = JSON.parse(stdout);
  return { perSecond: seen.records / seen.seconds, perCpuSecond: seen.records / seen.cpuSeconds };
}

interface Passage extends Rate {
  readonly commits: number;
  readonly bytesOfCommit: number;
  readonly fires: number;
  readonly writer: SandboxUse;
  readonly firer: SandboxUse;
  readonly problems: readonly string[];
}

/** From when a part of the records is in the logs until all are, the firer has seen them, and what was due is in the sink. */
async function passage({ dir, urls }: BenchServices, bundles: string, topic: string, batchSize: number): Promise<Passage> {
  const records = RECORDS[batchSize] ?? RECORDS_MAX;
  const plan = labPlan({ topic, path: join(dir, 'out') });
  const platform = await Platform.open(plan, { urls, bundles, batches: { batchSize, batchingWindowSeconds: 0 }, writers: WRITERS });
  try {
    await platform.start();
    await platform.untilCommitted(records * COLD, RUN_MS);
    const from = look(platform);
    await platform.untilCommitted(records, RUN_MS);
    await platform.settle();
    const warm = between(from, look(platform));
    const { commits, fires, problems } = platform.lines;
    const bytesOfCommit = commits.reduce((sum, { bytes }) => sum + bytes, 0) / commits.length;
    const uses = sandboxes();
    const [writer, firer] = [largest(uses, 'sluice-writer'), largest(uses, 'sluice-firer')];
    return { perSecond: warm.records / warm.seconds, perCpuSecond: warm.records / totalCpu(warm), commits: commits.length, bytesOfCommit, fires: fires.length, writer, firer, problems };
  } finally {
    await platform.close();
  }
}

function largest(uses: readonly SandboxUse[], name: string): SandboxUse {
  const [first] = uses.filter((use) => use.name === name).toSorted((a, b) => b.peakMb - a.peakMb);
  if (first === undefined) throw new Error(`no ${name} ran`);
  return first;
}

const { values } = parseArgs({
  options: { dynamodb: { type: 'string', default: 'dynoxide' }, keys: { type: 'string', default: '10' }, sizes: { type: 'string', default: '100,1000,10000' } },
});
const k = (n: number): string => `${(n / 1000).toFixed(n < 10_000 ? 1 : 0)} k`;
const percent = (a: number, b: number): string => `${((100 * a) / b).toFixed(0)} %`;

await withServices(values.dynamodb === 'local' ? 'local' : 'dynoxide', async (services) => {
  console.log(`Kafka to sink: ${PARTITIONS} partitions, ${WRITERS} writer sandboxes, one firer; ${services.engines}`);
  const bundles = await openBundles();
  try {
    for (const keys of values.keys.split(',').map(Number)) {
      const topic = `events-${keys}`;
      await makeTopic(services.urls.kafka, topic, { partitions: PARTITIONS, records: RECORDS_MAX, keys, ratePerS: RATE_PER_S });
      const limit = await bare(services.urls.kafka, topic, RECORDS_MAX);
      console.log(`  ${keys} keys: kafkajs alone ${k(limit.perSecond)} events/s, ${k(limit.perCpuSecond)} per CPU s`);
      for (const size of values.sizes.split(',').map(Number)) {
        const p = await passage(services, bundles.directory, topic, size);
        console.log(
          `  batch ${String(size).padStart(6)}: ${k(p.perSecond)} events/s (${percent(p.perSecond, limit.perSecond)} of bare), ` +
            `${k(p.perCpuSecond)} per CPU s of the functions (${percent(p.perCpuSecond, limit.perCpuSecond)}), ` +
            `${p.commits} commits of ${p.bytesOfCommit.toFixed(0)} bytes, ${p.fires} fires, peak RSS writer ${p.writer.peakMb.toFixed(0)} MB, firer ${p.firer.peakMb.toFixed(0)} MB`,
        );
        if (p.problems[0] !== undefined) console.log(`    ${p.problems.length} problems: ${p.problems[0]}`);
      }
    }
  } finally {
    await bundles.dispose();
  }
});
