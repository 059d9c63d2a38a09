/** What a request may say. A field that would change what is delivered, and that this event source does not have, is refused; others are passed over. */
import { refusal } from './exceptions.ts';
import type { CreateMapping, MappingSettings, MappingSource, StartingPosition, UpdateMapping } from './mapping.ts';

const BATCH_SIZE_MAX = 10_000;
const WINDOW_SECONDS_MAX = 300;
const GROUP = /^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/;
const TOPIC = /^[^.]([a-zA-Z0-9\-_.]+)$/;
const ARN = /^arn:aws[a-z-]*:kafka:/;
const HOST_PORT = /^[^\s,:]+(?:\.[^\s,:]+)*:\d{1,5}$/;
const POSITIONS: readonly string[] = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] satisfies StartingPosition[];

/** Fields that hold a value other than Lambda's default, by what that default is. */
const DEFAULTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  FilterCriteria: (value) => !isRecord(value) || isEmpty(value['Filters']),
  DestinationConfig: (value) => !isRecord(value) || !isRecord(value['OnFailure']) || isEmpty(value['OnFailure']['Destination']),
  FunctionResponseTypes: (value) => isEmpty(value),
  BisectBatchOnFunctionError: (value) => value === false,
  MaximumRetryAttempts: (value) => value === -1,
  MaximumRecordAgeInSeconds: (value) => value === -1,
};

/** Throws InvalidParameterValueException. */
export function parseCreate(body: unknown): CreateMapping {
  const fields = recordOf(body);
  const FunctionName = textOf(fields, 'FunctionName');
  if (FunctionName === undefined) throw invalid('FunctionName is missing');
  return { ...sourceOf(fields), ...settingsOf(fields), FunctionName, ...optional('Enabled', flagOf(fields, 'Enabled')) };
}

/** Throws InvalidParameterValueException, also for what can be set at creation only. */
export function parseUpdate(body: unknown): UpdateMapping {
  const fields = recordOf(body);
  const fixed = ['EventSourceArn', 'SelfManagedEventSource', 'Topics', 'StartingPosition', 'StartingPositionTimestamp', ...GROUP_CONFIGS].find((name) => fields[name] !== undefined);
  if (fixed !== undefined) throw invalid(`${fixed} can be set at creation only: delete the mapping and create another`);
  return { ...settingsOf(fields), ...optional('FunctionName', textOf(fields, 'FunctionName')), ...optional('Enabled', flagOf(fields, 'Enabled')) };
}

function settingsOf(fields: Fields): Partial<MappingSettings> {
  for (const [name, isDefault] of Object.entries(DEFAULTS)) {
    const value = fields[name];
    if (value !== undefined && value !== null && !isDefault(value)) throw invalid(`${name} is not supported here: every record is delivered, for as long as the function fails`);
  }
  return {
    ...optional('BatchSize', countOf(fields, 'BatchSize', 1, BATCH_SIZE_MAX)),
    ...optional('MaximumBatchingWindowInSeconds', countOf(fields, 'MaximumBatchingWindowInSeconds', 0, WINDOW_SECONDS_MAX)),
  };
}

function sourceOf(fields: Fields): MappingSource {
  return { ...brokersOf(fields), Topics: [topicOf(fields)], ...positionOf(fields), ...groupOf(fields) };
}

function brokersOf(fields: Fields): Pick<MappingSource, 'EventSourceArn' | 'SelfManagedEventSource'> {
  const arn = textOf(fields, 'EventSourceArn');
  const { SelfManagedEventSource: own } = fields;
  if ((arn === undefined) === (own === undefined)) throw invalid('name the brokers by either EventSourceArn or SelfManagedEventSource');
  if (arn !== undefined) {
    if (!ARN.test(arn)) throw invalid(`EventSourceArn '${arn}' is not that of a Kafka cluster`);
    return { EventSourceArn: arn };
  }
  const endpoints = isRecord(own) && isRecord(own['Endpoints']) ? own['Endpoints']['KAFKA_BOOTSTRAP_SERVERS'] : undefined;
  const brokers = textsOf(endpoints, 'SelfManagedEventSource.Endpoints.KAFKA_BOOTSTRAP_SERVERS');
  const odd = brokers.find((broker) => !HOST_PORT.test(broker));
  if (brokers.length === 0 || odd !== undefined) throw invalid(`KAFKA_BOOTSTRAP_SERVERS holds HOST:PORT each, not '${odd ?? ''}'`);
  return { SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: brokers } } };
}

