/** The control plane of a store that this process reaches: what commands do, done by it. */
import type { JobId } from '../../core/numbers.ts';
import { readControl, readPlan, type Workshop } from '../../engine/lifecycle/job-control.ts';
import { settingsFor } from '../../engine/settings.ts';
import { disposeSavepoint } from '../../savepoint/dispose.ts';
import { locationOf } from '../../savepoint/location.ts';
import { describeJob, type JobDescription } from '../describe.ts';
import { listJobs, summarize } from '../jobs.ts';
import { cancelJob, checkpointJob, stopJob, takeSavepoint } from '../operations.ts';
import type { ControlPlane, PlannedJob } from './control-plane.ts';

/** `absolute`: what a path or URL of a user means in every process; it throws OPTION_INVALID. */
export function storePlane(workshop: Workshop, absolute: (directory: string) => string): ControlPlane {
  const { ports } = workshop;
  const describing = new Map<JobId, Promise<JobDescription>>();
  return {
    runtime: ports.runtime,
    codec: ports.codec,
    jobs: () => listJobs(workshop),
    job: async (id) => summarize(workshop, id, (await readControl(ports, id)).control),
    // The views of one page are asked for at the same time, and each reads all the state: they share what is read.
    describe: (id) => {
      const description = describing.get(id) ?? describeJob(workshop, id).finally(() => describing.delete(id));
      describing.set(id, description);
      return description;
    },
    plan: (id) => planOf(workshop, id),
    savepoint: async (id, directory, trigger) => takeSavepoint(workshop, id, absolute(directory), trigger),
    stop: async (id, directory, drain, request) => stopJob(workshop, id, { directory: absolute(directory), drain, request }),
    checkpoint: (id, trigger) => checkpointJob(workshop, id, trigger),
    cancel: (id) => cancelJob(workshop, id),
    dispose: async (given) => {
      const path = locationOf(absolute(given));
      await disposeSavepoint({ blob: ports.openDirectory(path), codec: ports.codec }, path);
    },
  };
}

async function planOf({ ports, place }: Workshop, id: JobId): Promise<PlannedJob> {
  const plan = await readPlan(ports, id, (await readControl(ports, id)).control.planHash);
  return { plan, settings: settingsFor(plan, place) };
}
