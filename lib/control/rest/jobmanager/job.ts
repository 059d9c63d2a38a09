/** One job: its state, its plan, its vertices, its options. */
import type { JobId } from '../../../core/numbers.ts';
import type { JobSummary } from '../../summary.ts';
import { get, type Rest, type Route } from '../route.ts';
import { withoutSecrets } from '../../secrets.ts';
import { flag, hex32, integer, list, mapOf, object, text, type Of } from '../shape.ts';
import { timesOf } from './overview.ts';
import { MAX_PARALLELISM, VERTEX, vertexInfo } from './vertex.ts';
import { verticesIn, type Vertex } from './vertices.ts';
import { JOB_STATE, stateOf, tasksByState, taskStateOf, TIMES } from './words.ts';

const INPUT = object({ num: integer, id: hex32, ship_strategy: text, exchange: text });
const NODE = object({ id: hex32, parallelism: integer, operator: text, operator_strategy: text, description: text, inputs: list(INPUT), optimizer_properties: object({}) });
const PLAN = object({ jid: hex32, name: text, type: text, nodes: list(NODE) });

const JOB = object({
  jid: hex32,
  name: text,
  isStoppable: flag,
  state: JOB_STATE,
  'job-type': text,
  ...TIMES,
  maxParallelism: integer,
  now: integer,
  timestamps: mapOf(integer),
  vertices: list(VERTEX),
  'status-counts': mapOf(integer),
  plan: PLAN,
  'pending-operators': integer,
});

const CONFIG = object({
  jid: hex32,
  name: text,
  'execution-config': object({ 'restart-strategy': text, 'job-parallelism': integer, 'object-reuse-mode': flag, 'user-config': mapOf(text) }),
});

export const JOB_ROUTES: readonly Route[] = [
  get({ path: '/jobs/:jobid', summary: 'A job with its vertices and its plan.' }, JOB, async (rest, { params }) => jobOf(rest, await rest.plane.job(params.jobid))),
  get({ path: '/jobs/:jobid/status', summary: 'The state of a job.' }, object({ status: JOB_STATE }), async ({ plane }, { params }) => ({
    status: stateOf((await plane.job(params.jobid)).status),
  })),
  get({ path: '/jobs/:jobid/plan', summary: 'The vertices of a job, and what flows from which to which.' }, object({ plan: PLAN }), async (rest, { params }) => {
    const { name } = await rest.plane.job(params.jobid);
    return { plan: planOf(params.jobid, name, await verticesIn(rest, params.jobid)) };
  }),
  get({ path: '/jobs/:jobid/config', summary: 'The options that a job was submitted with.' }, CONFIG, async ({ plane }, { params }) => {
    const { plan } = await plane.plan(params.jobid);
    const { name } = await plane.job(params.jobid);
    const config = { 'restart-strategy': 'Restarts without limit.', 'job-parallelism': 1, 'object-reuse-mode': false, 'user-config': withoutSecrets(plan.options) };
    return { jid: params.jobid, name, 'execution-config': config };
  }),
];

async function jobOf(rest: Rest, job: JobSummary): Promise<Of<typeof JOB>> {
  const vertices = await verticesIn(rest, job.id);
  const { id, name, status, startedAt, changedAt } = job;
  return {
    jid: id,
    name,
    isStoppable: false,
    state: stateOf(status),
    'job-type': 'STREAMING',
    ...timesOf(rest, job),
    maxParallelism: MAX_PARALLELISM,
    now: rest.plane.runtime.now(),
    timestamps: { CREATED: startedAt, [stateOf(status)]: status === 'CREATED' ? startedAt : changedAt },
    vertices: vertices.map((vertex) => vertexInfo(rest, job, vertex)),
    'status-counts': tasksByState(taskStateOf(status), vertices.length),
    plan: planOf(id, name, vertices),
    'pending-operators': 0,
  };
}

/** Rows reach what keeps state by their key, anything else as they come. */
const planOf = (jid: JobId, name: string, vertices: readonly Vertex[]): Of<typeof PLAN> => ({
  jid,
  name,
  type: 'STREAMING',
  nodes: vertices.map(({ id, kind, name: description, inputs }) => ({
    id,
    parallelism: 1,
    operator: '',
    operator_strategy: '',
    description,
    inputs: inputs.map((input, num) => ({ num, id: input, ship_strategy: kind === 'operator' ? 'HASH' : 'FORWARD', exchange: 'pipelined_bounded' })),
    optimizer_properties: {},
  })),
});
