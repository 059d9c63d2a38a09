// Lets the first event of each id pass. An id is forgotten an hour after it was first seen, so the state does not grow for ever.
import { defineJob, kafka, table, valueState } from 'sluice/api';

interface Order {
  readonly id: string;
  readonly amount: number;
}

export default defineJob('deduplication', (job) => {
  const orders = kafka<Order>({ topic: 'orders', servers: 'localhost:9092' });

  job
    .from('orders', orders)
    .keyBy(({ id }) => id)
    .process('first-of-id', {
      state: { seen: valueState<boolean>({ ttl: { ttl: '1 h' } }) },
      *onEvent(order, { state }) {
        if (state.seen.value() !== null) return;
        state.seen.update(true);
        yield order;
      },
    })
    .to('distinct', table({ columns: { id: 'STRING NOT NULL', amount: 'DOUBLE NOT NULL' }, with: { connector: 'print' } }));
});
