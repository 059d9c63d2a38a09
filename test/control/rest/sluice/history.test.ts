/** Throughput and lag over time: what is known, what is not, and how much of it is kept. */
import { expect, test } from 'vitest';
import { Counted } from '../../../../lib/control/metrics/counted.ts';
import { MetricsReader } from '../../../../lib/control/metrics/reader.ts';
import { History, type Count } from '../../../../lib/control/rest/sluice/history.ts';
import { look, lookAtRunning } from '../../../../lib/control/rest/sluice/look.ts';
import { Ring } from '../../../../lib/control/rest/sluice/ring.ts';
import type { ControlPlane } from '../../../../lib/control/rest/control-plane.ts';
import { standingOf } from '../../../../lib/control/standing.ts';
import { jobId } from '../../../../lib/core/numbers.ts';
import { MINUTE } from '../../../engine/stack.ts';
import { inMemory } from '../api.ts';

const JOB = jobId('a'.repeat(32));
const standing = { next: 0, unit: 'records' as const, lag: 7, watermark: null, stateBytes: 100, entries: 1 };
const offsets = (records: number): Count => ({ of: 'offsets', records });

const seen = (counts: readonly (Count | null)[], everyMs = 1000): History => {
  const history = new History();
  counts.forEach((count, i) => history.add(JOB, { at: 1_000_000 + i * everyMs, count, standing }));
  return history;
};

test('records are counted from where the process began to look, and their rate is that between two looks', () => {
  expect(seen([offsets(1000), offsets(1010), offsets(1010), offsets(1040)], 2000).of(JOB).seconds).toMatchObject([
    { records: 0, recordsPerSecond: null, lag: 7, stateBytes: 100, watermark: null },
    { records: 10, recordsPerSecond: 5 },
    { records: 10, recordsPerSecond: 0 },
    { records: 40, recordsPerSecond: 15 },
  ]);
});

test('what nobody knows is no rate: another generation, another way to count, or none', () => {
  const rates = (counts: readonly (Count | null)[]): unknown => seen(counts).of(JOB).seconds.map(({ recordsPerSecond }) => recordsPerSecond);
  expect(rates([offsets(100), offsets(3), offsets(5)])).toEqual([null, null, 2]);
  expect(rates([offsets(100), { of: 'read here', records: 900 }, { of: 'read here', records: 901 }])).toEqual([null, null, 1]);
  expect(rates([null, offsets(1), null])).toEqual([null, null, null]);
});

test('records never go back, and no rate is negative, behind a moment of which nobody knows', () => {
  const { seconds, minutes } = seen([offsets(0), offsets(5000), null, offsets(5010), offsets(5020)], MINUTE).of(JOB);
  expect(seconds.map(({ records }) => records)).toEqual([0, 5000, null, 5000, 5010]);
  expect(minutes.map(({ recordsPerSecond }) => recordsPerSecond)).toEqual([null, 5000 / 60, null, null, 10 / 60]);
});

test('ten minutes by the second and a day by the minute are kept, of so many jobs', () => {
  const history = seen(Array.from({ length: 5000 }, (_, i) => offsets(i)));
  const { seconds, minutes } = history.of(JOB);
  expect(seconds).toHaveLength(600);
  expect(seconds.at(-1)).toMatchObject({ records: 4999, recordsPerSecond: 1 });
  expect(minutes).toHaveLength(84);
  expect(minutes.at(-1)).toMatchObject({ recordsPerSecond: 1 });
  for (let i = 0; i < 200; i++) history.add(jobId(String(i).padStart(32, '0')), { at: 1, count: null, standing: null });
  expect(history.of(JOB).seconds).toEqual([]);
});

test('a ring keeps the newest, in their order', () => {
  const ring = new Ring<number>(4);
  expect([ring.newest, ring.all()]).toEqual([null, []]);
  for (let i = 0; i < 23; i++) ring.add(i);
  expect([ring.newest, ring.all()]).toEqual([22, [19, 20, 21, 22]]);
});

test('whoever asks looks, once in a second', async () => {
  // As on a cluster, whose offsets are those of records.
  let standing: ControlPlane['standing'] = async () => null;
  const { get, stack } = await inMemory({}, { offsets: 'records', standing: (id) => standing(id) });
  standing = async (id) => {
    const stands = await standingOf(stack.workshop, id);
    return stands && { ...stands, unit: 'records' };
  };
  const history = async (): Promise<unknown> => (await get(`/sluice/v1/jobs/${stack.job.id}/history`)).body;
  await history();
  stack.produce([['a', 1], ['b', 2], ['c', 3]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(500);
  expect(await history()).toMatchObject({ seconds: [{ records: 0, lag: 0 }] });
  stack.runtime.advance(500);
  expect(await history()).toMatchObject({ offsets: 'records', seconds: [{ records: 0 }, { records: 3, recordsPerSecond: 3, lag: 0, watermark: null }] });
});

test('offsets that are bytes say nothing of records, unless this process reads them', async () => {
  const { api, stack } = await inMemory();
  const { plane } = api.rest;
  expect(look(api.rest, stack.job.id, await plane.standing(stack.job.id))).toMatchObject({ records: null, recordsPerSecond: null, lag: 0 });
  const counted = new Counted(stack.runtime);
  counted.begin(stack.job.id);
  counted.of(stack.job.id)?.read.count(0, 12);
  const here = { plane, history: new History(), metrics: new MetricsReader({ plane, counted, offsets: 'bytes' }) };
  look(here, stack.job.id, null);
  counted.of(stack.job.id)?.read.count(0, 30);
  stack.runtime.advance(MINUTE);
  expect(look(here, stack.job.id, null)).toMatchObject({ records: 30, recordsPerSecond: 0.5 });
});

test('what runs is looked at by the end of its logs, and not where that costs money', async () => {
  const { api, stack } = await inMemory();
  stack.takeCalls();
  await lookAtRunning(api.rest);
  expect(api.rest.history.of(stack.job.id).minutes).toHaveLength(1);
  expect(stack.takeCalls().filter((call) => call.startsWith('chunks'))).toEqual([]);
  const paid = await inMemory({}, { isPaid: true });
  await lookAtRunning(paid.api.rest);
  expect(paid.api.rest.history.of(paid.stack.job.id).minutes).toEqual([]);
});
