/** One vertex of a job: a source, an operator or a sink, with one task. */
import type { JobSummary } from '../../summary.ts';
import { notFound, type Refusal } from '../refusal.ts';
import { get, type Call, type Rest, type Route } from '../route.ts';
import { double, flag, hex32, integer, list, mapOf, object, oneOf, text, type Of } from '../shape.ts';
import { timesOf } from './overview.ts';
import { verticesIn, type Vertex } from './vertices.ts';
import { watermarkOf, watermarkText } from './watermarks.ts';
import { METRIC, TASK_STATE, tasksByState, taskStateOf, TIMES } from './words.ts';

const IO = object({
  'read-bytes': integer,
  'read-bytes-complete': flag,
  'write-bytes': integer,
  'write-bytes-complete': flag,
  'read-records': integer,
  'read-records-complete': flag,
  'write-records': integer,
  'write-records-complete': flag,
  'accumulated-backpressured-time': integer,
  'accumulated-idle-time': integer,
  'accumulated-busy-time': double,
});

/** Nobody counts what flows between vertices: they are not complete. */
const NO_IO: Of<typeof IO> = {
  'read-bytes': 0,
  'read-bytes-complete': false,
  'write-bytes': 0,
  'write-bytes-complete': false,
  'read-records': 0,
  'read-records-complete': false,
  'write-records': 0,
  'write-records-complete': false,
  'accumulated-backpressured-time': 0,
  'accumulated-idle-time': 0,
  'accumulated-busy-time': 0,
};

export const VERTEX = object({
  id: hex32,
  name: text,
  maxParallelism: integer,
  parallelism: integer,
  status: TASK_STATE,
  ...TIMES,
  tasks: mapOf(integer),
  metrics: IO,
});

const SUBTASK = object({ subtask: integer, status: TASK_STATE, attempt: integer, endpoint: text, ...TIMES, metrics: IO, 'taskmanager-id': text, 'status-duration': mapOf(integer) });
/** Without more in it `deprecated` says that there is no measurement yet. */
const BACKPRESSURE = object({ status: oneOf('deprecated', 'ok') });
const DETAILS = object({ id: hex32, name: text, parallelism: integer, maxParallelism: integer, now: integer, subtasks: list(SUBTASK) });

/** Key groups are not bounded by a number that users choose. */
export const MAX_PARALLELISM = 128;

export const VERTEX_ROUTES: readonly Route[] = [
  get({ path: '/jobs/:jobid/vertices/:vertexid', summary: 'A vertex and its one task.' }, DETAILS, async (rest, call) =>
    withVertex(rest, call, async (vertex) => details(rest, await rest.plane.job(call.params.jobid), vertex)),
  ),
  get({ path: '/jobs/:jobid/vertices/:vertexid/watermarks', summary: 'The watermark that a vertex works by; of a source, its own.' }, list(METRIC), async (rest, call) =>
    withVertex(rest, call, async (vertex, all) => {
      const { state } = await rest.plane.describe(call.params.jobid);
      const watermark = state === null ? null : watermarkOf(state, vertex, all);
      return watermark === null ? [] : [{ id: '0.currentInputWatermark', value: watermarkText(watermark) }];
    }),
  ),
  get({ path: '/jobs/:jobid/vertices/:vertexid/backpressure', summary: 'Nothing is measured: a vertex that is slow lets lag grow, it holds nobody back.' }, BACKPRESSURE, async (rest, call) =>
    withVertex(rest, call, async () => ({ status: 'deprecated' })),
  ),
];

async function withVertex<T>(rest: Rest, { params }: Call<unknown>, use: (vertex: Vertex, all: readonly Vertex[]) => Promise<T>): Promise<T | Refusal> {
  const all = await verticesIn(rest, params.jobid);
  const vertex = all.find(({ id }) => id === params.vertexid);
  return vertex === undefined ? notFound(`JobVertex ${params.vertexid} not found`) : use(vertex, all);
}

export function vertexInfo(rest: Rest, job: JobSummary, { id, name }: Vertex): Of<typeof VERTEX> {
  const status = taskStateOf(job.status);
  return { id, name, maxParallelism: MAX_PARALLELISM, parallelism: 1, status, ...timesOf(rest, job), tasks: tasksByState(status, 1), metrics: NO_IO };
}

function details(rest: Rest, job: JobSummary, { id, name }: Vertex): Of<typeof DETAILS> {
  const status = taskStateOf(job.status);
  const times = timesOf(rest, job);
  const task = { subtask: 0, status, attempt: 0, endpoint: '(unassigned)', ...times, metrics: NO_IO, 'taskmanager-id': '(unassigned)', 'status-duration': { [status]: times.duration } };
  return { id, name, parallelism: 1, maxParallelism: MAX_PARALLELISM, now: rest.plane.runtime.now(), subtasks: [task] };
}
