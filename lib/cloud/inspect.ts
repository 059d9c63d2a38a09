/** What AWS says of a platform's parts that its outputs do not: who asks, and how its function is. */
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
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
  /** `Active` */
  readonly state: string;
  /** `Successful` */
  readonly lastUpdate: string;
  /** Of Sluice; null for a platform that does not say. */
  readonly version: string | null;
}

/** Of the workflow function. Throws CLOUD_FAILED, StoreError. */
export async function inspectFunction({ name, workflowFunction }: Stack): Promise<FunctionFacts> {
  const client = new LambdaClient(CLIENT_OPTIONS);
  const command = new GetFunctionConfigurationCommand({ FunctionName: workflowFunction });
  try {
    const found = await cloudRequests(name).run({ what: `look at ${workflowFunction}`, safety: 'read' }, (abortSignal) => client.send(command, { abortSignal }));
    return { state: found.State ?? '', lastUpdate: found.LastUpdateStatus ?? '', version: found.Environment?.Variables?.[VARIABLES.version] ?? null };
  } finally {
    client.destroy();
  }
}
