/** A job in memory of which every metric is known. */
import { CountedJob } from '../../../lib/control/metrics/counted.ts';
import { jobSamples } from '../../../lib/control/metrics/job-samples.ts';
import { partitionSamples } from '../../../lib/control/metrics/partition-samples.ts';
import type { JobFacts, Sample } from '../../../lib/control/metrics/sample.ts';
import { vertexSamples } from '../../../lib/control/metrics/vertex-samples.ts';
import type { StateDescription } from '../../../lib/control/describe.ts';
import { verticesOf } from '../../../lib/control/rest/jobmanager/vertices.ts';
import { wallTime } from '../../../lib/core/numbers.ts';
import { MINUTE } from '../../engine/stack.ts';
import { inMemory, type InMemory } from '../rest/api.ts';

/** With an open window, a late row, a checkpoint and a savepoint. */
export async function busyJob(): Promise<InMemory> {
  const world = await inMemory();
  const { stack, send, settle } = world;
  stack.produce([['a', 1], ['b', 2], ['a', 130]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(MINUTE);
  await stack.firer().step();
  stack.produce([['a', 3]]);
  await stack.deliver(stack.writer());
  await send('POST', `/jobs/${stack.job.id}/savepoints`, { 'target-directory': '/savepoints', triggerId: 'a'.repeat(32) });
  await settle();
  return world;
}

/** What the laboratory's job has none of is added: timers, and state that expires. */
export async function fullFacts({ stack, api }: InMemory): Promise<JobFacts> {
  const { plane } = api.rest;
  const job = await plane.describe(stack.job.id);
  const { plan } = await plane.plan(stack.job.id);
  const counted = new CountedJob(stack.runtime);
  counted.checkpointMs = 12;
  counted.lagMs.set(0, 34);
  return { job: { ...job, state: job.state && withTimers(job.state) }, plan, vertices: verticesOf(plan, plane.codec), counted, offsets: 'records', now: plane.runtime.now() };
}

export const samplesOf = (facts: JobFacts): Sample[] => [...jobSamples(facts), ...facts.vertices.flatMap((vertex) => vertexSamples(facts, vertex)), ...partitionSamples(facts, 100)];

/** Of every metric of the table; what offsets count is both. */
export async function everySample(): Promise<Sample[]> {
  const world = await busyJob();
  const facts = await fullFacts(world);
  const about = (await world.api.rest.metrics.all()).filter(({ of }) => of.job === null);
  return [...about, ...samplesOf(facts), ...samplesOf({ ...facts, offsets: 'bytes' }).filter(({ metric }) => metric === 'pendingBytes')];
}

const withTimers = (state: StateDescription): StateDescription => ({
  ...state,
  resumableUntil: wallTime(1_900_000_000_000),
  operators: state.operators.map((operator) => ({ ...operator, timers: { event: { count: 2, earliest: 1 }, processing: { count: 1, earliest: 2 } } })),
});
