/** A platform in AWS: who asks for it, its outputs, its function and its state machines. */
import { inspectFunction, whoAmI, type FunctionFacts } from '../../cloud/inspect.ts';
import { StepFunctions } from '../../cloud/step-functions.ts';
import type { Stack } from '../../cloud/stack.ts';
import { isError } from '../../core/errors.ts';
import { VERSION } from '../../core/version.ts';
import { WORKFLOWS, type WorkflowName } from '../../workflows/messages.ts';
import { fail, ok, warn, type Check, type Finding } from './finding.ts';

const DEPLOY = 'deploy the platform again';

export const credentials = (stack: string): Check => ({
  what: 'credentials',
  look: async () => {
    const { arn, region } = await whoAmI(stack);
    return [ok('credentials', `${arn} in ${region}`)];
  },
});

/** What the outputs of a stack that was found name. */
export const stackChecks = (stack: Stack): readonly Check[] => [
  { what: 'stack', look: async () => [ok('stack', `${stack.name}, with all outputs`)] },
  { what: 'workflow function', look: async () => [functionFinding(await functionFacts(stack))] },
  { what: 'state machines', look: async () => [await machinesFinding(stack)] },
];

/** Operators need not be allowed to look; then it is null, and why. */
async function functionFacts(stack: Stack): Promise<FunctionFacts | string> {
  try {
    return await inspectFunction(stack);
  } catch (error) {
    if (isError(error, 'CLOUD_FAILED') && /AccessDenied/.test(error.message)) return error.message;
    throw error;
  }
}

export function functionFinding(facts: FunctionFacts | string): Finding {
  const what = 'workflow function';
  if (typeof facts === 'string') return warn(what, `is not known: ${facts}`, 'allow lambda:GetFunctionConfiguration to see it');
  const { state, lastUpdate, version } = facts;
  if (state !== 'Active' || lastUpdate === 'Failed') return fail(what, `is ${state}, its last update ${lastUpdate}`, DEPLOY);
  if (version === VERSION) return ok(what, `is Active, of version ${version}`);
  return warn(what, `is of ${version === null ? 'an older version' : `version ${version}`}, this is ${VERSION}`, 'use the version of the platform, or deploy the platform with this one');
}

async function machinesFinding(stack: Stack): Promise<Finding> {
  const functions = new StepFunctions(stack);
  try {
    const problems = await Promise.all(WORKFLOWS.map((workflow) => machineProblem(functions, workflow)));
    const [first] = problems.flatMap((problem) => problem ?? []);
    return first ?? ok('state machines', `all ${WORKFLOWS.length} answer`);
  } finally {
    functions.close();
  }
}

async function machineProblem(functions: StepFunctions, workflow: WorkflowName): Promise<Finding | null> {
  try {
    await functions.list(workflow, 1);
    return null;
  } catch (error) {
    if (!isError(error)) throw error;
    return fail('state machines', error.message, error.hint ?? DEPLOY);
  }
}
