/** One request that appends batches, one for each partition, at the broker that leads them. */
import type { Broker } from '@platformatic/kafka';
import type { Clients } from './cluster.ts';
import { brokerErrors } from './failures.ts';
import { recordBatch, type Numbered } from './record-batch.ts';
import { leaderOf } from './topics.ts';
import { RecordsTooLarge, type SinkRecord } from './transactions.ts';

/** null: batches of no producer, which are not told from their repetition. */
export interface Producing {
  readonly topic: string;
  readonly transactionalId: string | null;
  readonly numberOf: (partition: number) => Numbered;
}

const PRODUCE = 0;
/** Brokers from 2.8 on know it. */
const VERSION = 9;
/** Every replica in sync has the records when the answer comes. */
const ALL_REPLICAS = -1;
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/** Appends in order, one request at a time. Batches that were numbered alike are appended once, however often this is repeated. */
export async function produceRecords(clients: Clients, producing: Producing, records: readonly SinkRecord[]): Promise<void> {
  const leaders = new Map<string, { broker: Broker; partitions: [number, SinkRecord[]][] }>();
  for (const [partition, of] of Map.groupBy(records, (record) => record.partition)) {
    const { broker } = await leaderOf(clients, producing.topic, partition);
    const key = `${broker.host}:${broker.port}`;
    const known = leaders.get(key) ?? { broker, partitions: [] };
    leaders.set(key, known);
    known.partitions.push([partition, of]);
  }
  for (const { broker, partitions } of leaders.values()) await send(clients, broker, producing, partitions);
}

async function send(clients: Clients, broker: Broker, producing: Producing, partitions: readonly (readonly [number, SinkRecord[]])[]): Promise<void> {
  const { library, producer, connection } = clients;
  const { topic, transactionalId, numberOf } = producing;
  const compression = library.compressionsAlgorithms[connection.compression];
  const batches = partitions.map(([partition, records]) => {
    return { partition, bytes: recordBatch(records, { numbered: numberOf(partition), isTransactional: transactionalId !== null, compression, crc32c: library.crc32c }) };
  });
  const request = (): InstanceType<typeof library.Writer> =>
    library.Writer.create()
      .appendString(transactionalId)
      .appendInt16(ALL_REPLICAS)
      .appendInt32(connection.requestMs)
      .appendArray([topic], (of, name) => {
        of.appendString(name).appendArray(batches, (to, { partition, bytes }) => to.appendInt32(partition).appendUnsignedVarInt(bytes.length + 1).append(bytes));
      })
      .appendTaggedFields();
  const api = library.createAPI<[], unknown>(PRODUCE, VERSION, request, library.produceV9.parseResponse);
  try {
    await api.async(await producer.connections.get(broker));
  } catch (error) {
    throw brokerErrors(error).some((id) => TOO_LARGE.includes(id)) ? new RecordsTooLarge(error) : error;
  }
}
