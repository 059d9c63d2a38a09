/** What Flink's JobManager tells of a job, and what the job costs. */
import { isEnded } from '../summary.ts';
import { samples, type JobFacts, type Of, type Sample, type Values } from './sample.ts';

/** Flink's word where there is no path yet. */
const NO_PATH = 'n/a';

export function jobSamples({ job, counted, now }: JobFacts): Sample[] {
  const of: Of = { job, vertex: null, partition: null };
  return [...samples(of, { ...timesOf(job, now), ...checkpointsOf({ job, counted }), ...costsOf(job) }), { metric: 'status', of, value: 1, labels: { status: job.status } }];
}

function timesOf(job: JobFacts['job'], now: number): Values {
  const age = isEnded(job) ? 0 : Math.max(0, now - job.startedAt);
  const running = job.status === 'RUNNING' ? age : 0;
  return { uptime: running, runningTime: running, restartingTime: job.status === 'RESTARTING' ? age : 0, fullRestarts: job.control.gen };
}

function checkpointsOf({ job, counted }: Pick<JobFacts, 'job' | 'counted'>): Values {
  const { operation, savepoints } = job.control;
  const newest = job.state?.checkpoints[0] ?? null;
  return {
    numRestarts: counted?.restarts ?? null,
    numberOfCompletedCheckpoints: counted?.completedCheckpoints ?? null,
    numberOfFailedCheckpoints: counted?.failedSavepoints ?? null,
    numberOfInProgressCheckpoints: operation?.kind === 'stop' && operation.directory !== null ? 1 : 0,
    lastCheckpointDuration: counted?.checkpointMs ?? null,
    lastCheckpointSize: newest?.newBytes ?? newest?.bytes ?? null,
    lastCheckpointFullSize: newest?.bytes ?? null,
    lastCheckpointExternalPath: savepoints[0]?.path ?? NO_PATH,
  };
}

function costsOf({ state }: JobFacts['job']): Values {
  if (state === null) return {};
  const { entries, operators, resumableUntil } = state;
  const usd = operators.flatMap(({ states }) => states.flatMap(({ monthlyUsd }) => monthlyUsd ?? []));
  return {
    logEntries: entries,
    stateMonthlyCost: usd.length === 0 ? null : usd.reduce((sum, one) => sum + one, 0),
    resumableUntil: resumableUntil === null ? null : resumableUntil / 1000,
  };
}
