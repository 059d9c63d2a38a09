/**
 * The resource function: CloudFormation's custom resource behind a job. It starts an execution, whose last state answers CloudFormation, and
 * answers itself only where there is nothing to do, or nothing could be started.
 */
import { isError, SluiceError } from '../core/errors.ts';
import type { Codec, Runtime } from '../ports/runtime.ts';
import { VARIABLES } from '../workflows/environment.ts';
import type { Respond, WorkflowFailure } from '../workflows/messages.ts';
import { answer, type PutText } from './cloudformation.ts';
import type { KeepProgram } from './programs.ts';
import { actionFor, respondTo, type ResourceAction, type ResourceRequest } from './resource-request.ts';
import { machinesFrom, type StartExecution } from './start-execution.ts';

export interface ResourceParts {
  /** As the environment has it (`VARIABLES.stateMachines`): a mistake in it is told to CloudFormation, as every other one. */
  readonly machines: string | undefined;
  readonly start: StartExecution;
  readonly put: PutText;
  readonly keep: KeepProgram;
  readonly codec: Pick<Codec, 'sha256'>;
  readonly runtime: Runtime;
}

/** Never throws for what is wrong with the request: nobody would hear it, and CloudFormation would wait for an hour. */
export function resourceHandler(parts: ResourceParts): (request: ResourceRequest) => Promise<void> {
  return async (request) => {
    const respond = respondTo(request, parts.codec);
    const tell = (failure: WorkflowFailure | null): Promise<void> => answer(respond, { failure, data: {} }, parts.put, parts.runtime);
    try {
      const action = actionFor(request, respond);
      if (action.kind === 'nothing') await tell(null);
      else await start(parts, respond, action);
    } catch (error) {
      if (isError(error, 'STORE_FAILED')) throw error; // the answer did not get through: Lambda invokes the function again
      await tell(failureFrom(error));
    }
  };
}

/** The request id names the execution: what is sent twice is done once. */
async function start({ machines, start, keep }: ResourceParts, respond: Respond, action: Extract<ResourceAction, { kind: 'start' }>): Promise<void> {
  const { workflow, input } = action;
  const machine = machinesFrom(machines)[workflow];
  if (machine === undefined) throw new SluiceError('OPTION_INVALID', { message: `${VARIABLES.stateMachines} names no machine for ${workflow}`, hint: 'deploy the platform again' });
  if ('program' in action && action.program !== null) await keep(action.program);
  await start(machine, respond.RequestId, input);
}

function failureFrom(error: unknown): WorkflowFailure {
  if (isError(error)) return { code: error.code, message: error.message, hint: error.hint ?? null };
  const message = `the workflow could not be started: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  return { code: 'FUNCTION_FAILED', message, hint: 'correct what the message names, then deploy again' };
}
