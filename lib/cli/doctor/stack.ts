/** A platform in AWS: who asks for it, its outputs, its functions and its state machines. */
import { inspectFunctions, whoAmI, type FunctionsFacts } from '../../cloud/inspect.ts';
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
  { what: 'functions', look: async () => [functionsFinding(await functionsFacts(stack))] },
  { what: 'state machines', look: async () => [await machinesFinding(stack)] },
];

/** Operators need not be allowed to look; then it is why. */
async function functionsFacts(stack: Stack): Promise<FunctionsFacts | string> {
  try {
    return await inspectFunctions(stack);
  } catch (error) {
    if (isError(error, 'CLOUD_FAILED') && /AccessDenied/.test(error.message)) return error.message;
    throw error;
  }
}

export function functionsFinding(facts: FunctionsFacts | string): Finding {
  const what = 'functions';
  if (typeof facts === 'string') return warn(what, `are not known: ${facts}`, 'allow lambda:GetFunctionConfiguration to see them');
  const { functions, version } = facts;
  const ill = functions.find(({ state, lastUpdate }) => state !== 'Active' || lastUpdate === 'Failed');
  if (ill !== undefined) return fail(what, `${ill.name} is ${ill.state}, its last update ${ill.lastUpdate}`, DEPLOY);
  if (version === VERSION) return ok(what, `all ${functions.length} are Active, of version ${version}`);
  return warn(what, `are of ${version === null ? 'an older version' : `version ${version}`}, this is ${VERSION}`, 'use the version of the platform, or deploy the platform with this one');
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
