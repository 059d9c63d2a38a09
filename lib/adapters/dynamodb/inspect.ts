/** Whether a table is as it should be, and what this user may do with it. Nothing is written: the conditions of the writes never hold. */
import { DeleteItemCommand, DescribeTableCommand, DescribeTimeToLiveCommand, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { WallTime } from '../../core/numbers.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Limits } from '../aws-requests.ts';
import { tableAddressOf } from './address.ts';
import { schemaOf } from './create-table.ts';
import { Table } from './table.ts';

export interface TableFacts {
  /** `pk S, sk S` */
  readonly keys: string;
  readonly status: string;
  /** The attribute that items expire by; null for none. */
  readonly ttl: string | null;
  /** Of the newest answer, in whole seconds; null where it carries none. */
  readonly serverTime: WallTime | null;
}

export interface InspectOptions {
  readonly runtime: Runtime;
  readonly limits?: Limits;
  readonly mayWrite: boolean;
}

/** No item has it. */
const NOBODY = { pk: { S: 'DOCTOR' }, sk: { S: 'NOBODY' } };
const NEVER = 'attribute_exists(pk)';

/** `mayWrite`: whether somebody means to write. Throws OPTION_INVALID, StoreError with what is missing or not allowed. */
export async function inspectTable(url: string, { mayWrite, ...parts }: InspectOptions): Promise<TableFacts> {
  const table = new Table(tableAddressOf(url), parts.runtime, parts.limits);
  const { TableName } = table.base;
  try {
    const { Table: description = {} } = await table.read('describe table', ({ client, options }) => send(client.send(new DescribeTableCommand({ TableName }), options)));
    const { TimeToLiveDescription: ttl } = await table.read('describe time to live', ({ client, options }) => send(client.send(new DescribeTimeToLiveCommand({ TableName }), options)));
    const facts = { keys: schemaOf(description), status: description.TableStatus ?? '', ttl: ttl?.TimeToLiveStatus?.startsWith('ENABL') === true ? (ttl.AttributeName ?? null) : null };
    if (facts.keys === 'pk S, sk S') await tryReads(table);
    if (facts.keys === 'pk S, sk S' && mayWrite) await tryWrites(table);
    return { ...facts, serverTime: table.serverTime };
  } finally {
    table.close();
  }
}

async function tryReads(table: Table): Promise<void> {
  await table.read('get an item', ({ client, options }) => client.send(new GetItemCommand({ ...table.base, Key: NOBODY }), options));
  const query = { ...table.base, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': NOBODY.pk }, Limit: 1 };
  await table.read('query items', ({ client, options }) => client.send(new QueryCommand(query), options));
}

async function tryWrites(table: Table): Promise<void> {
  await table.write('put an item', 'repeatable', ({ client, options }) => client.send(new PutItemCommand({ ...table.base, Item: NOBODY, ConditionExpression: NEVER }), options));
  await table.write('delete an item', 'repeatable', ({ client, options }) => client.send(new DeleteItemCommand({ ...table.base, Key: NOBODY, ConditionExpression: NEVER }), options));
}

/** Descriptions cost nothing. */
const send = async <T extends object>(answer: Promise<T>): Promise<T & { readonly ConsumedCapacity?: undefined }> => ({ ...(await answer), ConsumedCapacity: undefined });
