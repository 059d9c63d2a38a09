/** Which broker keeps the state of a group or of a transactional id. */
import type { Broker } from '@platformatic/kafka';
import type { Clients } from './cluster.ts';

type Connection = Awaited<ReturnType<Clients['producer']['connections']['get']>>;

/** Numbers of the kinds of keys in FindCoordinator. */
const KINDS = { group: 0, transaction: 1 } as const;

/** By the client that asks, then by kind and key. */
const known = new WeakMap<object, Map<string, Broker>>();

/** Asks the coordinator, which is looked for once; and again behind an error, since coordinators move. */
export async function atCoordinator<T>(clients: Clients, kind: keyof typeof KINDS, key: string, ask: (at: Connection) => Promise<T>): Promise<T> {
  const { producer } = clients;
  const brokers = known.get(producer) ?? new Map<string, Broker>();
  known.set(producer, brokers);
  const name = `${kind} ${key}`;
  try {
    const broker = brokers.get(name) ?? (await find(clients, kind, key));
    brokers.set(name, broker);
    return await ask(await producer.connections.get(broker));
  } catch (error) {
    brokers.delete(name);
    throw error;
  }
}

async function find({ producer, library }: Clients, kind: keyof typeof KINDS, key: string): Promise<Broker> {
  const { brokers } = producer.currentMetadata ?? (await producer.metadata({ topics: [] }));
  const answer = await library.findCoordinatorV4.api.async(await producer.connections.getFirstAvailable([...brokers.values()]), KINDS[kind], [key]);
  const found = answer.coordinators[0];
  if (found === undefined) throw new library.ProtocolError('COORDINATOR_NOT_AVAILABLE');
  return { host: found.host, port: found.port };
}
