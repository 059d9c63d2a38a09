/**
 * What the compiler refuses: every line behind `@ts-expect-error` is an error, or the line above is one. `tsc` is the test; nothing here needs to run.
 */
import { expect, expectTypeOf, test } from 'vitest';
import {
  aggregatingState, combine, count, defineJob, kafka, listState, mapState, max, reducingState, sideOutput, sum, table, tumbling, valueState,
  type JobBuilder, type RowOf, type StandardSchema, type Stream,
} from '../../lib/api/index.ts';
import { payments, type Payment } from './jobs.ts';

const schema: StandardSchema<Payment> = { '~standard': { validate: () => ({ issues: [{ message: 'none will do' }] }) } };
const broker = { topic: 'payments', servers: 'broker:9092' };

test('types of events come from the schema, from decode, from the generic, or are unknown', () => {
  defineJob('types', (job) => {
    expectTypeOf(job.from('a', kafka({ ...broker, schema }))).toEqualTypeOf<Stream<Payment>>();
    expectTypeOf(job.from('b', kafka<Payment>(broker))).toEqualTypeOf<Stream<Payment>>();
    expectTypeOf(job.from('c', kafka(broker))).toEqualTypeOf<Stream<unknown>>();
    // @ts-expect-error: the schema knows no field `amuont`
    kafka({ ...broker, schema, eventTime: (payment) => payment.amuont });
    // @ts-expect-error: an event time is a number, a Date or a text
    kafka({ ...broker, schema, eventTime: (payment) => payment.amount > 1 });
    // @ts-expect-error: nothing says what the values are
    job.from('d', kafka(broker)).map((value) => value.amount);
    // @ts-expect-error: no servers
    kafka({ topic: 'payments', schema });
    // @ts-expect-error: the schema is of another type
    kafka<{ readonly other: number }>({ ...broker, schema });
  });
  expect.assertions(0);
});

test('states have the types of their descriptors', () => {
  const define = (job: JobBuilder): void => {
    job.from('payments', payments()).keyBy(({ account }) => account).process('states', {
      state: {
        last: valueState<number>(),
        total: valueState<number>({ initial: 0 }),
        seen: mapState<string, number>(),
        list: listState<Payment>(),
        largest: reducingState<number>({ reduce: Math.max }),
        mean: aggregatingState({ aggregate: sum((p: Payment) => p.amount) }),
      },
      onEvent(payment, { key, state, timers, timestamp }) {
        expectTypeOf(payment).toEqualTypeOf<Payment>();
        expectTypeOf(key).toEqualTypeOf<string>();
        expectTypeOf(state.last.value()).toEqualTypeOf<number | null>();
        expectTypeOf(state.total.value()).toEqualTypeOf<number>();
        expectTypeOf(state.seen.get('a')).toEqualTypeOf<number | null>();
        expectTypeOf(state.list.get()).toEqualTypeOf<Payment[]>();
        expectTypeOf(state.mean.get()).toEqualTypeOf<number | null>();
        // @ts-expect-error: the state holds numbers
        state.last.update('12');
        // @ts-expect-error: its keys are texts
        state.seen.put(1, 1);
        // @ts-expect-error: a list of payments
        state.list.add({ account: 'a' });
        // @ts-expect-error: there may be none
        const sure: number = state.last.value();
        // @ts-expect-error: no such state
        state.first.clear();
        // @ts-expect-error: numbers are reduced
        state.largest.add(payment);
        // @ts-expect-error: the stream may have no event time
        timers.registerEventTimeTimer(timestamp);
        // @ts-expect-error: a key is a text here
        key.toFixed();
        return [sure];
      },
    });
  };
  expect(define).toBeTypeOf('function');
});

