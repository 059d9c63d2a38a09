/** Properties of Kafka's Java consumer and producer, as Flink users have them: which ones mean something here, and which are taken without effect. */
import { SluiceError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';

/** Names of the Java client, without Flink's prefix `properties.`. */
export type ConnectionProperties = Readonly<Record<string, string>>;

/** What the connection is made from; connection.ts and security.ts say how. */
const HONOURED = [
  'bootstrap.servers', 'client.id', 'client.rack', 'compression.type', 'isolation.level', 'metadata.max.age.ms', 'request.timeout.ms', 'socket.connection.setup.timeout.ms', 'security.protocol',
  'sasl.mechanism', 'transaction.timeout.ms', 'sasl.jaas.config', 'ssl.truststore.type', 'ssl.truststore.location', 'ssl.truststore.certificates', 'ssl.keystore.type', 'ssl.keystore.location',
  'ssl.keystore.certificate.chain', 'ssl.keystore.key', 'ssl.key.password', 'ssl.endpoint.identification.algorithm',
];

/** They tune the Java client or its groups, are read elsewhere, or belong to connectors; Flink jobs carry them, and nothing goes wrong without them. */
const WITHOUT_EFFECT = [
  'acks', 'allow.auto.create.topics', 'auto.commit.interval.ms', 'auto.include.jmx.reporter', 'auto.offset.reset', 'batch.size', 'buffer.memory', 'check.crcs', 'client.dns.lookup', 'client.id.prefix', 'connections.max.idle.ms',
  'default.api.timeout.ms', 'delivery.timeout.ms', 'enable.auto.commit', 'enable.idempotence', 'enable.metrics.push', 'exclude.internal.topics', 'fetch.max.bytes', 'fetch.max.wait.ms', 'fetch.min.bytes', 'group.id',
  'group.instance.id', 'group.protocol', 'group.remote.assignor', 'heartbeat.interval.ms', 'interceptor.classes', 'internal.leave.group.on.close', 'key.deserializer', 'key.serializer', 'linger.ms', 'max.block.ms', 'max.in.flight.requests.per.connection', 'max.partition.fetch.bytes',
  'max.poll.interval.ms', 'max.poll.records', 'max.request.size', 'metadata.max.idle.ms', 'metadata.recovery.rebootstrap.trigger.ms', 'metadata.recovery.strategy', 'metric.reporters', 'metrics.num.samples',
  'metrics.recording.level', 'metrics.sample.window.ms', 'partition.assignment.strategy', 'partition.discovery.interval.ms', 'partitioner.class', 'receive.buffer.bytes', 'reconnect.backoff.max.ms', 'reconnect.backoff.ms',
  'register.consumer.metrics', 'retries', 'retry.backoff.max.ms', 'retry.backoff.ms', 'sasl.client.callback.handler.class', 'sasl.login.callback.handler.class', 'sasl.login.class', 'security.providers',
  'send.buffer.bytes', 'session.timeout.ms', 'socket.connection.setup.timeout.max.ms', 'ssl.cipher.suites', 'ssl.enabled.protocols', 'ssl.protocol', 'ssl.provider', 'ssl.keystore.password',
  'ssl.keymanager.algorithm', 'ssl.secure.random.implementation', 'ssl.trustmanager.algorithm', 'ssl.truststore.password', 'value.deserializer', 'value.serializer',
];

/** Throws OPTION_INVALID for a name that no Java client knows: a typing error would connect without what it was to say. */
export function requireKnown(properties: ConnectionProperties): void {
  const known = [...HONOURED, ...WITHOUT_EFFECT];
  for (const name of Object.keys(properties)) {
    if (known.includes(name)) continue;
    const other = nearest(name, known);
    throw invalid(name, 'is no property of a Kafka client', other === undefined ? 'See the lists of consumer and producer configurations in the documentation of Kafka.' : `Did you mean 'properties.${other}'?`);
  }
}

/** OPTION_INVALID about one property, under the name that the user wrote. Values are not repeated: they may be secrets. */
export const invalid = (name: string, problem: string, hint: string, cause?: unknown): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `'properties.${name}' ${problem}`, hint, details: { property: `properties.${name}` }, cause });

/** One of `allowed`, or `otherwise` where the property is not set. */
export function oneOf<const T extends string>(properties: ConnectionProperties, name: string, allowed: readonly T[], otherwise: T): T {
  const value = properties[name];
  if (value === undefined) return otherwise;
  const found = allowed.find((a) => a === value);
  if (found === undefined) throw invalid(name, `is '${value}'`, `It is one of ${allowed.map((a) => `'${a}'`).join(', ')}.`);
  return found;
}

/** Milliseconds, at most `most`: no call may take longer, whatever a property says. */
export function milliseconds(properties: ConnectionProperties, name: string, otherwise: number, most: number): number {
  const value = properties[name];
  if (value === undefined) return otherwise;
  const ms = Number(value);
  if (value.trim() === '' || !Number.isInteger(ms) || ms <= 0) throw invalid(name, `is '${value}'`, 'It is a whole number of milliseconds above 0.');
  return Math.min(ms, most);
}