function topicOf(fields: Fields): string {
  const [topic, ...more] = textsOf(fields['Topics'], 'Topics');
  if (topic === undefined || more.length > 0) throw invalid(`Topics holds exactly one topic, not ${more.length + (topic === undefined ? 0 : 1)}`);
  if (!TOPIC.test(topic)) throw invalid(`Topics: '${topic}' is not a name that Lambda takes`);
  return topic;
}

function positionOf(fields: Fields): Pick<MappingSource, 'StartingPosition' | 'StartingPositionTimestamp'> {
  const position = textOf(fields, 'StartingPosition');
  if (!isPosition(position)) throw invalid(`StartingPosition is one of ${POSITIONS.join(', ')}, not ${position ?? 'missing'}`);
  const at = fields['StartingPositionTimestamp'];
  if ((position === 'AT_TIMESTAMP') !== (at !== undefined)) throw invalid('StartingPositionTimestamp belongs to AT_TIMESTAMP, which needs it');
  if (at === undefined) return { StartingPosition: position };
  if (typeof at !== 'number' || !Number.isFinite(at) || at < 0) throw invalid('StartingPositionTimestamp is a number of seconds since the epoch');
  return { StartingPosition: position, StartingPositionTimestamp: at };
}

const GROUP_CONFIGS = ['AmazonManagedKafkaEventSourceConfig', 'SelfManagedKafkaEventSourceConfig'] as const;

function groupOf(fields: Fields): Pick<MappingSource, (typeof GROUP_CONFIGS)[number]> {
  const own = fields['EventSourceArn'] === undefined ? 'SelfManagedKafkaEventSourceConfig' : 'AmazonManagedKafkaEventSourceConfig';
  const other = GROUP_CONFIGS.find((name) => name !== own && fields[name] !== undefined);
  if (other !== undefined) throw invalid(`${other} does not fit this kind of source: use ${own}`);
  const config = fields[own];
  if (!isRecord(config)) return {};
  const group = textOf(config, 'ConsumerGroupId');
  if (group === undefined) return {};
  if (!GROUP.test(group)) throw invalid(`ConsumerGroupId '${group}' is not 1 to 200 of the characters [a-zA-Z0-9-/*:_+=.@]`);
  return { [own]: { ConsumerGroupId: group } };
}

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: unknown): boolean => value === undefined || value === null || (Array.isArray(value) && value.length === 0);
const isPosition = (value: string | undefined): value is StartingPosition => value !== undefined && POSITIONS.includes(value);
const invalid = (message: string): Error => refusal('InvalidParameterValueException', message);

/** `exactOptionalPropertyTypes`: a field is there or it is not. */
function optional<Name extends string, T>(name: Name, value: T | undefined): { readonly [K in Name]?: T } {
  const fields: { [K in Name]?: T } = {};
  if (value !== undefined) fields[name] = value;
  return fields;
}

function recordOf(body: unknown): Fields {
  if (!isRecord(body)) throw invalid('the request is not a JSON object');
  return body;
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '') throw invalid(`${name} is a text`);
  return value;
}

function textsOf(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw invalid(`${name} is a list of texts`);
  return value;
}

function flagOf(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalid(`${name} is true or false`);
  return value;
}

function countOf(fields: Fields, name: string, min: number, max: number): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw invalid(`${name} is a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`);
  return value;
}
