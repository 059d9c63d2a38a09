/** Runs of examples that are disturbed at every place: what a savepoint or a crash must not change. */
import { expect } from 'vitest';
import type { JobDefinition } from 'sluice/api';
import { runJob, type JobRun, type SinkRow, type TopicRecord } from 'sluice/testing';

/** A record, or milliseconds of processing time that pass. */
export type Step = TopicRecord | number;

/** Epoch ms at which processing time begins. */
export const START = 1_800_000_000_000;

/** Called ahead of each step `i`, and behind the last one; `at` is where it disturbs. */
type Disturbance = (run: JobRun, i: number, at: number) => void | Promise<void>;

const once =
  (disturb: (run: JobRun) => void | Promise<void>): Disturbance =>
  (run, i, at) =>
    i === at ? disturb(run) : undefined;

const DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  'a stop with savepoint': once(async (run) => {
    await run.stop();
    await run.resume();
  }),
  'a cancel, with a resume from the last state': once((run) => run.resume()),
  'a live savepoint': once(async (run) => void (await run.savepoint())),
  'a kill of writer and firer': once((run) => run.kill()),
  'kills of writer and firer ahead of each step from here on': (run, i, at) => (i >= at ? run.kill() : undefined),
};

/** What each sink has taken when the steps are done and the job was drained; `before` is called ahead of each step, and behind the last one. */
export async function rowsOf(
  job: JobDefinition,
  sinks: readonly string[],
  steps: readonly Step[],
  before: (i: number, run: JobRun) => void | Promise<void> = () => {},
): Promise<Record<string, SinkRow[]>> {
  const run = await runJob(job, { processingTime: START });
  for (const [i, step] of steps.entries()) {
    await before(i, run);
    if (typeof step === 'number') await run.advanceProcessingTime(step);
    else await run.process([step]);
  }
  await before(steps.length, run);
  await run.stop({ drain: true });
  return Object.fromEntries(sinks.map((sink) => [sink, run.rows(sink)]));
}

/** Every disturbance at every place, and a kill ahead of every call to a store, topic or sink, gives the rows of the run that nothing disturbs. */
export async function expectUndisturbed(job: JobDefinition, sinks: readonly string[], steps: readonly Step[]): Promise<void> {
  const undisturbed = await rowsOf(job, sinks, steps);
  expect(Object.values(undisturbed).flat().length).toBeGreaterThan(0);
  for (const [what, disturb] of Object.entries(DISTURBANCES)) {
    for (let at = 0; at <= steps.length; at++) {
      const rows = await rowsOf(job, sinks, steps, (i, run) => disturb(run, i, at));
      expect(rows, `${what} before step ${at}`).toEqual(undisturbed);
    }
  }
  for (let call = 1, kills = 1; kills > 0; call++) {
    const rows = await rowsOf(job, sinks, steps, (i, run) => {
      if (i === 0) run.kill({ beforeCall: call });
      ({ kills } = run);
    });
    expect(rows, `killed before call ${call}`).toEqual(undisturbed);
  }
}

/** Values of a topic, one by one. */
export const of = (topic: string, ...values: readonly object[]): TopicRecord[] => values.map((value) => ({ topic, value }));
