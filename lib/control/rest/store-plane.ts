/** The control plane of a store that this process reaches: it reads jobs itself, and does to them what commands do. */
import type { JobId } from '../../core/numbers.ts';
import { deadLettersOf } from '../../engine/dead-letters.ts';
import { readControl, readPlan, type Workshop } from '../../engine/lifecycle/job-control.ts';
import { settingsFor } from '../../engine/settings.ts';
import { disposeSavepoint } from '../../savepoint/dispose.ts';
import { locationOf } from '../../savepoint/location.ts';
import { describeJob, type JobDescription } from '../describe.ts';
import { listJobs } from '../jobs.ts';
import { storeOperations, type Operations } from '../operations.ts';
import { planDiff } from '../plan-diff.ts';
import { progressOf } from '../progress.ts';
import { standingOf } from '../standing.ts';
import { summarize } from '../summary.ts';
import type { ControlPlane, PlannedJob } from './control-plane.ts';
import { sharing } from './descriptions.ts';

export interface PlaneParts {
  readonly workshop: Workshop;
  /** How jobs are changed: by this process, or by executions of Step Functions. */
  readonly operations: Operations;
  readonly describe: (id: JobId) => Promise<JobDescription>;
  /** For how long a description is told again, where each one has its price; default: not at all. */
  readonly describedForMs?: number;
  /** Whether what the store does costs money. */
  readonly isPaid: boolean;
  /** Where savepoints go that nobody names a directory for; null: nowhere. */
  readonly savepoints: string | null;
  /** What a path or URL of a user means in every process; throws OPTION_INVALID. */
  readonly absolute: (directory: string) => string;
  readonly openSession: ControlPlane['openSession'];
}

/** All of it is done by this process. */
export const storePlane = (workshop: Workshop, absolute: PlaneParts['absolute'], openSession: PlaneParts['openSession']): ControlPlane =>
  planeOf({ workshop, operations: storeOperations(workshop), describe: (id) => describeJob(workshop, id), isPaid: false, savepoints: null, absolute, openSession });

export function planeOf({ workshop, operations, describe, describedForMs = 0, isPaid, savepoints, absolute, openSession }: PlaneParts): ControlPlane {
  const { ports } = workshop;
  return {
    runtime: ports.runtime,
    codec: ports.codec,
    isPaid,
    offsets: ports.source.recordsHave === 'values' ? 'bytes' : 'records',
    savepoints,
    absolute,
    openSession,
    jobs: () => listJobs(workshop),
    job: async (id) => summarize(workshop, id, (await readControl(ports, id)).control),
    describe: sharing(describe, ports.runtime, describedForMs),
    standing: (id) => standingOf(workshop, id),
    progress: (id) => progressOf(ports, id),
    deadLetters: async (id) => deadLettersOf(ports, { id, g: (await readControl(ports, id)).control.gen }),
    plan: (id) => planOf(workshop, id),
    savepoint: async (id, directory, trigger) => operations.savepoint(id, absolute(directory), trigger),
    stop: async (id, directory, drain, request) => operations.stop(id, { directory: absolute(directory), drain, request }),
    resume: (id, wanted, request) => operations.resume(id, { ...wanted, request }),
    planDiff: (id, wanted) => planDiff(workshop, id, wanted),
    checkpoint: (id, trigger) => operations.checkpoint(id, trigger),
    cancel: (id) => operations.cancel(id),
    dispose: async (given) => {
      const path = locationOf(absolute(given));
      await disposeSavepoint({ blob: ports.openDirectory(path), codec: ports.codec }, path);
    },
  };
}

async function planOf({ ports, place }: Workshop, id: JobId): Promise<PlannedJob> {
  const { planHash } = (await readControl(ports, id)).control;
  const plan = await readPlan(ports, id, planHash);
  return { planHash, plan, settings: settingsFor(plan, place) };
}
