/**
 * The clients of one cluster, made with the first call and closed once.
 *
 * The library is @platformatic/kafka: it is maintained, its metadata has topic ids (W6), it reads without a group, sets the offsets of a group at
 * once and knows all four compressions without native code. kafkajs, which has had no maintainer for years, knows no topic ids and joins a
 * group for every commit (5 s); only the local event source uses it, for its consumer groups. Either is loaded with the first call, so
 * that a writer which never asks Kafka (W6, W7) starts without it.
 */
import type { Admin, Consumer, Producer } from '@platformatic/kafka';
import type { Runtime } from '../../ports/runtime.ts';
import { CALL_MS, clientOptions, connectionOf, type Connection } from './connection.ts';
import { type Call, failureOf, mayRepeat } from './failures.ts';
import type { ConnectionProperties } from './properties.ts';

type Library = typeof import('./library.ts');

/** What a call works with. */
export interface Clients {
  readonly library: Library;
  readonly connection: Connection;
  /** Of no group: reads topics and their offsets. */
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly producer: Producer;
}

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;
/** A cluster that never answered is probably named wrongly: no need to wait for its restart. */
const FIRST_MS = 8_000;

export class Cluster {
  readonly #properties: ConnectionProperties;
  readonly #runtime: Runtime;
  #clients: Promise<Clients> | null = null;
  #hasAnswered = false;

  constructor(properties: ConnectionProperties, runtime: Runtime) {
    this.#properties = properties;
    this.#runtime = runtime;
  }

  /** Repeats `attempt` while its errors pass, for 20 s at most, with metadata read again. Throws SluiceError; anything else is a defect. */
  async call<T>(call: Call, attempt: (clients: Clients) => Promise<T>): Promise<T> {
    const clients = await this.#open();
    const began = this.#runtime.elapsed();
    for (let pause = RETRY_MIN_MS; ; pause = Math.min(pause * 2, RETRY_MAX_MS)) {
      const left = began + CALL_MS - this.#runtime.elapsed();
      try {
        const result = await within(attempt(clients), left);
        this.#hasAnswered = true;
        return result;
      } catch (error) {
        const limit = this.#hasAnswered ? CALL_MS : FIRST_MS;
        if (!mayRepeat(call, error) || this.#runtime.elapsed() + pause > began + limit) throw failureOf(error, call, clients.connection);
        clients.consumer.clearMetadata();
        clients.admin.clearMetadata();
        clients.producer.clearMetadata();
        await this.#runtime.sleep(pause);
      }
    }
  }

  /** No call may be under way. */
  async close(): Promise<void> {
    if (this.#clients === null) return;
    const clients = await this.#clients.catch(() => null);
    if (clients === null) return;
    await Promise.all([clients.consumer.close(true), clients.admin.close(), clients.producer.close(true)]);
  }

  async #open(): Promise<Clients> {
    const clients = (this.#clients ??= clientsOf(this.#properties));
    return clients.catch((error: unknown) => {
      this.#clients = null; // a file that was missing may be there next time
      throw error;
    });
  }
}

async function clientsOf(properties: ConnectionProperties): Promise<Clients> {
  const connection = await connectionOf(properties);
  const library = await import('./library.ts');
  const options = clientOptions(connection);
  return {
    library,
    connection,
    consumer: new library.Consumer({ ...options, groupId: 'sluice-reads-without-a-group' }),
    admin: new library.Admin(options),
    producer: new library.Producer({ ...options, acks: -1 }),
  };
}

/** Times out in any case; what comes later is nobody's. */
function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CALL_MS / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
