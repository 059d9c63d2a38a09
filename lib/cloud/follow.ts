/** Waiting for an execution: its states as they are entered, and what came of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { isErrorCode, SluiceError, type ErrorCode } from '../core/errors.ts';
import type { WorkflowFailure } from '../workflows/messages.ts';
import type { TaskResult } from '../workflows/tasks.ts';
import type { ExecutionDetails, ExecutionId, StepFunctions } from './step-functions.ts';

/** Pauses between two looks grow from the first to the second; longer than an execution may take, nobody waits. */
const PAUSE_MIN_MS = 200;
const PAUSE_MAX_MS = 3000;
const PAUSE_GROWTH = 1.3;
const LOOKS_MAX = 3 * 3600;

export interface Following {
  /** A state that was not entered before; a loop is told of once. */
  readonly onState: (name: string) => void;
  /** Ends the waiting; the execution goes on. */
  readonly signal: AbortSignal;
}

/** Resolves when the execution has ended, however. Throws JOB_BUSY when `signal` ends the waiting. */
export async function follow(functions: StepFunctions, id: ExecutionId, { onState, signal }: Following): Promise<ExecutionDetails> {
  const told = new Set<string>();
  let seen = 0;
  let pause = PAUSE_MIN_MS;
  for (let look = 0; look < LOOKS_MAX && !signal.aborted; look++) {
    // In this order, since the history of an execution that has ended is complete.
    const details = await functions.describe(id);
    for (const { event, name } of details === null ? [] : await functions.statesAfter(id, seen)) {
      seen = event;
      if (!told.has(name)) onState(name);
      told.add(name);
    }
    if (details !== null && details.status !== 'RUNNING' && details.status !== 'PENDING_REDRIVE') return details;
    await pauseFor(pause, signal);
    pause = Math.min(PAUSE_MAX_MS, pause * PAUSE_GROWTH);
  }
  throw new SluiceError('JOB_BUSY', { message: `execution ${id.name} goes on`, hint: `see what becomes of it: sluice --stack ${functions.stack} executions show ${id.name}` });
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What an execution says that has succeeded: the result of its last step. */
export function resultOf({ output }: ExecutionDetails): Partial<TaskResult> {
  const result: Partial<TaskResult> = JSON.parse(output ?? '{}');
  return result;
}

/** Why an execution has not succeeded: as the last step has told it, which knows the hint, else as the execution ended. */
export async function failureOf(functions: StepFunctions, ended: ExecutionDetails): Promise<SluiceError> {
  const told = (await functions.lastOutputs(ended)).map(failureIn).find((failure) => failure !== null);
  const details = { execution: ended.name };
  if (told !== undefined && isErrorCode(told.code)) return errorOf(told.code, told, details);
  const { status, error, cause } = ended;
  if (error !== null && isErrorCode(error)) return errorOf(error, { message: cause ?? error, hint: null }, details);
  const why = [error, cause].filter((text) => text !== null).join(': ');
  return new SluiceError('CLOUD_FAILED', {
    message: `execution ${ended.name} is ${status}${why === '' ? '' : `: ${why}`}`,
    hint: `see where it ended: sluice --stack ${functions.stack} executions show ${ended.name}`,
    details,
  });
}

function errorOf(code: ErrorCode, { message, hint }: Pick<WorkflowFailure, 'message' | 'hint'>, details: SluiceError['details']): SluiceError {
  return new SluiceError(code, { message, details, ...(hint === null ? {} : { hint }) });
}

function failureIn(output: string): WorkflowFailure | null {
  const state: { readonly result?: Partial<TaskResult> } | null = JSON.parse(output);
  return state?.result?.failure ?? null;
}
