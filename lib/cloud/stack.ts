/** A platform by the name of its CloudFormation stack: what its outputs say. */
import { CloudFormationClient, DescribeStacksCommand, type Stack as StackDescription } from '@aws-sdk/client-cloudformation';
import { CLIENT_OPTIONS } from '../adapters/aws-requests.ts';
import { SluiceError } from '../core/errors.ts';
import type { PlaceUrls } from '../place/urls.ts';
import { OUTPUTS, workflowOutput, type WorkflowName } from '../workflows/messages.ts';
import { cloudRequests } from './requests.ts';

export interface Stack {
  readonly name: string;
  readonly urls: PlaceUrls;
  /** Where savepoints go by default. */
  readonly savepoints: string;
  /** Name or ARN. */
  readonly workflowFunction: string;
  /** ARNs of the state machines. */
  readonly workflows: Readonly<Record<WorkflowName, string>>;
}

/** A description of a job is an invocation of a large function: who looks again within this time sees the last one. */
export const DESCRIBED_FOR_MS = 5000;

/** One request. Throws OPTION_INVALID where there is no such stack or it is no platform, CLOUD_FAILED, StoreError. */
export async function findStack(name: string): Promise<Stack> {
  const client = new CloudFormationClient(CLIENT_OPTIONS);
  try {
    const described = await cloudRequests(name).run({ what: 'find its outputs', safety: 'read' }, (abortSignal) => describe(client, name, abortSignal));
    if (described === null) throw unknown(name, await client.config.region());
    return stackOf(name, described);
  } finally {
    client.destroy();
  }
}

/** Null if there is none; CloudFormation then calls the name invalid. */
async function describe(client: CloudFormationClient, name: string, abortSignal: AbortSignal): Promise<StackDescription | null> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }), { abortSignal });
    return stack ?? null;
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && / does not exist/.test(error.message)) return null;
    throw error;
  }
}

const unknown = (name: string, region: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `there is no stack '${name}' in ${region}`, hint: 'correct --stack, or name its account and region with --profile and --region' });

function stackOf(name: string, { StackStatus: status, Outputs: outputs = [] }: StackDescription): Stack {
  const values = new Map(outputs.map(({ OutputKey: key = '', OutputValue: value = '' }) => [key, value]));
  const missing: string[] = [];
  const output = (key: string): string => {
    const value = values.get(key) ?? '';
    if (value === '') missing.push(key);
    return value;
  };
  const machine = (workflow: WorkflowName): string => output(workflowOutput(workflow));
  const stack: Stack = {
    name,
    urls: { store: output(OUTPUTS.store), blobs: output(OUTPUTS.blobs), kafka: output(OUTPUTS.kafka) },
    savepoints: output(OUTPUTS.savepoints),
    workflowFunction: output(OUTPUTS.workflowFunction),
    workflows: {
      create: machine('create'),
      savepoint: machine('savepoint'),
      stop: machine('stop'),
      cancel: machine('cancel'),
      resume: machine('resume'),
      upgrade: machine('upgrade'),
      teardown: machine('teardown'),
    },
  };
  if (missing.length === 0) return stack;
  throw new SluiceError('OPTION_INVALID', {
    message: `stack '${name}' (${status}) has no output ${missing.join(', ')}`,
    hint: 'name the stack of a Sluice platform whose deployment is complete',
  });
}
