/** What a scrape costs, and what it tells where it cannot tell everything. */
import { expect, test } from 'vitest';
import { SluiceError } from '../../../lib/core/errors.ts';
import { jobId, partitionId } from '../../../lib/core/numbers.ts';
import type { JobDescription } from '../../../lib/control/describe.ts';
import { Counted } from '../../../lib/control/metrics/counted.ts';
import { MetricsReader } from '../../../lib/control/metrics/reader.ts';
import type { MetricName } from '../../../lib/control/metrics/table.ts';
import type { ControlPlane } from '../../../lib/control/rest/control-plane.ts';
import { busyJob } from './facts.ts';

interface Platform {
  readonly reader: MetricsReader;
  readonly counted: Counted;
  readonly described: string[];
  advance(ms: number): void;
  /** The sum of a metric's values. */
  value(metric: MetricName): Promise<number>;
}

/** So many jobs, each of which takes so long to describe. */
async function platform(jobs: number, tookMs: number, change: (job: JobDescription) => JobDescription = (job) => job): Promise<Platform> {
  const { api, stack } = await busyJob();
  const { plane } = api.rest;
  const summary = await plane.job(stack.job.id);
  const description = await plane.describe(stack.job.id);
  const planned = await plane.plan(stack.job.id);
  const ids = Array.from({ length: jobs }, (_, i) => jobId(i.toString(16).padStart(32, '0')));
  const described: string[] = [];
  const slow: ControlPlane = {
    ...plane,
    jobs: async () => ids.map((id) => ({ ...summary, id })),
    plan: async () => planned,
    describe: async (id) => {
      stack.runtime.advance(tookMs);
      described.push(id);
      return change({ ...description, id });
    },
  };
  const counted = new Counted(stack.runtime);
  const reader = new MetricsReader({ plane: slow, counted, offsets: 'records' });
  const value = async (metric: MetricName): Promise<number> => (await reader.all()).filter((sample) => sample.metric === metric).reduce((sum, { value: one }) => sum + Number(one), 0);
  return { reader, counted, described, advance: (ms) => stack.runtime.advance(ms), value };
}

test('who asks at the same time, or soon, shares what was read', async () => {
  const { reader, described, advance } = await platform(3, 5);
  await Promise.all([reader.all(), reader.all()]);
  await reader.all();
  expect(described).toHaveLength(3);
  advance(1100);
  await reader.all();
  expect(described).toHaveLength(6);
});

test('what takes long to read is read more seldom', async () => {
  const { reader, described, advance, value } = await platform(1, 900);
  await reader.all();
  advance(8000);
  expect(await value('readingAge')).toBe(8);
  expect(described).toHaveLength(1);
  advance(1100);
  await reader.all();
  expect(described).toHaveLength(2);
});

test('a scrape ends in time, and says what it has left out; the next one goes on from there', async () => {
  const { described, advance, value } = await platform(10, 900);
  expect(await value('jobsLeftOut')).toBe(5);
  expect(await value('numRunningJobs')).toBe(10);
  advance(44_000); // no more than a tenth of the time
  expect(await value('jobsLeftOut')).toBe(5);
  advance(1000);
  expect(await value('jobsLeftOut')).toBe(0);
  expect(new Set(described).size).toBe(10);
});

test('of more jobs than are told the first ones are', async () => {
  const { described, value } = await platform(250, 0);
  expect(await value('jobsLeftOut')).toBe(50);
  expect(described).toHaveLength(200);
});

test('of more partitions than are told the first ones are', async () => {
  const { reader, value } = await platform(2, 0, (job) => {
    const sources = (job.state?.sources ?? []).map((source) => ({ ...source, partitions: source.partitions.flatMap((one) => Array.from({ length: 1500 }, (_, partition) => ({ ...one, id: partitionId(0, 0, partition), partition }))) }));
    return { ...job, state: job.state && { ...job.state, sources } };
  });
  expect(await value('partitionsLeftOut')).toBe(1000);
  expect((await reader.all()).filter(({ metric }) => metric === 'nextOffset')).toHaveLength(2000);
});

test('a job that cannot be read is left out, and keeps nobody from being told of', async () => {
  const { value } = await platform(2, 0, (job) => {
    if (job.id.endsWith('0')) throw new SluiceError('STORE_FAILED', { message: 'down' });
    return job;
  });
  expect(await value('jobsLeftOut')).toBe(1);
  expect(await value('stateEntries')).toBeGreaterThan(0);
});

test('counts are those of now, however old the reading', async () => {
  const { counted, value, advance } = await platform(1, 900);
  const job = jobId('0'.repeat(32));
  expect(await value('numRecordsIn')).toBe(0);
  counted.begin(job);
  counted.of(job)?.read.count(0, 5);
  advance(1000);
  expect(await value('numRecordsIn')).toBe(5);
  counted.end(job);
  advance(1000);
  expect((await value('numRecordsIn'))).toBe(0);
});
