/**
 * Follows the event source mappings of an emulator that has none of Kafka's pollers (LocalStack): they are made, enabled and deleted there, and
 * polled here.
 */
import { LambdaClient, ListEventSourceMappingsCommand, type EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Mapping, StartingPosition } from './mapping.ts';
import { Polling, type PollingParts } from './polling.ts';

export interface FollowParts extends PollingParts {
  /** Of the emulator's Lambda API. */
  readonly endpoint: string;
  readonly region?: string;
  /** The emulator does not answer; what is polled goes on. */
  readonly onTrouble: (error: Error) => void;
}

export interface Follower {
  close(): Promise<void>;
}

const LOOK_MS = 1000;
const TICK_MS = 20;
const PAGES_MAX = 100;

export function followMappings(parts: FollowParts): Follower {
  const client = new LambdaClient({
    endpoint: parts.endpoint,
    region: parts.region ?? 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 5000, throwOnRequestTimeout: true },
  });
  const polling = new Polling(parts);
  let isClosed = false;
  const look = async (): Promise<void> => {
    const known = new Map<string, string>();
    while (!isClosed) {
      try {
        followOnce(polling, known, await kafkaMappings(client));
      } catch (error) {
        parts.onTrouble(error instanceof Error ? error : new Error(String(error)));
      }
      for (let waited = 0; waited < LOOK_MS && !isClosed; waited += TICK_MS) await parts.runtime.sleep(TICK_MS);
    }
  };
  const loop = look();
  return {
    close: async () => {
      isClosed = true;
      await loop;
      await polling.close();
      client.destroy();
    },
  };
}

/** Polls what is polled on AWS in this state; `known` has the settings that the pollers were started with. */
function followOnce(polling: Polling, known: Map<string, string>, mappings: readonly Mapping[]): void {
  const wanted = new Map(mappings.filter((m) => m.State === 'Enabled' || m.State === 'Disabling' || m.State === 'Updating').map((m) => [m.UUID, m]));
  for (const [uuid, settings] of known) {
    const mapping = wanted.get(uuid);
    if (mapping !== undefined && settingsOf(mapping) === settings) continue;
    polling.stop(uuid);
    known.delete(uuid);
  }
  for (const [uuid, mapping] of wanted) {
    // What is about to be disabled is not begun.
    if (known.has(uuid) || mapping.State !== 'Enabled') continue;
    polling.start(mapping, () => {});
    known.set(uuid, settingsOf(mapping));
  }
}

/** What pollers are started with, as text. */
const settingsOf = (mapping: Mapping): string => JSON.stringify({ ...mapping, State: '', StateTransitionReason: '', LastProcessingResult: '', LastModified: 0 });

async function kafkaMappings(client: LambdaClient): Promise<Mapping[]> {
  const found: EventSourceMappingConfiguration[] = [];
  let marker: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await client.send(new ListEventSourceMappingsCommand(marker === undefined ? {} : { Marker: marker }));
    found.push(...(answer.EventSourceMappings ?? []));
    marker = answer.NextMarker;
    if (marker === undefined || marker === '') break;
  }
  return found.flatMap((configuration) => mappingOf(configuration) ?? []);
}

const STATES: readonly string[] = ['Creating', 'Enabling', 'Enabled', 'Disabling', 'Disabled', 'Updating', 'Deleting'] satisfies Mapping['State'][];
const isState = (state: string | undefined): state is Mapping['State'] => state !== undefined && STATES.includes(state);

/** Null for what is no Kafka mapping. */
function mappingOf(from: EventSourceMappingConfiguration): Mapping | null {
  const { UUID, FunctionArn, Topics, State } = from;
  if (UUID === undefined || FunctionArn === undefined || Topics === undefined || Topics.length === 0 || !isState(State)) return null;
  return {
    UUID,
    FunctionArn,
    Topics,
    State,
    EventSourceMappingArn: from.EventSourceMappingArn ?? '',
    StartingPosition: positionOf(from.StartingPosition),
    BatchSize: from.BatchSize ?? 100,
    StateTransitionReason: from.StateTransitionReason ?? '',
    LastProcessingResult: from.LastProcessingResult ?? '',
    LastModified: 0,
    ...sourceOf(from),
    // LocalStack says 0 where nothing was set, as Lambda does.
    ...(from.MaximumBatchingWindowInSeconds ? { MaximumBatchingWindowInSeconds: from.MaximumBatchingWindowInSeconds } : {}),
    ...(from.StartingPositionTimestamp === undefined ? {} : { StartingPositionTimestamp: from.StartingPositionTimestamp.getTime() / 1000 }),
  };
}

const positionOf = (position: string | undefined): StartingPosition => (position === 'LATEST' || position === 'AT_TIMESTAMP' ? position : 'TRIM_HORIZON');

function sourceOf(from: EventSourceMappingConfiguration): Partial<Mapping> {
  const group = from.SelfManagedKafkaEventSourceConfig?.ConsumerGroupId ?? from.AmazonManagedKafkaEventSourceConfig?.ConsumerGroupId;
  const config = group === undefined ? {} : { SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: group } };
  const brokers = from.SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS ?? [];
  if (from.EventSourceArn !== undefined) return { ...config, EventSourceArn: from.EventSourceArn };
  return { ...config, SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: brokers } } };
}
