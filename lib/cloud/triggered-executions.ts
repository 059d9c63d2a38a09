/** What clients trigger, as executions: the trigger is in their name, so what became of one can be asked anywhere, at any time. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Rest, SavepointOperation } from '../control/rest/route.ts';
import type { OperationKey, Outcome, Triggered } from '../control/rest/triggered.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { WorkflowName } from '../workflows/messages.ts';
import { controlOf, droppedBy, executionOf, resumeInput, type CloudParts } from './executions.ts';
import { failureOf, resultOf } from './follow.ts';
import type { ExecutionDetails, StepFunctions } from './step-functions.ts';

/** Until an execution is seen that has started. */
const LOOKS_MAX = 20;
const PAUSE_MS = 100;

type Parts = Pick<CloudParts, 'functions' | 'workshop'>;

/** `absolute`: what a directory of a client means to functions; throws OPTION_INVALID. */
export const triggeredExecutions = (parts: Parts, absolute: (directory: string) => string): Pick<Rest, 'savepoints' | 'resumes'> => ({
  savepoints: triggered(parts, {
    workflows: ['savepoint', 'stop'],
    start: (operation, trigger) => startSavepoint(parts, { ...operation, directory: absolute(operation.directory) }, trigger),
    result: async (found) => savepointOf(found),
  }),
  resumes: triggered(parts, {
    workflows: ['resume'],
    start: ({ job, ...wanted }, trigger) => parts.functions.start('resume', executionOf('resume', job, trigger).name, resumeInput(job, wanted)),
    result: async (_, job) => droppedBy(await controlOf(parts, job)),
  }),
});

interface Kind<O, T> {
  /** They have one space of triggers. */
  readonly workflows: readonly WorkflowName[];
  readonly start: (operation: O, trigger: string) => Promise<void>;
  /** What an execution came to that has succeeded. */
  readonly result: (found: ExecutionDetails, job: JobId) => Promise<T>;
}

function triggered<O, T>({ functions }: Parts, { workflows, start, result }: Kind<O, T>): Triggered<O, T> {
  const outcomeOf = async ({ job, trigger }: OperationKey): Promise<Outcome<T> | null> => {
    const found = job === null ? null : await find(functions, workflows, job, trigger);
    if (found === null || job === null) return null;
    if (found.status === 'RUNNING' || found.status === 'PENDING_REDRIVE') return { kind: 'in-progress' };
    if (found.status !== 'SUCCEEDED') return { kind: 'failed', error: await failureOf(functions, found) };
    return { kind: 'done', result: await result(found, job) };
  };
  return {
    begin: async ({ job, trigger }, operation) => {
      const isThere = async (): Promise<boolean> => job !== null && (await find(functions, workflows, job, trigger)) !== null;
      if (await isThere()) return true;
      await start(operation, trigger);
      // Executions are seen a little after they have started, and whoever triggered one asks for it at once.
      for (let look = 0; look < LOOKS_MAX && !(await isThere()); look++) await nodeRuntime.sleep(PAUSE_MS);
      return true;
    },
    outcomeOf,
    // They go on whatever ends.
    underWay: () => 0,
    settle: async () => {},
  };
}

function startSavepoint({ functions }: Parts, { kind, ...input }: SavepointOperation, trigger: string): Promise<void> {
  return functions.start(kind, executionOf(kind, input.job, trigger).name, input);
}

async function find(functions: StepFunctions, workflows: readonly WorkflowName[], job: JobId, trigger: string): Promise<ExecutionDetails | null> {
  const found = await Promise.all(workflows.map((workflow) => functions.describe(executionOf(workflow, job, trigger))));
  return found.find((details) => details !== null) ?? null;
}

function savepointOf(found: ExecutionDetails): string {
  const { savepoint = null } = resultOf(found);
  if (savepoint !== null) return savepoint;
  throw new SluiceError('CLOUD_FAILED', { message: `execution ${found.name} has succeeded, but names no savepoint`, hint: 'see the savepoints of the job: sluice describe' });
}
