/** kafkajs for the local event source, which needs what Lambda's pollers have: membership of a consumer group. */
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { connectionOf, isolationOf, type Connection } from './connection.ts';
import type { ConnectionProperties } from './properties.ts';

/** kafkajs reads committed records only unless told otherwise; Kafka and Flink have it the other way round. */
export const readsUncommitted = (properties: ConnectionProperties): boolean => isolationOf(properties) === 'read_uncommitted';

/**
 * What `new Kafka(…)` of kafkajs takes. It logs nothing: what matters arrives as an error or an event. Compressed records can be read in every
 * codec of Kafka from now on in this process. Throws OPTION_INVALID.
 */
export async function clientOf(properties: ConnectionProperties): Promise<KafkaConfig> {
  const connection = await connectionOf(properties);
  const { logLevel } = await registerCodecs();
  const { tls } = connection.security;
  return {
    clientId: connection.clientId,
    brokers: [...connection.servers],
    connectionTimeout: connection.connectMs,
    requestTimeout: connection.requestMs,
    logLevel: logLevel.NOTHING,
    ...(tls === null ? {} : { ssl: tls }),
    ...saslOf(connection),
  };
}

function saslOf({ security: { sasl } }: Connection): { sasl?: SASLOptions } {
  if (sasl === null) return {};
  if (sasl.mechanism === 'OAUTHBEARER') return { sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await sasl.token() }) } };
  const { username, password } = sasl;
  if (sasl.mechanism === 'PLAIN') return { sasl: { mechanism: 'plain', username, password } };
  return { sasl: { mechanism: sasl.mechanism === 'SCRAM-SHA-256' ? 'scram-sha-256' : 'scram-sha-512', username, password } };
}

/** kafkajs has gzip only; the other three come from the client that the adapter reads with. */
async function registerCodecs(): Promise<typeof import('kafkajs')> {
  const [{ default: kafkajs }, { compressionsAlgorithms }] = await Promise.all([import('kafkajs'), import('./library.ts')]);
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  for (const [type, name] of [[CompressionTypes.Snappy, 'snappy'], [CompressionTypes.LZ4, 'lz4'], [CompressionTypes.ZSTD, 'zstd']] as const) {
    const { compressSync, decompressSync } = compressionsAlgorithms[name];
    CompressionCodecs[type] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => compressSync(buffer),
      decompress: async (packed: Buffer) => decompressSync(packed),
    });
  }
  return kafkajs;
}
