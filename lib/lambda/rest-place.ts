/** What the function with a URL works on: it reads the store itself, asks the workflow function for what only that sees, and has executions do the rest. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { checkpointByFunction } from '../cloud/checkpoint.ts';
import { checkpointsByFunction } from '../cloud/checkpoints.ts';
import { describeByFunction } from '../cloud/describe.ts';
import { cloudOperations } from '../cloud/executions.ts';
import { DESCRIBED_FOR_MS, type Stack } from '../cloud/stack.ts';
import { StepFunctions } from '../cloud/step-functions.ts';
import { triggeredExecutions } from '../cloud/triggered-executions.ts';
import { Gate } from '../control/rest/gate.ts';
import { restOn } from '../control/rest/rest.ts';
import type { Rest } from '../control/rest/route.ts';
import { ROUTES } from '../control/rest/routes.ts';
import { planeOf } from '../control/rest/store-plane.ts';
import { Token } from '../control/rest/token.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { absoluteDirectory } from '../place/directories.ts';
import { openRealPlace } from '../place/real.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { required, variable, type Environment } from './environment.ts';
import type { RestParts } from './rest-handler.ts';
import { machinesFrom } from './start-execution.ts';
import type { OpenTelemetry } from './telemetry.ts';

/** Once per sandbox. Throws OPTION_INVALID, StoreError. */
export async function restFrom(environment: Environment, telemetry: OpenTelemetry): Promise<RestParts> {
  const stack = stackFrom(environment);
  const { workshop } = openRealPlace(stack.urls);
  const functions = new StepFunctions(stack);
  const operations = cloudOperations({
    functions,
    workshop,
    checkpoint: (id, request) => checkpointByFunction(stack, id, request),
    onStart: () => {},
    onState: () => {},
    interruptibly: (run) => run(new AbortController().signal),
  });
  const describing = { describe: (id: JobId) => describeByFunction(stack, id), describedForMs: DESCRIBED_FOR_MS };
  const plane = planeOf({ workshop, operations, ...describing, isPaid: true, savepoints: stack.savepoints, absolute: absoluteDirectory, openSession: noSession });
  const token = await tokenFrom(environment);
  const told = telemetry(null, '');
  const onDefect = (thrown: unknown): void => told.problem('the REST API', thrown);
  const triggered = { ...triggeredExecutions({ functions, workshop }, absoluteDirectory), checkpoints: checkpointsByFunction(stack, workshop), disposals: NO_DISPOSALS };
  return {
    api: { rest: restOn(plane, onDefect, { token, ...triggered }), routes: ROUTES, audit: (entry) => told.operation(entry), onDefect },
    gate: (name) => new Gate({ runtime: nodeRuntime, names: [name], token }),
    stack: stack.name,
  };
}

/** Requests for sessions do not come this far; a resume with another SQL does. */
function noSession(): never {
  throw new SluiceError('OPTION_INVALID', { message: 'SQL is not read by this function', hint: 'let `sluice serve --stack NAME` serve the API, or use `sluice --stack NAME resume`' });
}

/** Whoever may take savepoints may not delete them: the function has no right to. */
const NO_DISPOSALS: Rest['disposals'] = {
  begin: async () => {
    throw new SluiceError('OPTION_INVALID', { message: 'savepoints are not deleted by this function', hint: 'sluice savepoint --dispose PATH, with credentials that may' });
  },
  outcomeOf: async () => null,
  underWay: () => 0,
  settle: async () => {},
};

function stackFrom(environment: Environment): Stack {
  const machines = machinesFrom(environment[VARIABLES.stateMachines]);
  const { create = '', savepoint = '', stop = '', cancel = '', resume = '', upgrade = '', teardown = '' } = machines;
  return {
    name: required(environment, VARIABLES.stack),
    urls: { store: required(environment, VARIABLES.store), blobs: required(environment, VARIABLES.blobs), kafka: required(environment, VARIABLES.kafka) },
    savepoints: required(environment, VARIABLES.savepoints),
    workflowFunction: required(environment, VARIABLES.workflow),
    workflows: { create, savepoint, stop, cancel, resume, upgrade, teardown },
  };
}

/** The client of Secrets Manager is loaded where a secret is named. */
async function tokenFrom(environment: Environment): Promise<Token | null> {
  const secret = variable(environment, VARIABLES.restToken);
  if (secret === null) return null;
  const { readSecret } = await import('../adapters/secrets/credentials.ts');
  return new Token(await readSecret(secret, { runtime: nodeRuntime }), nodeRuntime);
}
