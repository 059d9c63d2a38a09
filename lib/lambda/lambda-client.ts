/** Lambda's client as a module of ours, so that a bundle can load it late: a package of the CommonJS time has no named exports in a chunk of its own. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { aliasName, type Alias } from './alias.ts';

/** By the name that the function has in its account. */
export type InvokeByName = (name: string, alias: Alias | null, payload: object) => Promise<void>;

export function openLambdaClient(): InvokeByName {
  // One attempt and little time: a wake-up is a hint, and must not cost the commit behind which it comes its acknowledgement (§10).
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true } });
  return async (name, alias, payload) => {
    const qualifier = alias === null ? {} : { Qualifier: aliasName(alias) };
    await client.send(new InvokeCommand({ FunctionName: name, ...qualifier, InvocationType: 'Event', Payload: JSON.stringify(payload) }));
  };
}
