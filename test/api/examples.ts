/** Jobs that several tests build. */
import { combine, count, defineJob, sideOutput, sum, table, tumbling, valueState } from '../../lib/api/index.ts';
import { payments, type Payment } from './jobs.ts';

const BLACKHOLE = { connector: 'blackhole' };
const large = sideOutput<{ readonly amount: number }>('large');

export const pipelineJob = defineJob('pipeline', (job) => {
  const all = job.from('payments', payments());
  const alerts = all.keyBy(({ account }) => account).process('fraud', {
    state: { flagged: valueState<boolean>({ ttl: { ttl: '1 min' } }) },
    *onEvent({ amount }, { key, output, state, timers, timestamp }) {
      if (state.flagged.value() === true) yield { account: key, amount };
      if (amount > 500) output(large, { amount });
      state.flagged.update(amount < 1);
      timers.registerEventTimeTimer((timestamp ?? 0) + 60_000);
    },
    onTimer(_timer, { state }) {
      state.flagged.clear();
    },
  });
  alerts.to('alerts', table({ columns: { account: 'STRING', amount: 'DOUBLE' }, with: BLACKHOLE }));
  alerts.sideOutput(large).to('large', table({ columns: { amount: 'DOUBLE' }, with: BLACKHOLE }));
  all.keyBy(({ account }) => account).window(tumbling('1 min'))
    .aggregate('totals', combine({ total: sum((p) => p.amount), n: count() }), (account, { total, n }, { end }) => ({ account, total, n, end }))
    .to('sums', table({ columns: { account: 'STRING', total: 'DOUBLE', n: 'BIGINT', end: 'TIMESTAMP(3)' }, with: BLACKHOLE }));
});

export const connectedJob = defineJob('connected', (job) => {
  const [ours, theirs] = [job.from('ours', payments()), job.from('theirs', payments())];
  ours.keyBy(({ account }) => account).connect(theirs.keyBy(({ account }) => account)).process('met', {
    state: { first: valueState<Payment>() },
    onEvent1(payment, { state }) {
      state.first.update(payment);
    },
    *onEvent2({ amount }, { state }) {
      const first = state.first.value();
      if (first !== null) yield { difference: amount - first.amount };
    },
  }).to('differences', table({ columns: { difference: 'DOUBLE' }, with: BLACKHOLE }));
});
