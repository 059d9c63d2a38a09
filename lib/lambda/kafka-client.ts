/** How functions reach Kafka: properties of Kafka's Java client, from the environment and a secret. Nothing of it is logged. */
import { AUTHENTICATIONS, type KafkaAuthentication } from '../adapters/lambda/mapping-request.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Credentials } from '../adapters/secrets/credentials.ts';
import { SluiceError } from '../core/errors.ts';
import { readClientProperties } from '../place/client-properties.ts';
import type { ClientProperties } from '../place/brokers.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { variable, type Environment } from './environment.ts';

/** The user of a secret, by its ARN. */
export type ReadCredentials = (secret: string) => Promise<Credentials>;

/** A file of Kafka client properties; what it says goes first. */
const CONFIG = 'SLUICE_KAFKA_CONFIG';

/**
 * Once per sandbox: a secret that is rotated is read by the next one. Throws OPTION_INVALID, FILE_UNREADABLE, StoreError. The client of Secrets Manager
 * is loaded where a secret is named.
 */
export async function kafkaClientFrom(environment: Environment, read: ReadCredentials = readSecret): Promise<ClientProperties> {
  const config = variable(environment, CONFIG);
  return { ...(await securityFrom(environment, read)), ...(config === null ? {} : await readClientProperties(config)) };
}

/** Null: plain text. Throws OPTION_INVALID. */
export function authenticationFrom(environment: Environment): KafkaAuthentication | null {
  const text = variable(environment, VARIABLES.kafkaAuthentication);
  if (text === null) return null;
  const found = AUTHENTICATIONS.find((authentication) => authentication === text);
  if (found !== undefined) return found;
  throw new SluiceError('OPTION_INVALID', { message: `${VARIABLES.kafkaAuthentication} cannot be '${text}'`, hint: `set it to one of ${AUTHENTICATIONS.join(', ')}, or leave it out for plain text` });
}

async function securityFrom(environment: Environment, read: ReadCredentials): Promise<ClientProperties> {
  const authentication = authenticationFrom(environment);
  switch (authentication) {
    case null:
      return {};
    case 'tls':
      return { 'security.protocol': 'SSL' };
    case 'iam':
      return { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'AWS_MSK_IAM' };
    case 'plain':
    case 'scram-sha-256':
    case 'scram-sha-512':
      return { 'security.protocol': 'SASL_SSL', ...userProperties(authentication, await read(secretFrom(environment, authentication))) };
  }
}

function secretFrom(environment: Environment, authentication: string): string {
  const secret = variable(environment, VARIABLES.kafkaSecret);
  if (secret !== null) return secret;
  throw new SluiceError('OPTION_INVALID', { message: `${VARIABLES.kafkaAuthentication} is '${authentication}', and ${VARIABLES.kafkaSecret} is not set`, hint: 'name the ARN of a secret with user name and password' });
}

const LOGIN = { plain: 'plain.PlainLoginModule', 'scram-sha-256': 'scram.ScramLoginModule', 'scram-sha-512': 'scram.ScramLoginModule' } as const;

function userProperties(authentication: keyof typeof LOGIN, { username, password }: Credentials): ClientProperties {
  const jaas = `org.apache.kafka.common.security.${LOGIN[authentication]} required username=${quoted(username)} password=${quoted(password)};`;
  return { 'sasl.mechanism': authentication.toUpperCase(), 'sasl.jaas.config': jaas };
}

/** Quotes are those of JAAS files. */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;

const readSecret: ReadCredentials = async (secret) => (await import('../adapters/secrets/credentials.ts')).readCredentials(secret, { runtime: nodeRuntime });
