/** Creation of the table (§3): on demand, `pk` and `sk`, time to live on `ttl`. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { SluiceError, StoreError } from '../../core/errors.ts';
import { failureOf } from '../aws-failure.ts';
import { CLIENT_OPTIONS } from '../aws-requests.ts';
import { placeOf, tableAddressOf, type TableAddress } from './address.ts';
import { TABLE_HINTS } from './table.ts';

/** A table of AWS takes about ten seconds. */
const POLLS = 120;
const POLL = 500;

/** Creates the table of `dynamodb://TABLE…`, or finds it as it should be; it is ACTIVE then. Throws OPTION_INVALID, StoreError. */
export async function createTable(url: string): Promise<void> {
  const address = tableAddressOf(url);
  const client = new DynamoDBClient({ requestHandler: CLIENT_OPTIONS.requestHandler, ...address.destination });
  try {
    await create(client, address);
    await becomeActive(client, address);
    await expireBy(client, address);
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    const { happened, reason, hint } = failureOf(cause, TABLE_HINTS);
    throw new StoreError(happened, { message: `create table: ${reason} (${placeOf(address)})`, hint, cause });
  } finally {
    client.destroy();
  }
}

async function create(client: DynamoDBClient, { table }: TableAddress): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

async function becomeActive(client: DynamoDBClient, address: TableAddress): Promise<void> {
  for (let poll = 0; poll < POLLS; poll++) {
    const table = await describe(client, address.table);
    if (table !== undefined) checkKeys(table, address);
    if (table?.TableStatus === 'ACTIVE') return;
    await delay(POLL);
  }
  throw new StoreError('maybe', { message: `not active after ${(POLLS * POLL) / 1000} s (${placeOf(address)})`, hint: 'wait, then repeat the command' });
}

/** A description may lag behind the creation. */
async function describe(client: DynamoDBClient, table: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

export const schemaOf = ({ KeySchema = [], AttributeDefinitions = [] }: TableDescription): string =>
  KeySchema.map((key) => `${key.AttributeName} ${AttributeDefinitions.find((each) => each.AttributeName === key.AttributeName)?.AttributeType}`).join(', ');

function checkKeys(table: TableDescription, address: TableAddress): void {
  const schema = schemaOf(table);
  if (schema === 'pk S, sk S') return;
  throw new SluiceError('OPTION_INVALID', { message: `the ${placeOf(address)} exists with the key (${schema}) instead of (pk S, sk S)`, hint: 'choose another table name' });
}

/** Items would never expire. */
function checkTimeToLive(attribute: string | undefined, address: TableAddress): void {
  if (attribute === 'ttl') return;
  throw new SluiceError('OPTION_INVALID', { message: `the ${placeOf(address)} has its time to live on '${attribute}' instead of 'ttl'`, hint: 'choose another table name' });
}

/** A server without time to live keeps items for ever, which does no harm: the engine judges expiry. */
async function expireBy(client: DynamoDBClient, address: TableAddress): Promise<void> {
  const { table } = address;
  const { TimeToLiveDescription: now } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  if (now?.TimeToLiveStatus === 'ENABLED' || now?.TimeToLiveStatus === 'ENABLING') return checkTimeToLive(now.AttributeName, address);
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } }));
  } catch (error) {
    if (!isNeedless(error)) throw error;
  }
}

/** The server has no time to live, or somebody else has just enabled it. */
const isNeedless = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'UnknownOperationException' || /already enabled/i.test(error.message));
