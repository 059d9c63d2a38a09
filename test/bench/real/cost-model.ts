/**
 * `npm run bench:real -- cost-model [--records 1000] [--keys 10] [--dynamodb local|dynoxide]`: dollars for a billion events. A model: AWS itself was not measured. Its
 * facts are requests and capacity units, counted by proxies before the store and the bucket, and the milliseconds of invocations on this machine; its
 * prices are those of lib/control/prices.ts. Reading from Kafka is free of charge on demand; provisioned pollers are paid by the hour (EPU) and are not in it.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PRICES, usdOf, type PriceName } from '../../../lib/control/prices.ts';
import { openBundles } from '../../../lib/local/function-runner/bundles.ts';
import { SHAPES } from '../../../lib/local/function-runner/hosts.ts';
import { labPlan } from '../../engine/lab-plan.ts';
import { Platform } from '../../real/platform/platform.ts';
import { makeTopic } from '../../real/platform/topic.ts';
import { openHttpProxy, type HttpProxy } from '../../real/proxy/http-proxy.ts';
import { BUCKET, TABLE } from '../../services/environment.ts';
import { withServices } from './services.ts';
import { between, look, type Warm } from './warm.ts';

const PARTITIONS = 4;
const BATCHES = 400;
/** The part of the records that is read before the count begins. */
const COLD = 0.25;
const RUN_MS = 120_000;
const BILLION = 1e9;
/** Windows of a minute end every 120,000 records. */
const RATE_PER_S = 2_000;
/** Memory that comes with one vCPU, MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const VCPU_MB = 1769;


interface Line {
  readonly what: string;
  /** Of the counted part of the run. */
  readonly quantity: number;
  readonly price: PriceName;
}

const isWrite = (request: string): boolean => /^(Put|Update|Delete)Item /.test(request);

/** A strong read takes one unit even where it finds nothing, which not every server counts. */
function storeLines(store: HttpProxy): Line[] {
  const units = store.units();
  return Object.entries(store.counts()).map(([request, count]) => ({
    what: `${count} x ${request}`,
    quantity: Math.max(units[request] ?? 0, count),
    price: isWrite(request) ? 'dynamodbWriteUnit' : 'dynamodbReadUnit',
  }));
}

const bucketLines = (bucket: HttpProxy): Line[] =>
  Object.entries(bucket.counts()).map(([request, count]) => ({ what: `${count} x S3 ${request}`, quantity: count, price: /^(PUT|POST)/.test(request) ? 's3Put' : 's3Get' }));

/** Less memory is less of a vCPU: what is computed takes so much longer, what is waited for does not. */
function lambdaLines(invocations: Platform['invocations'], counts: Readonly<Record<'sluice-writer' | 'sluice-firer', number>>, { cpu }: Warm): Line[] {
  return (['sluice-writer', 'sluice-firer'] as const).flatMap((name): Line[] => {
    const own = invocations.filter((invocation) => invocation.name === name);
    const count = counts[name];
    if (count === 0 || own.length === 0) return [];
    const { memoryMb } = SHAPES[name];
    const perCall = own.reduce((sum, { ms }) => sum + ms, 0) / 1000 / own.length;
    const computed = (cpu[name] ?? 0) / count;
    const seconds = count * (Math.max(0, perCall - computed) + computed * Math.max(1, VCPU_MB / memoryMb));
    const shape = `${(perCall * 1000).toFixed(1)} ms, ${(computed * 1000).toFixed(1)} ms of it CPU, ${memoryMb} MB`;
    return [
      { what: `${count} x ${name}`, quantity: count, price: 'lambdaRequest' },
      { what: `${name}: ${shape}`, quantity: (seconds * memoryMb) / 1024, price: 'lambdaArmGbSecond' },
    ];
  });
}

function printTable(lines: readonly Line[], records: number): void {
  let total = 0;
  for (const { what, quantity, price } of lines) {
    const usd = usdOf(price, (quantity / records) * BILLION);
    total += usd;
    console.log(`  ${what.padEnd(62)} ${quantity.toFixed(1).padStart(8)} ${price.padEnd(18)} $${usd.toFixed(3).padStart(7)}`);
  }
  console.log(`  ${'total for a billion events'.padEnd(90)} $${total.toFixed(3).padStart(7)}`);
}

const { values } = parseArgs({ options: { records: { type: 'string', default: '1000' }, keys: { type: 'string', default: '10' }, dynamodb: { type: 'string', default: 'dynoxide' } } });
const [batchSize, keys] = [Number(values.records), Number(values.keys)];
const all = batchSize * BATCHES;

await withServices(values.dynamodb === 'local' ? 'local' : 'dynoxide', async ({ urls, dir, dynamodb, s3, engines }) => {
  console.log(`A model, AWS itself was not measured: prices of ${PRICES.region} as of ${PRICES.date}; ${batchSize} records per commit, ${keys} keys, ${PARTITIONS} partitions; ${engines}`);
  const bundles = await openBundles();
  const [store, bucket] = await Promise.all([openHttpProxy(dynamodb), openHttpProxy(s3)]);
  await makeTopic(urls.kafka, 'cost', { partitions: PARTITIONS, records: all, keys, ratePerS: RATE_PER_S });
  const counted = { ...urls, store: `dynamodb://${TABLE}?endpoint=${store.url}`, blobs: `s3://${BUCKET}/cost?endpoint=${bucket.url}&path-style=true` };
  // As many sandboxes as partitions: no invocation waits for one.
  const options = { urls: counted, direct: urls, bundles: bundles.directory, batches: { batchSize, batchingWindowSeconds: 0 }, writers: PARTITIONS };
  const platform = await Platform.open(labPlan({ topic: 'cost', path: join(dir, 'out') }), options);
  try {
    await platform.start();
    await platform.untilCommitted(all * COLD, RUN_MS);
    await platform.settle();
    for (const proxy of [store, bucket]) proxy.reset();
    const from = look(platform);
    const [calls, fires] = [platform.invocations.length, platform.lines.fires.length];
    await platform.untilCommitted(all, RUN_MS);
    await platform.settle();
    const warm = between(from, look(platform));
    const fired = platform.lines.fires.slice(fires);
    const files = fired.filter(({ rows }) => rows > 0).length;
    const invocations = platform.invocations.slice(calls);
    // Writers wake the firer too. A look at the coordinator log that leads to a FIRE is followed by another one of the same invocation.
    const looks = store.counts()['Query J#*#g*#C'] ?? 0;
    const counts = { 'sluice-writer': invocations.filter(({ name }) => name === 'sluice-writer').length, 'sluice-firer': looks - fired.length };
    const sink: Line = { what: `${files} x one file of the sink, as it would be in S3`, quantity: files, price: 's3Put' };
    printTable([...storeLines(store), ...bucketLines(bucket), sink, ...lambdaLines(invocations, counts, warm)], warm.records);
    if (platform.lines.problems[0] !== undefined) console.log(`  ${platform.lines.problems.length} problems: ${platform.lines.problems[0]}`);
  } finally {
    await platform.close();
    await Promise.all([store.close(), bucket.close()]);
    await bundles.dispose();
  }
});