test('streams have the types of what functions give', () => {
  const late = sideOutput<Payment>('late');
  const define = (job: JobBuilder): void => {
    const stream = job.from('payments', payments());
    const keyed = stream.keyBy(({ account }) => account);
    const processed = keyed.process('yields', {
      *onEvent({ amount }, context) {
        if (amount > 1) yield { big: amount };
        context.output(late, { account: 'a', amount, at: 0 });
        // @ts-expect-error: the side output takes payments
        context.output(late, 'too late');
      },
      onTimer: ({ time }) => [{ fired: time }],
    });
    expectTypeOf(processed.sideOutput(late)).toEqualTypeOf<Stream<Payment>>();
    expectTypeOf(processed.map((out) => ('big' in out ? out.big : out.fired))).toEqualTypeOf<Stream<number>>();
    expectTypeOf(keyed.process('nothing', { onEvent() {} }).map((out) => out)).toEqualTypeOf<Stream<never>>();
    expectTypeOf(stream.filter((p) => p.amount > 1)).toEqualTypeOf<Stream<Payment>>();
    expectTypeOf(stream.map(({ amount }) => amount).union(stream.map(({ account }) => account))).toEqualTypeOf<Stream<number | string>>();
    const [amounts, accounts] = [stream.map(({ amount }) => amount), stream.map(({ account }) => account)];
    expectTypeOf(stream.union(amounts, accounts)).toEqualTypeOf<Stream<Payment | number | string>>();
    const several = [amounts, amounts];
    expectTypeOf(stream.union(...several)).toEqualTypeOf<Stream<Payment | number>>();
    const totals = keyed.window(tumbling('1 min')).aggregate('totals', combine({ total: sum((p) => p.amount), n: count(), last: max((p) => p.at) }));
    expectTypeOf(totals.map((t) => t)).toEqualTypeOf<Stream<{ total: number; n: number; last: number }>>();
    // @ts-expect-error: no such field to sum
    keyed.window(tumbling('1 min')).aggregate('wrong', sum((p) => p.amuont));
    // @ts-expect-error: a text is no number
    keyed.window(tumbling('1 min')).aggregate('wrong', sum((p) => p.account));
    // @ts-expect-error: a reduction gives what it takes
    keyed.window(tumbling('1 min')).reduce('wrong', (a, b) => a.amount + b.amount);
    // @ts-expect-error: what is reduced are payments
    keyed.window(tumbling('1 min'), { lateOutput: sideOutput<string>('late') });
    // @ts-expect-error: the keys of both are of one type
    keyed.connect(stream.keyBy(({ amount }) => amount));
    // @ts-expect-error: a stream has no state
    stream.process('unkeyed', { onEvent() {} });
  };
  expect(define).toBeTypeOf('function');
});

test('rows of sinks have the types of their columns', () => {
  expectTypeOf<RowOf<{ a: 'STRING'; b: 'bigint not null'; c: 'DECIMAL(10, 2)'; d: 'TIMESTAMP(3)'; e: ' BOOLEAN NOT NULL ' }>>().toEqualTypeOf<{
    readonly a: string | null | undefined;
    readonly b: bigint | number;
    readonly c: string | number | bigint | null | undefined;
    readonly d: number | Date | string | null | undefined;
    readonly e: boolean;
  }>();
  const alerts = table({ columns: { account: 'STRING NOT NULL', amount: 'DOUBLE', at: 'TIMESTAMP(3)' }, with: { connector: 'print' } });
  const define = (job: JobBuilder): void => {
    const stream = job.from('payments', payments());
    stream.to('good', alerts);
    // @ts-expect-error: the column `at` is missing
    stream.map(({ account, amount }) => ({ account, amount })).to('missing', alerts);
    // @ts-expect-error: the amount is a number
    stream.map(({ account, at }) => ({ account, amount: 'much', at })).to('wrong', alerts);
    // @ts-expect-error: the account is NOT NULL
    stream.map(({ amount, at }) => ({ account: null, amount, at })).to('null', alerts);
    // @ts-expect-error: a number is no row
    stream.map(({ amount }) => amount).to('scalar', alerts);
    // @ts-expect-error: no such column is a key
    table({ columns: { id: 'STRING' }, with: { connector: 'upsert-kafka' }, primaryKey: ['ident'] });
    stream.asTable('good', { columns: { account: 'STRING', at: 'TIMESTAMP(3)' }, rowtime: 'at' });
    // @ts-expect-error: payments have no such field
    stream.asTable('wrong', { columns: { nobody: 'STRING' } });
  };
  expect(define).toBeTypeOf('function');
});
