/** Checkpoints that clients trigger, where nobody remembers them: they are asked for again, which gives the same one while it is the newest. */
import { isError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { OperationKey, Outcome, Triggered } from '../control/rest/triggered.ts';
import { checkpointByFunction } from './checkpoint.ts';
import type { Stack } from './stack.ts';

export function checkpointsByFunction(stack: Stack): Triggered<{ readonly job: JobId }, number> {
  const outcomeOf = async ({ job, trigger }: OperationKey): Promise<Outcome<number> | null> => {
    if (job === null) return null;
    try {
      return { kind: 'done', result: await checkpointByFunction(stack, job, trigger) };
    } catch (error) {
      if (!isError(error)) throw error;
      return { kind: 'failed', error };
    }
  };
  return { begin: async (key) => (await outcomeOf(key)) !== null, outcomeOf, underWay: () => 0, settle: async () => {} };
}
