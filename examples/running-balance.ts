// The balance of each account behind every booking. What would overdraw it is rejected, and goes to a table of its own.
import { defineJob, kafka, sideOutput, table, valueState } from 'sluice/api';

interface Booking {
  readonly account: string;
  /** In cents; negative for a withdrawal. */
  readonly cents: number;
}

const rejected = sideOutput<Booking>('rejected');

export default defineJob('running-balance', (job) => {
  const bookings = kafka<Booking>({ topic: 'bookings', servers: 'localhost:9092' });

  const balances = job
    .from('bookings', bookings)
    .keyBy(({ account }) => account)
    .process('balance', {
      state: { balance: valueState({ initial: 0 }) },
      *onEvent(booking, { state, output }) {
        const balance = state.balance.value() + booking.cents;
        if (balance < 0) return output(rejected, booking);
        state.balance.update(balance);
        yield { account: booking.account, balance };
      },
    });

  balances.to('balances', table({ columns: { account: 'STRING NOT NULL', balance: 'BIGINT NOT NULL' }, with: { connector: 'print' } }));
  balances
    .sideOutput(rejected)
    .to('rejected', table({ columns: { account: 'STRING NOT NULL', cents: 'BIGINT NOT NULL' }, with: { connector: 'print' } }));
});
