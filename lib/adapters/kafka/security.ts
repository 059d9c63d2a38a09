/** TLS and SASL of a connection, from the properties of the Java client. Secrets stay inside: no message repeats one. */
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { tokenProvider } from './iam-token.ts';
import { type LoginModule, parseJaas } from './jaas.ts';
import { invalid, oneOf, type ConnectionProperties } from './properties.ts';

export type Sasl =
  | { readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> };

export interface Security {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly tls: TlsOptions | null;
  readonly sasl: Sasl | null;
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'AWS_MSK_IAM', 'OAUTHBEARER', 'GSSAPI'] as const;

/** Throws OPTION_INVALID, FILE_UNREADABLE as OPTION_INVALID of the property that names the file. */
export async function securityOf(properties: ConnectionProperties): Promise<Security> {
  const protocol = oneOf(properties, 'security.protocol', ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'], 'PLAINTEXT');
  return {
    protocol,
    tls: protocol.endsWith('SSL') ? await tlsOf(properties) : null,
    sasl: protocol.startsWith('SASL') ? saslOf(properties) : null,
  };
}

function saslOf(properties: ConnectionProperties): Sasl {
  const mechanism = oneOf(properties, 'sasl.mechanism', MECHANISMS, 'GSSAPI'); // Java's default, too
  const text = properties['sasl.jaas.config'];
  const module = text === undefined ? null : parseJaas(text);
  switch (mechanism) {
    case 'PLAIN':
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return { mechanism, ...credentials(mechanism, module) };
    case 'AWS_MSK_IAM':
      return { mechanism: 'OAUTHBEARER', token: tokenProvider(properties, module?.options ?? {}) };
    case 'OAUTHBEARER':
      if (module?.name === 'IAMLoginModule') return { mechanism, token: tokenProvider(properties, module.options) };
      throw invalid('sasl.mechanism', "is 'OAUTHBEARER', which works with AWS IAM only", "Set it to 'AWS_MSK_IAM', or use a SCRAM user.");
    case 'GSSAPI':
      throw invalid('sasl.mechanism', "is 'GSSAPI' (the default of Java's clients), which is not supported", "Set it to 'SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN' or 'AWS_MSK_IAM'.");
  }
}

function credentials(mechanism: string, module: LoginModule | null): { username: string; password: string } {
  const { username, password } = module?.options ?? {};
  if (username !== undefined && password !== undefined) return { username, password };
  const name = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule';
  throw invalid('sasl.jaas.config', `must name a username and a password for ${mechanism}`, `Write it like: org.apache.kafka.common.security.${name} required username="u" password="p";`);
}

async function tlsOf(properties: ConnectionProperties): Promise<TlsOptions> {
  const ca = await storeOf(properties, 'truststore', 'ssl.truststore.certificates');
  const bundle = await storeOf(properties, 'keystore', 'ssl.keystore.certificate.chain');
  const key = properties['ssl.keystore.key'] ?? bundle;
  const passphrase = properties['ssl.key.password'];
  return {
    ...(ca === null ? {} : { ca }),
    ...(bundle === null || key === null ? {} : { cert: bundle, key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    // An empty algorithm is how Java's clients say: any host name will do.
    ...(properties['ssl.endpoint.identification.algorithm'] === '' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/** PEM text of a trust or key store, written out or in a file; null: none. */
async function storeOf(properties: ConnectionProperties, store: 'truststore' | 'keystore', inline: string): Promise<string | null> {
  const location = `ssl.${store}.location`;
  const path = properties[location];
  const type = properties[`ssl.${store}.type`];
  if ((path !== undefined || type !== undefined) && type?.toUpperCase() !== 'PEM') throw notPem(store, type ?? 'JKS, the default');
  const text = properties[inline];
  if (text !== undefined || path === undefined) return text ?? null;
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw invalid(location, `names '${path}', which cannot be read`, 'Check the path, and who may read it.', cause);
  });
}

const notPem = (store: string, type: string): Error =>
  invalid(
    `ssl.${store}.type`,
    `is ${type}; only PEM is supported`,
    `Convert the store: keytool -importkeystore -srckeystore STORE -destkeystore s.p12 -deststoretype PKCS12; openssl pkcs12 -in s.p12 -nodes -out ${store}.pem; then set the type to PEM.`,
  );
