/** User name and password from Secrets Manager, in the form that Lambda's pollers want them too: `{"username": …, "password": …}`. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SluiceError, type ErrorParts } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Destination } from '../aws-address.ts';
import { CLIENT_OPTIONS, Requests, type Limits } from '../aws-requests.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface SecretsParts {
  readonly runtime: Pick<Runtime, 'elapsed' | 'randomHex' | 'sleep'>;
  readonly destination?: Destination;
  readonly limits?: Limits;
}

const FORM = 'store {"username": …, "password": …} in it';

/** `secret`: ARN or name. Throws OPTION_INVALID, which never repeats what the secret holds, and StoreError. */
export const readCredentials = async (secret: string, parts: SecretsParts): Promise<Credentials> => credentialsIn(await readSecret(secret, parts), secret);

/** The text of a secret; empty for one that is bytes. Throws as `readCredentials` does. */
export async function readSecret(secret: string, { runtime, destination = {}, limits }: SecretsParts): Promise<string> {
  const client = new SecretsManagerClient({ ...CLIENT_OPTIONS, ...destination });
  const hints = { ResourceNotFoundException: 'create the secret, or correct its ARN' };
  const requests = new Requests({ runtime, place: 'Secrets Manager', hints, refusal, limits });
  try {
    const get = new GetSecretValueCommand({ SecretId: secret });
    const { SecretString } = await requests.run({ what: `secretsmanager:GetSecretValue on ${secret}`, safety: 'read' }, (abortSignal) => client.send(get, { abortSignal }));
    return SecretString ?? '';
  } finally {
    client.destroy();
  }
}

const refusal = (parts: ErrorParts): SluiceError => new SluiceError('OPTION_INVALID', parts);

function credentialsIn(text: string, secret: string): Credentials {
  const { username, password } = parsed(text);
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  throw new SluiceError('OPTION_INVALID', { message: `the secret ${secret} holds no user name and password`, hint: FORM });
}

/** What the parser says of a text may show a part of it: it is told nowhere. */
function parsed(text: string): { readonly username?: unknown; readonly password?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
