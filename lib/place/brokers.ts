/** The Kafka clusters of a platform: which one a table's topics are in, and one connection for all tables that mean the same. */
import { openKafka, type ConnectionProperties, type Kafka } from '../adapters/kafka/index.ts';
import { SluiceError } from '../core/errors.ts';
import { sourcesOf, type Plan, type SinkNode } from '../core/plan.ts';
import type { Codec, Runtime } from '../ports/runtime.ts';
import type { Brokers } from './urls.ts';

/** Client properties that hold for every table, under those that it has itself. */
export type ClientProperties = ConnectionProperties;

const PREFIX = 'properties.';

export class KafkaClusters {
  readonly #brokers: Exclude<Brokers, { kind: 'embedded' }>;
  readonly #client: ClientProperties;
  readonly #parts: { readonly runtime: Runtime; readonly codec: Codec };
  /** By topic and brokers: the secrets of one cluster are not for another one. */
  readonly #named = new Map<string, ConnectionProperties>();
  /** By the connections of the topics, as text. */
  readonly #open = new Map<string, Kafka>();

  constructor(brokers: Exclude<Brokers, { kind: 'embedded' }>, client: ClientProperties, parts: { readonly runtime: Runtime; readonly codec: Codec }) {
    this.#brokers = brokers;
    this.#client = client;
    this.#parts = parts;
  }

  /** For topics that no table has named yet. */
  general(): Kafka {
    return this.#kafka({});
  }

  /** For the topics of a plan. Throws OPTION_INVALID where two tables reach one topic in different ways. */
  of(plan: Plan): Kafka {
    const common = this.#connection({});
    const own = Object.entries(connectionsOf(plan, (table) => this.#connection(table)));
    for (const [topic, connection] of own) this.#named.set(placeOf(topic, (connection['bootstrap.servers'] ?? '').split(',')), connection);
    return this.#kafka(Object.fromEntries(own.filter(([, connection]) => textOf(connection) !== textOf(common))));
  }

  /** For the topic of a table that is written; the properties are those of the table alone, whatever other tables say. */
  ofSink({ table, records }: SinkNode): Kafka {
    if (records === undefined) throw new SluiceError('INVARIANT', { message: `the plan does not say how the rows of ${table} become records` });
    const connection = this.#connection(ofTheConnection(records.properties));
    return this.#kafka(textOf(connection) === textOf(this.#connection({})) ? {} : { [records.topic]: connection });
  }

  /** How a topic of these brokers is reached that a plan has named, for clients of another kind; otherwise as all others are. */
  connectionOf(topic: string, brokers: readonly string[]): ConnectionProperties {
    return this.#named.get(placeOf(topic, brokers)) ?? this.#connection({});
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((kafka) => kafka.close()));
  }

  #kafka(special: Readonly<Record<string, ConnectionProperties>>): Kafka {
    const key = textOf(special);
    const kafka = this.#open.get(key) ?? openKafka((topic) => special[topic] ?? this.#required(), this.#parts);
    this.#open.set(key, kafka);
    return kafka;
  }

  #required(): ConnectionProperties {
    const connection = this.#connection({});
    if (connection['bootstrap.servers'] !== undefined) return connection;
    throw new SluiceError('OPTION_INVALID', { message: 'no brokers are named', hint: 'Name them: --kafka HOST:PORT.' });
  }

  /** The brokers of the command line win: the same statements run in every place. */
  #connection(table: ConnectionProperties): ConnectionProperties {
    const servers = this.#brokers.kind === 'servers' ? { 'bootstrap.servers': this.#brokers.servers } : {};
    return { ...this.#client, ...table, ...servers };
  }
}

function connectionsOf(plan: Plan, connect: (table: ConnectionProperties) => ConnectionProperties): Record<string, ConnectionProperties> {
  const connections: Record<string, ConnectionProperties> = {};
  for (const { topics, options, table, connector } of sourcesOf(plan)) {
    if (connector !== 'kafka') continue;
    const connection = connect(propertiesOf(options));
    for (const topic of topics) {
      const before = (connections[topic] ??= connection);
      if (textOf(before) === textOf(connection)) continue;
      throw new SluiceError('OPTION_INVALID', {
        message: `table '${table}' and another one of the job reach the topic '${topic}' with different properties`,
        hint: "Give all tables of one topic the same 'properties.*'.",
      });
    }
  }
  return connections;
}

/** Where a group starts and what it is called is not part of how a cluster is reached. */
const NOT_OF_THE_CONNECTION = ['group.id', 'auto.offset.reset', 'client.id'];

const propertiesOf = (options: Readonly<Record<string, string>>): ConnectionProperties =>
  ofTheConnection(Object.fromEntries(Object.entries(options).flatMap(([key, value]) => (key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : []))));

const ofTheConnection = (properties: ConnectionProperties): ConnectionProperties =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => !NOT_OF_THE_CONNECTION.includes(key)));

const placeOf = (topic: string, brokers: readonly string[]): string => `${topic} ${brokers.map((broker) => broker.trim()).toSorted().join(',')}`;

const textOf = (value: Readonly<Record<string, unknown>>): string => JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
