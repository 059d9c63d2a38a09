/** A server with a thousand jobs, one of which has a thousand partitions: those of one job in memory, again and again. */
import { onTestFinished } from 'vitest';
import type { JobDescription, PartitionDescription } from '../../../lib/control/describe.ts';
import { serveRest } from '../../../lib/control/rest/server.ts';
import { eventTime, jobId, offset, partitionId, wallTime } from '../../../lib/core/numbers.ts';
import { inMemory } from '../../control/rest/api.ts';

export const MANY = 1000;

const hex32 = (n: number): string => n.toString(16).padStart(32, '0');

/** Ends with the test. */
export async function serveMany(): Promise<string> {
  const { api, stack } = await inMemory();
  const { plane } = api.rest;
  const one = await plane.job(stack.job.id);
  const described = widened(await plane.describe(stack.job.id));
  const jobs = Array.from({ length: MANY }, (_, i) => ({ ...one, id: jobId(hex32(i + 1)), name: `orders per minute ${i + 1}`, startedAt: wallTime(one.startedAt + i) }));
  const server = await serveRest({
    plane: { ...plane, jobs: async () => jobs, describe: async () => described, job: async () => one, plan: () => plane.plan(stack.job.id) },
    port: 0,
    onDefect: api.onDefect,
  });
  onTestFinished(() => server.close());
  return server.url;
}

function widened(description: JobDescription): JobDescription {
  const [source] = description.state?.sources ?? [];
  const [like] = source?.partitions ?? [];
  if (description.state === null || source === undefined || like === undefined) throw new Error('the job in memory has no partition');
  const partitions = Array.from({ length: MANY }, (_, i): PartitionDescription => ({ ...like, id: partitionId(0, 0, i), partition: i, next: offset(i), watermark: eventTime(1_700_000_000_000 + i) }));
  return { ...description, state: { ...description.state, sources: [{ ...source, watermark: eventTime(1_700_000_000_000), partitions, holder: partitionId(0, 0, 0) }] } };
}
