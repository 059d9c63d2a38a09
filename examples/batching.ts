// Payments in batches, as a bank takes them. Each partition of the topic fills its own, in order, and numbers them: what it holds belongs to no key, but to the partition.
import { defineJob, kafka, operatorListState, table } from 'sluice/api';

interface Payment {
  readonly id: string;
  readonly cents: number;
}

const SIZE = 3;

export default defineJob('batching', (job) => {
  const payments = kafka<Payment>({ topic: 'payments', servers: 'localhost:9092' });

  job
    .from('payments', payments)
    .processPartition('batch', {
      state: { held: operatorListState<Payment>(), filled: operatorListState<number>() },
      initialize({ state, partition }) {
        let held = state.held.get();
        let [filled = 0] = state.filled.get();
        return {
          *onEvent(payment) {
            held.push(payment);
            if (held.length < SIZE) return;
            const cents = held.reduce((sum, one) => sum + one.cents, 0);
            yield { batch: `${partition.partition}/${filled}`, ids: held.map(({ id }) => id).join(' '), cents };
            held = [];
            filled++;
          },
          snapshot() {
            state.held.update(held);
            state.filled.update([filled]);
          },
        };
      },
    })
    .to('batches', table({ columns: { batch: 'STRING NOT NULL', ids: 'STRING NOT NULL', cents: 'BIGINT NOT NULL' }, with: { connector: 'print' } }));
});
