/** What a runner tells, as counts for metrics. */
import type { Counted, CountedJob } from '../control/metrics/counted.ts';
import type { RunnerEvent } from '../local/runner-event.ts';

/** What comes with every batch; nobody prints it. */
export type CountedEvent = Extract<RunnerEvent, { readonly kind: 'committed' | 'checkpoint' }>;
export type ToldEvent = Exclude<RunnerEvent, CountedEvent>;

/** Counts every event, and hands on what people are told. */
export const counting =
  (counted: Counted, tell: (event: ToldEvent) => void) =>
  (event: RunnerEvent): void => {
    if (event.kind === 'hosting') counted.begin(event.job);
    if (event.kind === 'released') counted.end(event.job);
    const job = event.kind === 'store' ? null : counted.of(event.job);
    if (job !== null) count(job, event);
    if (event.kind !== 'committed' && event.kind !== 'checkpoint') tell(event);
  };

function count(job: CountedJob, event: RunnerEvent): void {
  switch (event.kind) {
    case 'committed':
      if (event.lagMs !== null) job.lagMs.set(event.source, event.lagMs);
      return job.read.count(event.source, event.records);
    case 'fired':
      for (const [sink, rows] of Object.entries(event.sinks)) job.emitted.count(sink, rows);
      return;
    case 'checkpoint':
      job.completedCheckpoints += 1;
      job.checkpointMs = event.tookMs;
      return;
    case 'savepoint':
      if (event.location === null) job.failedSavepoints += 1;
      else job.completedCheckpoints += 1;
      return;
    case 'partition':
    case 'firer':
      if (event.error !== null) job.restarts += 1;
  }
}
