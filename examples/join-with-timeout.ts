// Orders and their payments, whichever comes first. Who finds no partner within an hour goes on alone.
import { defineJob, kafka, table, valueState } from 'sluice/api';

interface Order {
  readonly order: string;
  readonly total: number;
  /** Epoch ms. */
  readonly at: number;
}

interface Payment {
  readonly order: string;
  readonly method: string;
  /** Epoch ms. */
  readonly at: number;
}

const HOUR = 3_600_000;
const servers = 'localhost:9092';

export default defineJob('join-with-timeout', (job) => {
  const orders = job.from('orders', kafka<Order>({ topic: 'orders', servers, eventTime: ({ at }) => at }));
  const payments = job.from('payments', kafka<Payment>({ topic: 'payments', servers, eventTime: ({ at }) => at }));

  orders
    .keyBy(({ order }) => order)
    .connect(payments.keyBy(({ order }) => order))
    .process('match', {
      state: { order: valueState<Order>(), payment: valueState<Payment>() },
      *onEvent1(order, { state, timers }) {
        const payment = state.payment.value();
        if (payment === null) {
          state.order.update(order);
          return timers.registerEventTimeTimer(order.at + HOUR);
        }
        timers.deleteEventTimeTimer(payment.at + HOUR);
        state.payment.clear();
        yield { order: order.order, total: order.total, method: payment.method };
      },
      *onEvent2(payment, { state, timers }) {
        const order = state.order.value();
        if (order === null) {
          state.payment.update(payment);
          return timers.registerEventTimeTimer(payment.at + HOUR);
        }
        timers.deleteEventTimeTimer(order.at + HOUR);
        state.order.clear();
        yield { order: order.order, total: order.total, method: payment.method };
      },
      *onTimer(_timer, { key, state }) {
        yield { order: key, total: state.order.value()?.total ?? null, method: state.payment.value()?.method ?? null };
        state.order.clear();
        state.payment.clear();
      },
    })
    .to('matched', table({ columns: { order: 'STRING NOT NULL', total: 'DOUBLE', method: 'STRING' }, with: { connector: 'print' } }));
});
