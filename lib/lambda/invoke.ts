/** One function wakes another: asynchronous invocation by alias. */
import { VARIABLES } from '../workflows/environment.ts';
import type { Alias, FunctionName } from './alias.ts';
import { variable, type Environment } from './environment.ts';
import type { InvokeByName } from './lambda-client.ts';

/** Resolves when the request is accepted; throws what the client throws. A null alias is the function itself. */
export type InvokeEvent = (name: FunctionName, alias: Alias | null, payload: object) => Promise<void>;

/**
 * `AWS_ENDPOINT_URL_LAMBDA`, region and credentials come from the environment of the process. The client is loaded with the first invocation. What
 * `environment` does not name is called as on a laptop.
 */
export function lambdaInvoke(environment: Environment = {}): InvokeEvent {
  let loaded: Promise<InvokeByName> | null = null;
  const load = async (): Promise<InvokeByName> => (await import('./lambda-client.ts')).openLambdaClient();
  return async (name, alias, payload) => (await (loaded ??= load()))(nameOf(environment, name), alias, payload);
}

const NAMED_BY: Partial<Record<FunctionName, string>> = { 'sluice-writer': VARIABLES.writer, 'sluice-firer': VARIABLES.firer };

function nameOf(environment: Environment, name: FunctionName): string {
  const named = NAMED_BY[name];
  return (named === undefined ? null : variable(environment, named)) ?? name;
}
