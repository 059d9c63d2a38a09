/** Starting a state machine. */
import { SluiceError } from '../core/errors.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { WORKFLOWS, type WorkflowName } from '../workflows/messages.ts';

/** Resolves when the execution is there, also one that was started under this name before; throws what the client throws. */
export type StartExecution = (machineArn: string, name: string, input: object) => Promise<void>;

/** `AWS_ENDPOINT_URL_SFN`, region and credentials come from the environment. The client is loaded with the first start. */
export function lambdaStart(): StartExecution {
  let loaded: Promise<StartExecution> | null = null;
  const load = async (): Promise<StartExecution> => (await import('./step-functions-client.ts')).openStepFunctionsClient();
  return async (machineArn, name, input) => (await (loaded ??= load()))(machineArn, name, input);
}

export type Machines = Partial<Readonly<Record<WorkflowName, string>>>;

/** ARNs of state machines from `{"create": "arn:…", …}`; throws OPTION_INVALID for anything else. */
export function machinesFrom(text: string | undefined): Machines {
  const entries = Object.entries(parsed(text) ?? {});
  const machines = Object.fromEntries(WORKFLOWS.flatMap((name) => entries.filter(([key, arn]) => key === name && typeof arn === 'string')));
  if (entries.length > 0 && Object.keys(machines).length === entries.length) return machines;
  throw new SluiceError('OPTION_INVALID', {
    message: `${VARIABLES.stateMachines} cannot be '${text ?? ''}'`,
    hint: 'set it to a JSON object with the ARN of the state machine of each workflow',
  });
}

function parsed(text = ''): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
