/** What `sluice describe` says about money: a model, and called one. */
import { expect, test } from 'vitest';
import { descriptionText } from '../../lib/cli/describe-text.ts';
import { describeJob, type JobDescription } from '../../lib/control/describe.ts';
import { PRICES, usdOf } from '../../lib/control/prices.ts';
import { jobId } from '../../lib/core/numbers.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { Shop } from './shop.ts';

async function described(): Promise<JobDescription> {
  const shop = new Shop();
  await shop.topic(2);
  const job = await shop.submit(shop.sql());
  await shop.produce([JSON.stringify({ event_type: 'click', event_time: '2025-12-30T10:00:00' })]);
  await shop.up();
  expect(await shop.sluice('describe', job)).not.toContain('Costs:');
  const ports = openEmbedded(shop.dir, { create: false });
  try {
    return await describeJob(workshopOf(ports), jobId(job));
  } finally {
    ports.close();
  }
}

const costsIn = (job: JobDescription): string[] => descriptionText(job, { isPaid: true }).split('\n').filter((line) => /^Costs: | \(a model/.test(line));

test('what the logs have taken is priced, where the store is paid for', async () => {
  const job = await described();
  const { state } = job;
  if (state === null) throw new Error('the job has run');
  // Two partitions with INIT, one with a record; the coordinator has INIT at least.
  expect(state.entries).toBeGreaterThanOrEqual(4);
  expect(state.sources.flatMap(({ partitions }) => partitions.map(({ entries }) => entries))).toEqual([2, 1]);
  expect(costsIn(job)).toEqual([
    `Costs:        less than $0.01 for ${state.entries} writes to the logs since generation 0 began`,
    '              (a model: one unit each, us-east-1, 2026-11-21; functions, reads, state and objects come on top)',
  ]);
  expect(costsIn({ ...job, state: { ...state, entries: 4_000_000 } })[0]).toBe('Costs:        $2.50 for 4000000 writes to the logs since generation 0 began');
});

test('a price is that of the quantity that it is for', () => {
  expect(usdOf('dynamodbWriteUnit', 1_000_000)).toBe(0.625);
  expect(usdOf('lambdaArmGbSecond', 1000)).toBeCloseTo(0.0133334);
  for (const { usd, per, source } of Object.values(PRICES.of)) expect([usd > 0, per > 0, source.startsWith('https://aws.amazon.com/')]).toEqual([true, true, true]);
});
