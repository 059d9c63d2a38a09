/** What AWS says of a platform's parts that its outputs do not: who asks, and how its functions are. */
import { GetFunctionConfigurationCommand, LambdaClient, type GetFunctionConfigurationCommandOutput } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CLIENT_OPTIONS } from '../adapters/aws-requests.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { cloudRequests } from './requests.ts';
import type { Stack } from './stack.ts';

export interface Caller {
  /** `arn:aws:sts::123456789012:assumed-role/operator/session` */
  readonly arn: string;
  readonly region: string;
}

/** Throws CLOUD_FAILED, StoreError. */
export async function whoAmI(stack: string): Promise<Caller> {
  const client = new STSClient(CLIENT_OPTIONS);
  try {
    const { Arn = '' } = await cloudRequests(stack).run({ what: 'find out who asks', safety: 'read' }, (abortSignal) => client.send(new GetCallerIdentityCommand({}), { abortSignal }));
    return { arn: Arn, region: await client.config.region() };
  } finally {
    client.destroy();
  }
}

export interface FunctionFacts {
  readonly name: string;
  /** `Active` */
  readonly state: string;
  /** `Successful` */
  readonly lastUpdate: string;
}

export interface FunctionsFacts {
  /** Workflow, writer and firer. */
  readonly functions: readonly FunctionFacts[];
  /** Of Sluice; null for a platform that does not say. */
  readonly version: string | null;
}

/** The workflow function knows the others. Throws CLOUD_FAILED, StoreError. */
export async function inspectFunctions(stack: Stack): Promise<FunctionsFacts> {
  const client = new LambdaClient(CLIENT_OPTIONS);
  const look = (name: string): Promise<GetFunctionConfigurationCommandOutput> =>
    cloudRequests(stack.name).run({ what: `look at ${name}`, safety: 'read' }, (abortSignal) => client.send(new GetFunctionConfigurationCommand({ FunctionName: name }), { abortSignal }));
  try {
    const workflow = await look(stack.workflowFunction);
    const { [VARIABLES.writer]: writer, [VARIABLES.firer]: firer, [VARIABLES.version]: version = null } = workflow.Environment?.Variables ?? {};
    const others = await Promise.all([writer, firer].map(async (name) => (name === undefined ? [] : [factsOf(name, await look(name))])));
    return { functions: [factsOf(stack.workflowFunction, workflow), ...others.flat()], version };
  } finally {
    client.destroy();
  }
}

const factsOf = (name: string, { State, LastUpdateStatus }: GetFunctionConfigurationCommandOutput): FunctionFacts => ({ name, state: State ?? 'unknown', lastUpdate: LastUpdateStatus ?? 'unknown' });
