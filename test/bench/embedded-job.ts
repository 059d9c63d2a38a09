/** A data directory with one topic of lab-like events and the lab's job, ready to run. */
import { join } from 'node:path';
import type { JobId } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { runUp } from '../../lib/local/runner.ts';
import { labPlan } from '../engine/lab-plan.ts';

export type Embedded = ReturnType<typeof openEmbedded>;

export async function createJob(ports: Embedded, dir: string, change: (plan: Plan) => Plan = (plan) => plan): Promise<JobId> {
  const workshop = workshopOf(ports);
  const plan = labPlan({ planOptions: { 'execution.checkpointing.interval': '10s' }, path: join(dir, 'out') });
  const id = await requestCreate(workshop, change(plan), { savepoint: null, allowNonRestored: false });
  await runOperation(workshop, id);
  return id;
}

/** Runs all jobs until their input is read; returns how many FIREs emitted rows. */
export async function runToEnd(ports: Embedded): Promise<number> {
  let fires = 0;
  const troubles = await runUp(workshopOf(ports), {
    once: true,
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.kind === 'fired' && event.rows > 0) fires++;
    },
  });
  if (troubles[0] !== undefined) throw troubles[0];
  return fires;
}
