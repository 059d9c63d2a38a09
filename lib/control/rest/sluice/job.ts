/** One job in full, its partitions in pages, and what is being done to it. */
import { descriptionJson } from '../../description-json.ts';
import { Refusal, unreadable } from '../refusal.ts';
import { get, type Call, type Rest, type Route } from '../route.ts';
import { integer, list, nullable, object, oneOf, text, type Of } from '../shape.ts';
import { describedJob, shownPartition } from './describe-job.ts';
import { JOB, PARTITION } from './description.ts';
import { pageOf } from './page.ts';
import { FAILURE, OPERATION } from './words.ts';

const PARTITIONS = object({ partitions: list(PARTITION), total: integer, next: nullable(text) });
const PROGRESS = object({
  operation: nullable(OPERATION),
  savepoints: list(object({ trigger: text, step: oneOf('barrier', 'export'), steps: list(text), since: integer })),
  last: nullable(object({ kind: oneOf('create', 'resume', 'stop', 'cancel'), id: text, failure: nullable(FAILURE) })),
});

export const DESCRIPTION_ROUTES: readonly Route[] = [
  get({ path: '/sluice/v1/jobs/:jobid', summary: 'One job in full: input, watermarks, windows, state, checkpoints, plan, costs.' }, JOB, async ({ plane }, { params: { jobid } }) => {
    const [description, { plan }] = await Promise.all([plane.describe(jobid), plane.plan(jobid)]);
    return describedJob(plane, description, plan);
  }),
  get({ path: '/sluice/v1/jobs/:jobid/partitions', summary: 'A page of the partitions that a job reads.', query: ['source', 'sort', 'after', 'limit'] }, PARTITIONS, partitions),
  get({ path: '/sluice/v1/jobs/:jobid/operation', summary: 'What is being done to a job, and which step of it.' }, PROGRESS, async ({ plane }, { params }) => plane.progress(params.jobid)),
];

type Partition = Of<typeof PARTITION>;

async function partitions({ plane }: Rest, { params, query }: Call<unknown>): Promise<Of<typeof PARTITIONS> | Refusal> {
  const sort = query.get('sort') ?? 'id';
  if (sort !== 'id' && sort !== 'lag') return unreadable(`'sort' is id or lag, not "${sort.slice(0, 64)}".`);
  const { state } = descriptionJson(await plane.describe(params.jobid));
  const source = query.get('source');
  const sources = (state?.sources ?? []).filter(({ uid }) => source === null || uid === source);
  const found = sources.flatMap((one) => one.partitions.map((partition) => shownPartition(partition, one)));
  const page = pageOf(sort === 'id' ? found : found.sort(byLag), query);
  return page instanceof Refusal ? page : { partitions: page.items, total: found.length, next: page.next };
}

/** The greatest first; the sort is stable. */
const byLag = (a: Partition, b: Partition): number => (b.lag ?? -1) - (a.lag ?? -1);
