/** One function wakes another: asynchronous invocation by alias. */
import type { Alias, FunctionName } from './alias.ts';

/** Resolves when the request is accepted; throws what the client throws. A null alias is the function itself. */
export type InvokeEvent = (name: FunctionName, alias: Alias | null, payload: object) => Promise<void>;

/** `AWS_ENDPOINT_URL_LAMBDA`, region and credentials come from the environment. The client is loaded with the first invocation. */
export function lambdaInvoke(): InvokeEvent {
  let loaded: Promise<InvokeEvent> | null = null;
  const load = async (): Promise<InvokeEvent> => (await import('./lambda-client.ts')).openLambdaClient();
  return async (name, alias, payload) => (await (loaded ??= load()))(name, alias, payload);
}
