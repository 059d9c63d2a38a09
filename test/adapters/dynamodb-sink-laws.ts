/** The laws of Sink, as far as an upsert can keep them, against one server that speaks DynamoDB; every world has a table of its own. */
import { CreateTableCommand, DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attributes } from '../../lib/adapters/dynamodb/attributes.ts';
import { DynamoSink } from '../../lib/adapters/dynamodb/sink.ts';
import { isOwn, JOB as JOB_ATTRIBUTE, VERSION, type VersionedItems } from '../../lib/adapters/dynamodb/sink-item.ts';
import { putCondition, SinkTable } from '../../lib/adapters/dynamodb/sink-table.ts';
import type { Consumed } from '../../lib/adapters/dynamodb/table.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { jobId, type JobId } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { STRING, type Column } from '../../lib/core/types.ts';
import type { Sink } from '../../lib/ports/sink.ts';
import type { Gaps } from '../contracts/suite.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';
import { holds } from './dynamodb-condition.ts';

export const JOB = jobId('0123456789abcdef0123456789abcdef');

/** name → S, N or B; partition key first. */
type Key = readonly (readonly [string, 'S' | 'N' | 'B'])[];

/** A sink with the table that it writes, which counts. */
export interface OpenedSink extends Sink {
  readonly consumed: Readonly<Consumed>;
}

export interface TableWorld extends SinkWorld {
  readonly node: SinkNode;
  open(job?: JobId): Promise<OpenedSink>;
  items(): Promise<Record<string, AttributeValue>[]>;
  with(changes: Partial<SinkNode>, job?: JobId, lineage?: readonly JobId[]): OpenedSink;
  close(): void;
}

export interface TableSpec {
  readonly columns?: readonly Column[];
  readonly primaryKey?: readonly string[];
  /** Of the table itself, where it is another one than the PRIMARY KEY. */
  readonly key?: Key;
  readonly options?: Readonly<Record<string, string>>;
}

const V: Column = { name: 'v', type: STRING, nullable: false };

/** Makes a table on the server, and opens sinks that write it; `through` is where sinks find the server, if it is not there itself. */
export async function sinkTable(endpoint: string, { columns = [V], primaryKey = ['v'], key = [['v', 'S']], options = {} }: TableSpec = {}, through = endpoint): Promise<TableWorld> {
  const name = `sink-${nodeRuntime.randomHex(8)}`;
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1' });
  await createSinkTable(client, name, key);
  const node = { ...sinkNode('dynamodb', { 'table-name': name, 'aws.endpoint': through, 'aws.region': 'us-east-1', ...options }), columns, primaryKey };
  const tables: SinkTable[] = [];
  const opened = (changes: Partial<SinkNode>, job = JOB, lineage: readonly JobId[] = []): OpenedSink => {
    const table = new SinkTable({ node: { ...node, ...changes }, lineage, runtime: nodeRuntime });
    const sink = new DynamoSink(table, job, { ...node, ...changes });
    tables.push(table);
    return { fences: sink.fences, upserts: sink.upserts, emit: (e) => sink.emit(e), fence: () => sink.fence(), consumed: table.consumed };
  };
  const items = async (): Promise<Record<string, AttributeValue>[]> => (await client.send(new ScanCommand({ TableName: name, ConsistentRead: true }))).Items ?? [];
  const effects = async (): Promise<string[]> => (await items()).toSorted(byVersion).map(({ v }) => v?.S ?? '?');
  return {
    node,
    with: opened,
    items,
    effects,
    open: async (job) => opened({}, job),
    close: () => {
      tables.forEach((table) => table.close());
      client.destroy();
    },
  };
}

export const createSinkTable = (client: DynamoDBClient, name: string, key: Key): Promise<unknown> =>
  client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: key.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: key.map(([AttributeName], i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    }),
  );

/** Items have no order within a FIRE. */
const byVersion = (a: Record<string, AttributeValue>, b: Record<string, AttributeValue>): number =>
  Number(a['sluice_ver']?.N) - Number(b['sluice_ver']?.N) || (a['v']?.S ?? '').localeCompare(b['v']?.S ?? '');

const GAPS: Gaps = {
  'X2: an emission whose predecessor has not taken effect is refused': 'items know the FIRE that wrote them, the table knows none',
  'X3: after a fence nothing of an older generation takes effect': 'a table has no fence: an older generation loses item by item',
  'X3: a fence returns the newest position that took effect, and can be repeated': 'a table does not know its newest position',
  'X4: a position that is repeated with other rows is REPLAY_DIFFERS and has no effect': 'an item of another key is another row',
};

/** `world` is made when a test runs. */
export const dynamoSinkLaws = (name: string, world: () => SinkWorld | Promise<SinkWorld>): void => sinkContract(name, world, GAPS);

/** Thousands of requests. What an old generation writes late, the new one writes again under the same keys, so that this one holds without a fence. */
export const dynamoSinkUnderFaults = (name: string, world: () => SinkWorld | Promise<SinkWorld>): void => sinkUnderFaults(name, world);

/** DynamoDB as a map, for one text column `v`: it evaluates the conditions of the sink, and does not know what they are for. */
export function modelWorld(): SinkWorld {
  const items = new Map<string, Attributes>();
  const idOf = (item: Attributes): string => item['v']?.S ?? '';
  const table: VersionedItems = {
    name: 'model',
    check: async () => {},
    put: async (_what, attributes, stamp) => {
      const met = items.get(idOf(attributes));
      if (!holds(putCondition('v', stamp, [[], []]), met)) return met ?? null;
      items.set(idOf(attributes), { ...attributes, [JOB_ATTRIBUTE]: { S: stamp.job }, [VERSION]: { N: String(stamp.version) } });
      return 'written';
    },
    known: async (asked, stamp) => asked.map((item) => isOwn(items.get(idOf(item)), stamp)),
  };
  const node = { ...sinkNode('dynamodb', {}), columns: [V], primaryKey: ['v'] };
  return { open: async (job) => new DynamoSink(table, job, node), effects: async () => [...items.values()].toSorted(byVersion).map(({ v }) => v?.S ?? '?') };
}
