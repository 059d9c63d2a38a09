/** Checkpoints that clients trigger, where nobody remembers them: the log of the job does, for as long as it keeps them. */
import type { Rest } from '../control/rest/route.ts';
import { findCheckpoint } from '../engine/lifecycle/checkpoint.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { checkpointByFunction } from './checkpoint.ts';
import type { Stack } from './stack.ts';

/** A checkpoint is there, or has failed, when its request is answered. */
export const checkpointsByFunction = (stack: Stack, workshop: Workshop): Rest['checkpoints'] => ({
  begin: async ({ trigger }, { job }) => {
    if ((await findCheckpoint(workshop, job, trigger)) === null) await checkpointByFunction(stack, job, trigger);
    return true;
  },
  outcomeOf: async ({ job, trigger }) => {
    const result = job === null ? null : await findCheckpoint(workshop, job, trigger);
    return result === null ? null : { kind: 'done', result };
  },
  underWay: () => 0,
  settle: async () => {},
});
