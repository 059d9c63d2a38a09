/** From the properties of Kafka's Java client to the configuration of the clients used here. */
import { isIP } from 'node:net';
import type { BaseOptions } from '@platformatic/kafka';
import { invalid, milliseconds, oneOf, requireKnown, type ConnectionProperties } from './properties.ts';
import { type Security, securityOf } from './security.ts';

/** No call takes longer, retries included. */
export const CALL_MS = 20_000;
const CONNECT_MS = 5_000;
const REQUEST_MS = 10_000;
/** More than the largest FIRE takes to write, less than the most that brokers allow (15 min). */
const TRANSACTION_MS = 300_000;
const METADATA_AGE_MS = 5_000;
const DEFAULT_PORT = 9092;

/** One cluster, and how to talk to it. */
export interface Connection {
  /** `host:port`, as the user named them. */
  readonly servers: readonly string[];
  readonly clientId: string;
  readonly isolation: 'read_uncommitted' | 'read_committed';
  readonly connectMs: number;
  readonly requestMs: number;
  readonly security: Security;
  /** Of written batches. */
  readonly compression: (typeof COMPRESSIONS)[number];
  /** After it a transaction that nobody ends is aborted, and hides no records any more. */
  readonly transactionMs: number;
}

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Throws OPTION_INVALID. */
export async function connectionOf(properties: ConnectionProperties): Promise<Connection> {
  requireKnown(properties);
  return {
    servers: serversOf(properties),
    clientId: properties['client.id'] ?? 'sluice',
    isolation: isolationOf(properties),
    connectMs: milliseconds(properties, 'socket.connection.setup.timeout.ms', CONNECT_MS, CALL_MS),
    requestMs: milliseconds(properties, 'request.timeout.ms', REQUEST_MS, CALL_MS),
    security: await securityOf(properties),
    compression: oneOf(properties, 'compression.type', COMPRESSIONS, 'none'),
    transactionMs: milliseconds(properties, 'transaction.timeout.ms', TRANSACTION_MS, Infinity),
  };
}

/** Which records are visible; Kafka's default, and Flink's: also those of open and aborted transactions. */
export const isolationOf = (properties: ConnectionProperties): Connection['isolation'] =>
  oneOf(properties, 'isolation.level', ['read_uncommitted', 'read_committed'], 'read_uncommitted');

function serversOf(properties: ConnectionProperties): string[] {
  const servers = (properties['bootstrap.servers'] ?? '').split(',').map((server) => server.trim()).filter((server) => server !== '');
  const bad = servers.find((server) => !/^(?:[^\s:]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/.test(server));
  if (servers.length > 0 && bad === undefined) return servers.map((server) => (/:\d+$/.test(server) ? server : `${server}:${DEFAULT_PORT}`));
  throw invalid('bootstrap.servers', bad === undefined ? 'is missing' : `names '${bad}'`, 'Write HOST:PORT, several separated by commas.');
}

/** Options of every client of @platformatic/kafka; it repeats nothing by itself (cluster.ts does, within a deadline). */
export function clientOptions({ servers, clientId, connectMs, requestMs, security }: Connection): BaseOptions {
  return {
    clientId,
    bootstrapBrokers: [...servers],
    connectTimeout: connectMs,
    requestTimeout: requestMs,
    timeout: requestMs,
    retries: 0,
    metadataMaxAge: METADATA_AGE_MS,
    autocreateTopics: false,
    ...(security.tls === null ? {} : { tls: security.tls, tlsServerName: servers.every((server) => isIP(hostOf(server)) === 0) }),
    ...(security.sasl === null ? {} : { sasl: security.sasl }),
  };
}

const hostOf = (server: string): string => server.slice(0, server.lastIndexOf(':')).replace(/^\[|\]$/g, '');
