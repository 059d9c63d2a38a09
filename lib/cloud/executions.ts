/** What operators do to the jobs of a stack: executions of its state machines, which go on when nobody follows them. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Operations, Upgraded } from '../control/operations.ts';
import { SluiceError } from '../core/errors.ts';
import { jobId, type JobId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import type { ResumeOptions } from '../engine/lifecycle/start.ts';
import { readControl, type JobControl, type Workshop } from '../engine/lifecycle/job-control.ts';
import { PLAN_BYTES_MAX, type WorkflowInputs, type WorkflowName } from '../workflows/messages.ts';
import type { TaskResult } from '../workflows/tasks.ts';
import { failureOf, follow, resultOf } from './follow.ts';
import type { ExecutionId, StepFunctions } from './step-functions.ts';

export interface CloudParts {
  readonly functions: StepFunctions;
  /** The store, to read what became of a job. */
  readonly workshop: Pick<Workshop, 'ports'>;
  /** Takes a checkpoint: the one thing that is no execution. */
  readonly checkpoint: Operations['checkpoint'];
  /** An execution has started. */
  readonly onStart: (id: ExecutionId) => void;
  /** A state that was not entered before; a loop is told of once. */
  readonly onState: (name: string) => void;
  /** Runs what may be left before its end. */
  readonly interruptibly: <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}


export function cloudOperations(parts: CloudParts): Operations {
  return {
    create: async (plan, { savepoint, allowNonRestored, pauseTtl = false, job = jobId(nodeRuntime.randomHex(16)) }) => {
      await run(parts, 'create', job, { job, plan: planText(plan), ...(savepoint === null ? {} : { savepoint }), allowNonRestored, ...(pauseTtl && { pauseTtl }) });
      return job;
    },
    savepoint: async (job, directory, request) => savepointOf(await run(parts, 'savepoint', job, { job, directory }, request)),
    checkpoint: (job, request) => parts.checkpoint(job, request),
    stop: async (job, { directory, drain, request }) => savepointOf(await run(parts, 'stop', job, { job, directory, drain }, request)),
    cancel: async (job) => void (await run(parts, 'cancel', job, { job })),
    resume: async (job, options) => {
      await run(parts, 'resume', job, resumeInput(job, options), options.request);
      return droppedBy(await controlOf(parts, job));
    },
    upgrade: (job, plan, { directory, allowNonRestored }) => upgrade(parts, job, { job, plan: planText(plan), directory, allowNonRestored }),
  };
}

/** Throws OPTION_INVALID for a plan that Step Functions does not take. */
export function resumeInput(job: JobId, { savepoint, plan, allowNonRestored, allowOffsetGap, pauseTtl = false }: ResumeOptions): WorkflowInputs['resume'] {
  const base = { ...(savepoint === null ? {} : { savepoint }), ...(plan === null ? {} : { plan: planText(plan) }) };
  return { job, ...base, allowNonRestored, allowOffsetGap, pauseTtl };
}

/** The workflow decides what an upgrade is; what it was is seen by the job. */
async function upgrade(parts: CloudParts, job: JobId, input: WorkflowInputs['upgrade']): Promise<Upgraded> {
  const before = await controlOf(parts, job);
  const { savepoint = null } = await run(parts, 'upgrade', job, input);
  const after = await controlOf(parts, job);
  if (after.gen === before.gen) return { kind: 'same', savepoint: null, dropped: [] };
  const from = after.restored?.from ?? null;
  if (savepoint !== null && savepoint !== before.replaced?.savepoint) return { kind: 'upgrade', savepoint, dropped: droppedBy(after) };
  return from !== null && from === before.replaced?.savepoint
    ? { kind: 'revert', savepoint: from, dropped: droppedBy(after) }
    : { kind: 'restart', savepoint: null, dropped: droppedBy(after) };
}

export const controlOf = async ({ workshop }: Pick<CloudParts, 'workshop'>, job: JobId): Promise<JobControl> => (await readControl(workshop.ports, job)).control;

export const droppedBy = ({ restored }: JobControl): readonly string[] => restored?.dropped ?? [];

interface Ended {
  readonly id: ExecutionId;
  readonly savepoint?: string | null;
}

/** The name begins with the job's id, so that the executions of a job are found. What is requested again under one id is one execution. */
export const executionOf = (workflow: WorkflowName, job: JobId, request: string): ExecutionId => ({ workflow, name: `${job}-${workflow}-${request}` });

/** Starts an execution and waits for its end. */
async function run<Name extends WorkflowName>(parts: CloudParts, workflow: Name, job: JobId, input: WorkflowInputs[Name], request = nodeRuntime.randomHex(6)): Promise<Ended> {
  const id = executionOf(workflow, job, request);
  const { functions, onStart, onState } = parts;
  const ended = await parts.interruptibly(async (signal) => {
    await functions.start(workflow, id.name, input);
    onStart(id);
    return follow(functions, id, { onState, signal });
  });
  if (ended.status !== 'SUCCEEDED') throw await failureOf(functions, ended);
  const { savepoint }: Pick<Partial<TaskResult>, 'savepoint'> = resultOf(ended);
  return { id, ...(savepoint === undefined ? {} : { savepoint }) };
}

function savepointOf({ id, savepoint }: Ended): string {
  if (savepoint !== undefined && savepoint !== null) return savepoint;
  throw new SluiceError('CLOUD_FAILED', { message: `execution ${id.name} has succeeded, but names no savepoint`, hint: 'see the savepoints of the job: sluice describe' });
}

function planText(plan: Plan): string {
  const text = JSON.stringify(plan);
  const bytes = Buffer.byteLength(JSON.stringify(text));
  if (bytes <= PLAN_BYTES_MAX) return text;
  throw new SluiceError('OPTION_INVALID', { message: `the plan takes ${bytes} bytes, Step Functions takes ${PLAN_BYTES_MAX}`, hint: 'make several jobs of the statement' });
}
