/** Event source mappings in the words of Lambda's API: the same names, the same defaults, so that its JSON is ours. */

export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting';

export type StartingPosition = 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';

/** What may be set at creation only. */
export interface MappingSource {
  /** ARN of an MSK cluster; where it is absent, `SelfManagedEventSource` names the brokers. */
  readonly EventSourceArn?: string;
  readonly SelfManagedEventSource?: { readonly Endpoints: { readonly KAFKA_BOOTSTRAP_SERVERS: readonly string[] } };
  /** Exactly one. */
  readonly Topics: readonly string[];
  /** Used only where the consumer group has no offset. */
  readonly StartingPosition: StartingPosition;
  /** Seconds since the epoch; for AT_TIMESTAMP. */
  readonly StartingPositionTimestamp?: number;
  /** The default of `ConsumerGroupId` is the mapping's UUID. */
  readonly AmazonManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId: string };
  readonly SelfManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId: string };
}

/** What may be changed later. */
export interface MappingSettings {
  /** 1 to 10,000 records; default 100. */
  readonly BatchSize: number;
  /** 0 to 300 s; default 0.5 s, which Lambda keeps to itself: it cannot be set, so the answer is without it. */
  readonly MaximumBatchingWindowInSeconds?: number;
}

/** `Enabled` defaults to true. `FunctionName`: a name, `name:alias`, a partial or a whole ARN. */
export type CreateMapping = MappingSource & Partial<MappingSettings> & { readonly FunctionName: string; readonly Enabled?: boolean };

export type UpdateMapping = Partial<MappingSettings> & { readonly FunctionName?: string; readonly Enabled?: boolean };

/** What Lambda answers about a mapping (`EventSourceMappingConfiguration`). */
export interface Mapping extends MappingSource, MappingSettings {
  readonly UUID: string;
  readonly EventSourceMappingArn: string;
  /** Qualified where an alias is meant. */
  readonly FunctionArn: string;
  readonly State: MappingState;
  readonly StateTransitionReason: string;
  readonly LastProcessingResult: string;
  /** Seconds since the epoch, with milliseconds as decimals. */
  readonly LastModified: number;
}
