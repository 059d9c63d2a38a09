/** The sink of a `kafka` or `upsert-kafka` table, as its delivery guarantee wants it. */
import { assert } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Sink } from '../../ports/sink.ts';
import type { Cluster } from './cluster.ts';
import { KafkaTransactions } from './kafka-transactions.ts';
import { PlainKafkaSink } from './plain-sink.ts';
import { TransactionalKafkaSink } from './sink.ts';
import { cursorGroup, transactionalId } from './sink-failures.ts';

/** Connects with the first row. */
export function openSink(cluster: Cluster, runtime: Runtime, job: JobId, node: SinkNode): Sink {
  const { records: layout } = node;
  assert(layout, `the plan does not say how the rows of ${node.table} become records`);
  const place = { job, node, layout };
  if (layout.guarantee !== 'exactly-once') return new PlainKafkaSink({ ...place, cluster, runtime });
  const names = { topic: layout.topic, transactionalId: transactionalId(place), group: cursorGroup(place) };
  return new TransactionalKafkaSink({ ...place, runtime, transactions: new KafkaTransactions(cluster, names, runtime) });
}
