/** Metrics as Flink's web page and tools ask for them: names without `get`, values of those that it lists with commas; several things' values as one. */
import type { Sample } from '../../metrics/sample.ts';
import { metricOf } from '../../metrics/table.ts';
import { unreadable, type Refusal } from '../refusal.ts';
import { get, type Call, type Rest, type Route } from '../route.ts';
import { double, list, object, optional, text, type Of } from '../shape.ts';
import { watermarkText } from './watermarks.ts';
import { METRIC } from './words.ts';

const VALUES = list(METRIC);
const AGGREGATE = object({ id: text, min: optional(double), max: optional(double), avg: optional(double), sum: optional(double), skew: optional(double) });
const AGGREGATES = list(AGGREGATE);

const VERTEX = '/jobs/:jobid/vertices/:vertexid';

export const METRIC_ROUTES: readonly Route[] = [
  get({ path: '/jobmanager/metrics', summary: 'Metrics of all jobs together.', query: ['get'] }, VALUES, async ({ metrics }, call) =>
    values((await metrics.all()).filter(({ of }) => of.job === null), call),
  ),
  get({ path: '/jobs/metrics', summary: 'Metrics of jobs, as one: of those that `jobs` lists, or of all that have not ended.', query: ['get', 'agg', 'jobs'] }, AGGREGATES, async ({ metrics }, call) => {
    const jobs = call.query.get('jobs')?.split(',');
    return aggregates((await metrics.all()).filter(({ of: { job, vertex } }) => job !== null && vertex === null && jobs?.includes(job.id) !== false), call);
  }),
  get({ path: '/jobs/:jobid/metrics', summary: 'Metrics of a job.', query: ['get'] }, VALUES, async ({ metrics }, call) =>
    values((await metrics.ofJob(call.params.jobid)).filter(({ of }) => of.vertex === null), call),
  ),
  get({ path: `${VERTEX}/metrics`, summary: 'Metrics of a vertex; its one task is number 0.', query: ['get'] }, VALUES, async (rest, call) => values(await ofVertex(rest, call), call, '0.')),
  get({ path: `${VERTEX}/subtasks/metrics`, summary: 'Metrics of the tasks of a vertex, as one.', query: ['get', 'agg', 'subtasks'] }, AGGREGATES, async (rest, call) => {
    const isAsked = call.query.get('subtasks')?.split(',').includes('0') !== false;
    return aggregates(isAsked ? await ofVertex(rest, call) : [], call);
  }),
  get({ path: `${VERTEX}/subtasks/:subtaskindex/metrics`, summary: 'Metrics of one task of a vertex: of number 0.', query: ['get'] }, VALUES, async (rest, call) =>
    values(call.params.subtaskindex === 0 ? await ofVertex(rest, call) : [], call),
  ),
];

/** To Flink a vertex that is not known has no metrics. */
const ofVertex = async ({ metrics }: Rest, { params }: Call<unknown>): Promise<readonly Sample[]> =>
  (await metrics.ofJob(params.jobid)).filter(({ of }) => of.vertex?.id === params.vertexid);

/** `numRecordsIn`, `timers.event`, `events.0.lag`; texts of a name are asked for as they are listed. */
function idOf({ metric, of: { partition }, labels = {} }: Sample): string {
  return [...(partition === null ? [] : [partition.topic, partition.partition]), metric, ...Object.values(labels)].join('.');
}

function valueText({ metric, value }: Sample): string {
  return typeof value === 'number' && metricOf(metric).unit === 'event time' ? watermarkText(value) : String(value);
}

function values(samples: readonly Sample[], { query }: Call<unknown>, prefix = ''): Of<typeof METRIC>[] {
  const wanted = query.get('get')?.split(',');
  const named = samples.map((sample) => ({ id: `${prefix}${idOf(sample)}`, sample }));
  if (wanted === undefined) return named.map(({ id }) => ({ id }));
  return named.filter(({ id }) => wanted.includes(id)).map(({ id, sample }) => ({ id, value: valueText(sample) }));
}

type Aggregation = 'min' | 'max' | 'avg' | 'sum' | 'skew';

const AGGREGATIONS: Readonly<Record<Aggregation, (values: readonly number[]) => number>> = {
  min: (of) => Math.min(...of),
  max: (of) => Math.max(...of),
  avg: (of) => sumOf(of) / of.length,
  sum: (of) => sumOf(of),
  skew: (of) => skewOf(of, sumOf(of) / of.length),
};

const isAggregation = (name: string): name is Aggregation => Object.hasOwn(AGGREGATIONS, name);
const sumOf = (of: readonly number[]): number => of.reduce((sum, value) => sum + value, 0);
/** Mean distance from the average, in percent of it. */
const skewOf = (of: readonly number[], avg: number): number => (avg === 0 ? 0 : (sumOf(of.map((value) => Math.abs(value - avg))) / of.length / avg) * 100);

/** Texts have none. */
function aggregates(samples: readonly Sample[], { query }: Call<unknown>): Of<typeof AGGREGATE>[] | Refusal {
  const asked = query.get('agg')?.toLowerCase().split(',') ?? Object.keys(AGGREGATIONS);
  if (!asked.every(isAggregation)) return unreadable(`Cannot resolve query parameter (agg) from value "${query.get('agg')?.slice(0, 64)}".`);
  const byId = Map.groupBy(samples.flatMap(({ value, ...sample }) => (typeof value === 'number' ? [{ ...sample, value }] : [])), idOf);
  const wanted = query.get('get')?.split(',');
  if (wanted === undefined) return [...byId.keys()].map((id) => ({ id }));
  return [...byId].filter(([id]) => wanted.includes(id)).map(([id, of]) => aggregateOf(id, of.map(({ value }) => value), asked));
}

const aggregateOf = (id: string, of: readonly number[], asked: readonly Aggregation[]): Of<typeof AGGREGATE> => ({ id, ...Object.fromEntries(asked.map((one) => [one, AGGREGATIONS[one](of)])) });
