/**
 * Emits FIREs 1 to n in a process of its own, which dies or stops at a step of the last one:
 * `node kafka-sink-process.ts BROKERS TOPIC FIRES STEP SIGNAL`. Prints a line before it does, and the result behind it.
 */
import { Cluster } from '../../lib/adapters/kafka/cluster.ts';
import { KafkaTransactions } from '../../lib/adapters/kafka/kafka-transactions.ts';
import { TransactionalKafkaSink } from '../../lib/adapters/kafka/sink.ts';
import { cursorGroup, transactionalId } from '../../lib/adapters/kafka/sink-failures.ts';
import type { Transactions, TransactionSession } from '../../lib/adapters/kafka/transactions.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { emission } from '../contracts/sink.ts';
import { JOB, layoutOf, nodeOf, rowsOf } from './kafka-sink-rows.ts';

const [servers = '', topic = '', fires = '1', step = '', signal = 'SIGKILL'] = process.argv.slice(2);
let isLast = false;

/** `before` or `behind` a step. */
async function around<T>(name: string, work: () => Promise<T>): Promise<T> {
  await die(`before ${name}`);
  const result = await work();
  await die(`behind ${name}`);
  return result;
}

async function die(at: string): Promise<void> {
  if (!isLast || at !== step) return;
  isLast = false;
  await new Promise((resolve) => process.stdout.write(`${at}\n`, resolve));
  process.kill(process.pid, signal);
  await nodeRuntime.sleep(100); // a signal takes a moment
}

const watchedSession = (session: TransactionSession): TransactionSession => ({
  write: (records) => around('write', () => session.write(records)),
  sendCursor: (cursor) => around('sendCursor', () => session.sendCursor(cursor)),
  commit: () => around('commit', () => session.commit()),
  abort: () => session.abort(),
});

const watched = (transactions: Transactions): Transactions => ({
  partitions: () => transactions.partitions(),
  committed: (when) => around('committed', () => transactions.committed(when)),
  init: async () => watchedSession(await around('init', () => transactions.init())),
});

const cluster = new Cluster({ 'bootstrap.servers': servers }, nodeRuntime);
const place = { job: JOB, node: nodeOf(topic), layout: layoutOf(topic) };
const open = (): TransactionalKafkaSink => {
  const transactions = new KafkaTransactions(cluster, { topic, transactionalId: transactionalId(place), group: cursorGroup(place) }, nodeRuntime);
  return new TransactionalKafkaSink({ ...place, runtime: nodeRuntime, transactions: watched(transactions) });
};
let sink = open();
const last = Number(fires);
for (let f = 1; f <= last; f++) {
  if (f === last) {
    // As a process that begins with this FIRE, so that it passes every step.
    sink = open();
    isLast = true;
  }
  const result = await sink.emit(emission(0, f, f === 1 ? null : f - 1, rowsOf(f)));
  process.stdout.write(`${f} ${result.kind}\n`);
}
await cluster.close();
