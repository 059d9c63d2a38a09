/** One function wakes another: asynchronous invocation by alias. */
import type { Alias, FunctionName } from './alias.ts';
import { aliasName } from './alias.ts';

/** Resolves when the request is accepted; throws what the client throws. A null alias is the function itself. */
export type InvokeEvent = (name: FunctionName, alias: Alias | null, payload: object) => Promise<void>;

/** `AWS_ENDPOINT_URL_LAMBDA`, region and credentials come from the environment. The client is loaded with the first invocation. */
export function lambdaInvoke(): InvokeEvent {
  let loaded: Promise<InvokeEvent> | null = null;
  return async (name, alias, payload) => (await (loaded ??= load()))(name, alias, payload);
}

async function load(): Promise<InvokeEvent> {
  const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({ maxAttempts: 1 });
  return async (name, alias, payload) => {
    const qualifier = alias === null ? {} : { Qualifier: aliasName(alias) };
    await client.send(new InvokeCommand({ FunctionName: name, ...qualifier, InvocationType: 'Event', Payload: JSON.stringify(payload) }));
  };
}
