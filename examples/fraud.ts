// A small payment and then a large one, within a minute: somebody tries out a stolen card. As in Flink's fraud detection, but in event time.
import { defineJob, kafka, table, valueState } from 'sluice/api';

interface Payment {
  readonly account: string;
  readonly amount: number;
  /** Epoch ms. */
  readonly at: number;
}

const SMALL = 1;
const LARGE = 500;
const MINUTE = 60_000;

export default defineJob('fraud', (job) => {
  const payments = kafka<Payment>({ topic: 'payments', servers: 'localhost:9092', eventTime: ({ at }) => at, outOfOrderness: '5 s' });

  job
    .from('payments', payments)
    .keyBy(({ account }) => account)
    .process('small-then-large', {
      /** When the small payment was made, if it was the last one. */
      state: { small: valueState<number>() },
      *onEvent({ account, amount, at }, { state, timers }) {
        const small = state.small.value();
        if (small !== null) {
          if (amount > LARGE && at - small <= MINUTE) yield { account, amount, at };
          timers.deleteEventTimeTimer(small + MINUTE);
          state.small.clear();
        }
        if (amount < SMALL) {
          state.small.update(at);
          timers.registerEventTimeTimer(at + MINUTE);
        }
      },
      // Nothing large has followed: the account leaves the state.
      onTimer(_timer, { state }) {
        state.small.clear();
      },
    })
    .to(
      'alerts',
      table({ columns: { account: 'STRING NOT NULL', amount: 'DOUBLE NOT NULL', at: 'TIMESTAMP(3) NOT NULL' }, with: { connector: 'print' } }),
    );
});
