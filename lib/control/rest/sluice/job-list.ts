/** The jobs, newest first, in pages. */
import { isEnded, type JobSummary } from '../../summary.ts';
import { troublesOf } from '../../troubles.ts';
import { Refusal } from '../refusal.ts';
import { get, type Route } from '../route.ts';
import { integer, list, mapOf, nullable, object, oneOf, text, type Of } from '../shape.ts';
import type { History } from './history.ts';
import { pageOf } from './page.ts';
import { FAILURE, JOB_FIELDS } from './words.ts';

const JOB = object({
  ...JOB_FIELDS,
  /** Things that hold the job up, or have ended it. */
  errors: integer,
  /** The newest one. */
  error: nullable(FAILURE),
  /** As they were when the job was looked at last; null where nobody has. */
  lag: nullable(integer),
  watermark: nullable(integer),
});

/** `offsets`: what lags count. */
const JOBS = object({ jobs: list(JOB), total: integer, counts: mapOf(integer), offsets: oneOf('records', 'bytes'), next: nullable(text) });

export const JOB_LIST_ROUTES: readonly Route[] = [
  get({ path: '/sluice/v1/jobs', summary: 'A page of jobs, newest first, and how many are in which state.', query: ['status', 'name', 'after', 'limit'] }, JOBS, async ({ plane, history }, { query }) => {
    const all = (await plane.jobs()).toReversed();
    const found = all.filter(isWanted(query));
    const page = pageOf(found, query);
    return page instanceof Refusal ? page : { jobs: page.items.map((job) => jobItem(job, history)), total: found.length, counts: countsOf(all), offsets: plane.offsets, next: page.next };
  }),
];

export type JobItem = Of<typeof JOB>;

export function jobItem(job: JobSummary, history: Pick<History, 'newest'>): JobItem {
  const { id, name, status, startedAt, changedAt } = job;
  const { lag = null, watermark = null } = history.newest(id) ?? {};
  const troubles = troublesOf(job);
  const [newest] = troubles;
  const error = newest === undefined ? null : { code: newest.code, message: newest.message, hint: newest.hint };
  return { id, name, status, isEnded: isEnded(job), startedAt, changedAt, errors: troubles.length, error, lag, watermark };
}

export function countsOf(jobs: readonly Pick<JobSummary, 'status'>[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of jobs) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function isWanted(query: URLSearchParams): (job: JobSummary) => boolean {
  const statuses = query.get('status')?.toUpperCase().split(',') ?? null;
  const name = query.get('name')?.toLowerCase() ?? '';
  return (job) => (statuses === null || statuses.includes(job.status)) && job.name.toLowerCase().includes(name);
}
