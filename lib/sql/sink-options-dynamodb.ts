/** Options of a `dynamodb` table (DynamoDbConnectorOptions and those that the AWS connectors have in common). */
import { JOBS_MAX } from '../core/take-over.ts';
import { isNested, typeText, type SqlType } from '../core/types.ts';
import type { OptionReader } from './option-reader.ts';
import type { WrittenTable } from './sink-options.ts';

const TABLE = /^[A-Za-z0-9_.-]{3,255}$/;
const JOB = /^[0-9a-f]{32}$/;

export function checkDynamoDb(reader: OptionReader, table: WrittenTable): void {
  const name = reader.required('table-name');
  if (!TABLE.test(name)) reader.wrong('table-name', "3 to 255 letters, digits, '_', '.' or '-'", name);
  const endpoint = reader.text('aws.endpoint');
  if (endpoint !== undefined && !/^https?:\/\/./.test(endpoint)) reader.wrong('aws.endpoint', 'an http(s) URL', endpoint);
  reader.text('aws.region');
  checkCredentials(reader);
  checkRequests(reader);
  checkTakeOver(reader);
  checkColumns(reader, table);
}

/** Secrets do not belong into a plan, which savepoints carry. */
function checkCredentials(reader: OptionReader): void {
  const provider = reader.text('aws.credentials.provider');
  if (provider === undefined || provider.toUpperCase() === 'AUTO') return;
  reader.fail(`has the 'aws.credentials.provider' '${provider}'`, 'Credentials are those of the function or of the environment: leave the option out.');
}

function checkRequests(reader: OptionReader): void {
  const inFlight = reader.integer('sink.requests.max-inflight');
  if (inFlight !== undefined && (inFlight < 1 || inFlight > 1000)) reader.wrong('sink.requests.max-inflight', 'a whole number from 1 to 1000', String(inFlight));
  reader.boolean('sink.ignore-nulls', false);
  for (const key of WITHOUT_EFFECT) reader.text(key);
}

/** Rows are not batched or buffered, and a failed request is always repeated. */
const WITHOUT_EFFECT = [
  'sink.batch.max-size',
  'sink.requests.max-buffered',
  'sink.flush-buffer.size',
  'sink.flush-buffer.timeout',
  'sink.fail-on-error',
  'sink.http-client.max-concurrency',
  'sink.http-client.read-timeout',
  'sink.parallelism',
];

function checkTakeOver(reader: OptionReader): void {
  const jobs = reader.list('sluice.take-over-from') ?? [];
  if (jobs.length > JOBS_MAX) reader.fail(`names ${jobs.length} jobs in 'sluice.take-over-from'`, `Name ${JOBS_MAX} at most.`);
  const wrong = jobs.find((job) => !JOB.test(job));
  if (wrong !== undefined) reader.wrong('sluice.take-over-from', "ids of jobs, 32 hex digits each, separated by ';'", wrong);
}

function checkColumns(reader: OptionReader, { columns, primaryKey, partitionedBy }: WrittenTable): void {
  if (primaryKey.length === 0) reader.fail('has no PRIMARY KEY', "Add PRIMARY KEY (…) NOT ENFORCED: the partition key of the DynamoDB table and, if it has one, its sort key.");
  if (primaryKey.length > 2) reader.fail(`has ${primaryKey.length} columns in its PRIMARY KEY`, 'A DynamoDB table has a partition key and at most one sort key.');
  if (partitionedBy.length > 0) reader.fail('is PARTITIONED BY columns', 'DynamoDB partitions by its partition key: leave the clause out.');
  for (const column of columns) {
    if (column.kind !== 'physical-column') continue;
    const { name } = column.name;
    if (RESERVED.includes(name)) reader.fail(`has the column '${name}', which Sluice keeps for itself`, 'Name it otherwise.');
    if (isNested(column.type.type)) reader.fail(`has the column '${name}' of type ${typeText(column.type.type)}, which Sluice does not write to DynamoDB`, 'Use STRING, and JSON_STRING(value).');
    if (primaryKey.includes(name) && !isKey(column.type.type)) reader.fail(`has the column '${name}' of type ${typeText(column.type.type)} in its PRIMARY KEY`, KEY_HINT);
  }
}

const RESERVED = ['sluice_job', 'sluice_ver'];
const KEY_HINT = 'Keys of DynamoDB are texts, numbers or bytes: cast the column; approximate numbers and BOOLEAN cannot be keys.';
const NO_KEYS: readonly SqlType['kind'][] = ['BOOLEAN', 'FLOAT', 'DOUBLE', 'NULL'];
const isKey = ({ kind }: SqlType): boolean => !NO_KEYS.includes(kind);
