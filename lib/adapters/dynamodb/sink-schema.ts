/** The table that a `dynamodb` sink writes: it must be there, and have the PRIMARY KEY as its own. */
import { DescribeTableCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import { SluiceError } from '../../core/errors.ts';
import type { Column, SqlType } from '../../core/types.ts';
import type { Hints } from '../aws-failure.ts';
import type { Table } from './table.ts';

/** A key as DynamoDB has it: partition key, then sort key. */
export type Key = readonly { readonly name: string; readonly type: string }[];

/** Throws SINK_UNAVAILABLE, StoreError. */
export async function checkTable(table: Table, expected: Key, hint: string): Promise<void> {
  const name = table.base.TableName;
  const { description } = await table.read(`describe table ${name}`, async ({ client, options }) => ({
    ConsumedCapacity: undefined,
    description: (await client.send(new DescribeTableCommand({ TableName: name }), options)).Table,
  }));
  const problem = problemWith(description, expected);
  if (problem !== null) throw new SluiceError('SINK_UNAVAILABLE', { message: `DynamoDB table '${name}' ${problem}`, hint, details: { table: name } });
}

/** The order within the PRIMARY KEY does not matter: which of its columns is the partition key is the table's own affair. */
function problemWith(description: TableDescription | undefined, expected: Key): string | null {
  if (description?.TableStatus !== 'ACTIVE' && description?.TableStatus !== 'UPDATING') return `is ${description?.TableStatus ?? 'not there'}`;
  const stored = keyOf(description);
  const isSame = stored.length === expected.length && expected.every(({ name, type }) => stored.some((part) => part.name === name && part.type === type));
  return isSame ? null : `has the key (${keyText(stored)}), and the PRIMARY KEY needs (${keyText(expected)})`;
}

const keyOf = ({ KeySchema = [], AttributeDefinitions = [] }: TableDescription): Key =>
  KeySchema.map(({ AttributeName: name = '' }) => ({ name, type: AttributeDefinitions.find((each) => each.AttributeName === name)?.AttributeType ?? '?' }));

const keyText = (key: Key): string => key.map(({ name, type }) => `${name} ${type}`).join(', ');

/** The PRIMARY KEY in the order of the statement. */
export const expectedKey = (columns: readonly Column[], primaryKey: readonly string[]): Key =>
  primaryKey.map((name) => ({ name, type: keyType(columns.find((column) => column.name === name)?.type) }));

function keyType(type: SqlType | undefined): string {
  if (type?.kind === 'BINARY' || type?.kind === 'VARBINARY') return 'B';
  return NUMBERS.includes(type?.kind) ? 'N' : 'S';
}

const NUMBERS: readonly (SqlType['kind'] | undefined)[] = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'DECIMAL'];

/** What makes a table of this key. */
export function creationHint(table: string, key: Key): string {
  const attributes = key.map(({ name, type }) => `AttributeName=${name},AttributeType=${type}`).join(' ');
  const schema = key.map(({ name }, i) => `AttributeName=${name},KeyType=${i === 0 ? 'HASH' : 'RANGE'}`).join(' ');
  return `correct 'table-name', 'aws.region' or the PRIMARY KEY, or make the table: aws dynamodb create-table --table-name ${table} --billing-mode PAY_PER_REQUEST --attribute-definitions ${attributes} --key-schema ${schema}`;
}

export const sinkHints = (creation: string): Hints => ({
  ResourceNotFoundException: creation,
  'Region is missing': "set 'aws.region'",
  ValidationException: 'a value does not fit: keys have 2048 bytes at most, sort keys 1024, and numbers 38 digits',
  AccessDeniedException: 'allow the role or user dynamodb:DescribeTable, dynamodb:PutItem and dynamodb:BatchGetItem on the table',
});
