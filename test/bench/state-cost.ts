/**
 * What a function with state asks of the stores per 1,000 events, by the size of the batches, against a store that writes an item per event. 10,000 events a
 * second in one partition, 10,000 keys, a FIRE per second, a CHECKPOINT per minute; one minute of it. The prices are those of `sluice describe`.
 */
import { PRICES, usdOf } from '../../lib/control/prices.ts';
import { counted, StoreCounts } from './counting-ports.ts';
import { RATE_PER_S, StateJob, type RunsIn } from './state-job.ts';

const KEYS = 10_000;
/** One checkpoint lies in it. */
const SECONDS = 60;

/** An item of less than 1 kB per event: one request and one write unit each, without the read before it. */
const ITEM_PER_EVENT = usdOf('dynamodbWriteUnit', 1000);

console.log(`  an item per event: 1000 requests and $${ITEM_PER_EVENT.toFixed(6)} per 1,000 events (${PRICES.region}, ${PRICES.date})`);
for (const runsIn of ['firer', 'writer'] as const) for (const batch of [100, 1000, 10_000]) console.log(`  ${await costOf(batch, runsIn)}`);

async function costOf(batch: number, runsIn: RunsIn): Promise<string> {
  const counts = new StoreCounts();
  const job = await StateJob.start(KEYS, runsIn, (ports) => counted(ports, counts));
  await second(job, batch);
  counts.reset();
  for (let i = 0; i < SECONDS; i++) await second(job, batch);
  const { items, objects, requests, usd } = counts;
  const thousands = (SECONDS * RATE_PER_S) / 1000;
  const per = (n: number, digits: number): string => (n / thousands).toFixed(digits);
  return (
    `in the ${runsIn}, batches of ${String(batch).padStart(5)}: ${per(requests, 2)} requests (items ${per(items.writes, 2)} written, ${per(items.reads, 2)} read; objects ${per(objects.writes, 2)} written, ${per(objects.reads, 2)} read), ` +
    `${per(items.writeBytes + objects.writeBytes, 0)} bytes written, $${per(usd, 6)} per 1,000 events: 1/${((ITEM_PER_EVENT * thousands) / usd).toFixed(0)} of an item per event`
  );
}

async function second(job: StateJob, batch: number): Promise<void> {
  for (let i = 0; i < RATE_PER_S; i += batch) await job.write(job.draw(batch));
  await job.step(RATE_PER_S);
}
