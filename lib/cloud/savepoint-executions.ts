/** Savepoints and stops that clients trigger, as executions: the trigger is in their name, so what became of one can be asked anywhere, at any time. */
import type { SavepointOperation } from '../control/rest/route.ts';
import type { OperationKey, Outcome, Triggered } from '../control/rest/triggered.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { executionOf } from './executions.ts';
import { failureOf, resultOf } from './follow.ts';
import type { ExecutionDetails, StepFunctions } from './step-functions.ts';

/** `absolute`: what a directory of a client means to functions; throws OPTION_INVALID. */
export function savepointExecutions(functions: StepFunctions, absolute: (directory: string) => string): Triggered<SavepointOperation, string> {
  const outcomeOf = async ({ job, trigger }: OperationKey): Promise<Outcome<string> | null> => {
    const found = job === null ? null : await find(functions, job, trigger);
    return found === null ? null : outcomeOfExecution(functions, found);
  };
  return {
    begin: async (key, operation) => {
      if ((await outcomeOf(key)) === null) await start(functions, { ...operation, directory: absolute(operation.directory) }, key.trigger);
      return true;
    },
    outcomeOf,
    // They go on whatever ends.
    underWay: () => 0,
    settle: async () => {},
  };
}

function start(functions: StepFunctions, { kind, ...input }: SavepointOperation, trigger: string): Promise<void> {
  return functions.start(kind, executionOf(kind, input.job, trigger).name, input);
}

/** One space of triggers for both. */
async function find(functions: StepFunctions, job: JobId, trigger: string): Promise<ExecutionDetails | null> {
  const [savepoint, stop] = await Promise.all((['savepoint', 'stop'] as const).map((kind) => functions.describe(executionOf(kind, job, trigger))));
  return savepoint ?? stop ?? null;
}

async function outcomeOfExecution(functions: StepFunctions, found: ExecutionDetails): Promise<Outcome<string>> {
  if (found.status === 'RUNNING' || found.status === 'PENDING_REDRIVE') return { kind: 'in-progress' };
  if (found.status !== 'SUCCEEDED') return { kind: 'failed', error: await failureOf(functions, found) };
  const { savepoint = null } = resultOf(found);
  if (savepoint !== null) return { kind: 'done', result: savepoint };
  return { kind: 'failed', error: new SluiceError('CLOUD_FAILED', { message: `execution ${found.name} has succeeded, but names no savepoint`, hint: 'see the savepoints of the job: sluice describe' }) };
}
