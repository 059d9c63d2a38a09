/**
 * What an event source mapping of one topic is made from. Pure, so that a laptop's event source and Lambda are asked for the same. Retries and record
 * age stay unlimited, and there is no filter and no destination of failures (§4): a record that cannot be written is held, never passed over.
 */
import { SluiceError } from '../../core/errors.ts';
import type { ConsumedTopic, Consumption } from '../../ports/consumers.ts';

export const AUTHENTICATIONS = ['iam', 'scram-sha-256', 'scram-sha-512', 'plain', 'tls'] as const;
export type KafkaAuthentication = (typeof AUTHENTICATIONS)[number];

/** How pollers reach Kafka, and how they cut events where a job does not say. */
export interface EventSourceSettings {
  /** ARN of an MSK cluster; null: the brokers are self-managed. */
  readonly cluster: string | null;
  /** Self-managed brokers of all tables, HOST:PORT with commas; null: those that each table names. */
  readonly servers: string | null;
  /** Null: plain text. */
  readonly authentication: KafkaAuthentication | null;
  /** ARN of a secret with user name and password, for SASL. */
  readonly secret: string | null;
  /** Ids; where self-managed brokers are in a VPC. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Records of one event at most, 1 to 10,000. */
  readonly batchSize: number;
  /** 0 to 300; null: Lambda's 500 ms, which cannot be set. */
  readonly batchWindowSeconds: number | null;
}

export interface SourceAccess {
  Type: 'BASIC_AUTH' | 'SASL_SCRAM_256_AUTH' | 'SASL_SCRAM_512_AUTH' | 'VPC_SUBNET' | 'VPC_SECURITY_GROUP';
  URI: string;
}

interface Brokers {
  readonly EventSourceArn?: string;
  readonly AmazonManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId: string };
  readonly SelfManagedEventSource?: { readonly Endpoints: { readonly KAFKA_BOOTSTRAP_SERVERS: string[] } };
  readonly SelfManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId: string };
}

/** In the words of Lambda's API, with the mutable lists that its client wants. */
export interface MappingRequest extends Brokers {
  readonly FunctionName: string;
  readonly Topics: string[];
  readonly StartingPosition: 'TRIM_HORIZON';
  readonly SourceAccessConfigurations?: SourceAccess[];
  readonly BatchSize: number;
  readonly MaximumBatchingWindowInSeconds?: number;
}

type Batches = Pick<Consumption, 'batchSize' | 'batchWindowSeconds'>;

/** `functionName`: the writer with the alias of the generation. Throws OPTION_INVALID for settings that do not fit together. */
export function mappingRequest(functionName: string, topic: ConsumedTopic, batches: Batches, settings: EventSourceSettings): MappingRequest {
  const access = accessOf(settings);
  const window = batches.batchWindowSeconds ?? settings.batchWindowSeconds;
  return {
    FunctionName: functionName,
    ...brokersOf(topic, settings),
    Topics: [topic.topic],
    // For a partition that the group has no offset of: one that was added to the topic.
    StartingPosition: 'TRIM_HORIZON',
    ...(access.length === 0 ? {} : { SourceAccessConfigurations: access }),
    BatchSize: batches.batchSize ?? settings.batchSize,
    ...(window === null ? {} : { MaximumBatchingWindowInSeconds: window }),
  };
}

function brokersOf({ topic, group, properties }: ConsumedTopic, { cluster, servers }: EventSourceSettings): Brokers {
  if (cluster !== null) return { EventSourceArn: cluster, AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: group } };
  const named = servers ?? properties['bootstrap.servers'];
  if (named === undefined) {
    throw new SluiceError('OPTION_INVALID', { message: `no brokers are named for the topic '${topic}'`, hint: "set 'properties.bootstrap.servers' of its table, or name the brokers of the platform" });
  }
  const endpoints = { KAFKA_BOOTSTRAP_SERVERS: named.split(',').map((server) => server.trim()) };
  return { SelfManagedEventSource: { Endpoints: endpoints }, SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: group } };
}

const USER = { plain: 'BASIC_AUTH', 'scram-sha-256': 'SASL_SCRAM_256_AUTH', 'scram-sha-512': 'SASL_SCRAM_512_AUTH' } as const;

/** MSK's pollers know the network of the cluster; with IAM they come as the role of the function. */
function accessOf({ cluster, authentication, secret, subnets, securityGroups }: EventSourceSettings): SourceAccess[] {
  if (authentication === 'iam' && cluster === null) throw unfit('iam', 'needs the ARN of an MSK cluster', 'name the cluster, or use scram-sha-512');
  const isOfMsk = authentication !== 'plain' && authentication !== 'scram-sha-256';
  if (cluster !== null && !isOfMsk) throw unfit(authentication, 'is nothing that MSK has', 'use iam or scram-sha-512');
  const network: SourceAccess[] = cluster !== null ? [] : [...subnets.map(subnetOf), ...securityGroups.map(securityGroupOf)];
  return [...network, ...userOf(authentication, secret)];
}

function userOf(authentication: KafkaAuthentication | null, secret: string | null): SourceAccess[] {
  if (authentication === null || authentication === 'iam' || authentication === 'tls') return [];
  if (secret === null) throw unfit(authentication, 'needs a secret with user name and password', 'name the ARN of the secret');
  return [{ Type: USER[authentication], URI: secret }];
}

const subnetOf = (id: string): SourceAccess => ({ Type: 'VPC_SUBNET', URI: `subnet:${id}` });
const securityGroupOf = (id: string): SourceAccess => ({ Type: 'VPC_SECURITY_GROUP', URI: `security_group:${id}` });

const unfit = (authentication: KafkaAuthentication, problem: string, hint: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `the Kafka authentication '${authentication}' ${problem}`, hint });
