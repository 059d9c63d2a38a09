/** Records of topics. */
import type { Source } from './source.ts';
import { sourceNode } from './source.ts';
import { recordDecoder, type RecordOptions } from './records.ts';
import { epochMsOf, type Instant } from './instant.ts';

/** Options are those of the SQL connector `kafka`, by names of the program. */
export interface KafkaOptions<T> extends RecordOptions<T> {
  /** Several are read as one. */
  readonly topic: string | readonly string[];
  /** `properties.bootstrap.servers`: `broker:9092,broker:9093`. */
  readonly servers: string;
  /** `properties.group.id`. */
  readonly group?: string;
  /** Where a new job begins; absent: at the earliest offset, as Flink's KafkaSource does. */
  readonly startup?: 'earliest-offset' | 'latest-offset' | 'group-offsets' | { readonly timestamp: Instant };
  /** Where each partition ends; absent: nowhere. */
  readonly bounded?: 'latest-offset' | 'group-offsets' | { readonly timestamp: Instant };
  /** Of the Java client, by its names: `{ 'security.protocol': 'SASL_SSL' }`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Other options of the SQL connector, as they stand in its WITH. */
  readonly with?: Readonly<Record<string, string>>;
}

/** The records of one or more topics: `kafka({ topic, servers, schema })`. */
export function kafka<T = unknown>(options: KafkaOptions<T>): Source<T> {
  return {
    isTimed: options.eventTime !== undefined,
    open: (uid, environment) => ({
      node: sourceNode(uid, { columns: '`value` BYTES', options: tableOptions(options) }, options, environment),
      decoder: recordDecoder(uid, options),
    }),
  };
}

function tableOptions<T>({ topic, servers, group, startup = 'earliest-offset', bounded, properties = {}, with: others = {} }: KafkaOptions<T>): Record<string, string | undefined> {
  const ofClient = Object.fromEntries(Object.entries(properties).map(([name, value]) => [`properties.${name}`, value]));
  return {
    ...others,
    connector: 'kafka',
    topic: typeof topic === 'string' ? topic : topic.join(';'),
    'properties.bootstrap.servers': servers,
    'properties.group.id': group,
    ...ofClient,
    ...positionOptions('startup', startup),
    ...(bounded === undefined ? {} : positionOptions('bounded', bounded)),
    format: 'raw',
  };
}

function positionOptions(what: 'startup' | 'bounded', position: string | { readonly timestamp: Instant }): Record<string, string> {
  if (typeof position === 'string') return { [`scan.${what}.mode`]: position };
  return { [`scan.${what}.mode`]: 'timestamp', [`scan.${what}.timestamp-millis`]: String(epochMsOf(position.timestamp)) };
}
