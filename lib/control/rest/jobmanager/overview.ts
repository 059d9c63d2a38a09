/** The cluster and its jobs at a glance. */
import { isEnded, type JobSummary } from '../../summary.ts';
import { get, type Rest, type Route } from '../route.ts';
import { flag, hex32, integer, list, object, text, type Of } from '../shape.ts';
import { FLINK_VERSION, JOB_REF, JOB_STATE, stateOf, taskStateOf, tasksByState, TIMES } from './words.ts';

const REVISION = 'sluice';
const POLL_MS = 3000;

const TASKS = object({
  running: integer,
  canceling: integer,
  canceled: integer,
  total: integer,
  created: integer,
  scheduled: integer,
  deploying: integer,
  reconciling: integer,
  finished: integer,
  initializing: integer,
  failed: integer,
});

const JOB = object({ jid: hex32, name: text, ...TIMES, state: JOB_STATE, 'last-modification': integer, tasks: TASKS, 'pending-operators': integer });

const CLUSTER = object({
  taskmanagers: integer,
  'slots-total': integer,
  'slots-available': integer,
  'jobs-running': integer,
  'jobs-finished': integer,
  'jobs-cancelled': integer,
  'jobs-failed': integer,
  'flink-version': text,
  'flink-commit': text,
});

const CONFIG = object({
  'refresh-interval': integer,
  'timezone-name': text,
  'timezone-offset': integer,
  'flink-version': text,
  'flink-revision': text,
  features: object({ 'web-submit': flag, 'web-cancel': flag, 'web-rescale': flag, 'web-history': flag }),
});

export const OVERVIEW: readonly Route[] = [
  get({ path: '/overview', summary: 'Counts the jobs. There are no task managers: functions, or the process that answers, do their work.' }, CLUSTER, async ({ plane }) =>
    clusterOf(await plane.jobs()),
  ),
  get({ path: '/config', summary: 'What a web page needs to know before it begins.' }, CONFIG, async () => ({
    'refresh-interval': POLL_MS,
    'timezone-name': 'Coordinated Universal Time',
    'timezone-offset': 0,
    'flink-version': FLINK_VERSION,
    'flink-revision': REVISION,
    features: { 'web-submit': false, 'web-cancel': false, 'web-rescale': false, 'web-history': false },
  })),
  get({ path: '/jobs', summary: 'Ids and states of all jobs.' }, object({ jobs: list(JOB_REF) }), async ({ plane }) => ({
    jobs: (await plane.jobs()).map(({ id, status }) => ({ id, status: stateOf(status) })),
  })),
  get({ path: '/jobs/overview', summary: 'All jobs, oldest first.' }, object({ jobs: list(JOB) }), async (rest) => ({
    jobs: await Promise.all((await rest.plane.jobs()).map((job) => jobOf(rest, job))),
  })),
];

function clusterOf(jobs: readonly JobSummary[]): Of<typeof CLUSTER> {
  const counted = (isOne: (job: JobSummary) => boolean): number => jobs.filter(isOne).length;
  return {
    taskmanagers: 0,
    'slots-total': 0,
    'slots-available': 0,
    'jobs-running': counted((job) => !isEnded(job)),
    'jobs-finished': counted(({ status }) => status === 'FINISHED'),
    'jobs-cancelled': counted(({ status }) => status === 'CANCELED'),
    'jobs-failed': counted(({ status }) => status === 'FAILED'),
    'flink-version': FLINK_VERSION,
    'flink-commit': REVISION,
  };
}

async function jobOf(rest: Rest, job: JobSummary): Promise<Of<typeof JOB>> {
  const tasks = await rest.tasks.of(job);
  const { CREATED, SCHEDULED, DEPLOYING, RUNNING, FINISHED, CANCELING, CANCELED, FAILED, RECONCILING, INITIALIZING } = tasksByState(taskStateOf(job.status), tasks);
  return {
    jid: job.id,
    name: job.name,
    ...timesOf(rest, job),
    state: stateOf(job.status),
    'last-modification': job.changedAt,
    tasks: {
      running: RUNNING,
      canceling: CANCELING,
      canceled: CANCELED,
      total: tasks,
      created: CREATED,
      scheduled: SCHEDULED,
      deploying: DEPLOYING,
      reconciling: RECONCILING,
      finished: FINISHED,
      initializing: INITIALIZING,
      failed: FAILED,
    },
    'pending-operators': 0,
  };
}

export function timesOf({ plane }: Rest, job: JobSummary): { readonly 'start-time': number; readonly 'end-time': number; readonly duration: number } {
  const end = isEnded(job) ? job.changedAt : null;
  return { 'start-time': job.startedAt, 'end-time': end ?? -1, duration: Math.max(0, (end ?? plane.runtime.now()) - job.startedAt) };
}
