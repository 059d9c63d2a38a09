/** Streams with several consumers: none sees what the function of another one does to a value. */
import { expect, test } from 'vitest';
import { table, type Stream } from '../../lib/api/index.ts';
import { Raw, type Row } from '../../lib/core/types.ts';
import { build, numbers, payments, rowsAt, streamRow, type Payment } from './jobs.ts';

const sink = table({ columns: { amount: 'DOUBLE' }, with: { connector: 'blackhole' } });
const amounts = (stream: Stream<{ amount: number }>, uid: string): void => stream.map(({ amount }) => ({ amount })).to(uid, sink);

/** Writes to what it gets. */
const doubled = (payment: Payment): Payment => Object.assign(payment, { amount: payment.amount * 2 });
const row = (): Row => streamRow({ account: 'a', amount: 5, at: 1 }, 1);

test('a branch is not changed by the one before it', () => {
  const job = build((b) => {
    const stream = b.from('in', payments());
    amounts(stream.map(doubled), 'twice');
    amounts(stream, 'once');
  });
  const shared = row();
  expect([rowsAt(job, 'twice', [shared]), rowsAt(job, 'once', [shared])]).toEqual([[[10]], [[5]]]);
});

test('a function in front of two branches is run on the same value for each', () => {
  const job = build((b) => {
    const stream = b.from('in', payments()).filter(() => true).map(doubled);
    amounts(stream, 'first');
    amounts(stream, 'second');
  });
  const shared = row();
  expect([rowsAt(job, 'first', [shared]), rowsAt(job, 'second', [shared])]).toEqual([[[10]], [[10]]]);
});

test('the only consumer gets the value itself', () => {
  const seen: unknown[] = [];
  const job = build((b) => amounts(b.from('in', payments()).map((payment) => (seen.push(payment), payment)), 'out'));
  const only = { account: 'a', amount: 5, at: 1 };
  rowsAt(job, 'out', [[new Raw(only), 1]]);
  expect(seen[0]).toBe(only);
});

test('what cannot be copied is passed on', () => {
  const seen: unknown[] = [];
  const job = build((b) => {
    const stream = b.from('in', numbers()).map((n) => (seen.push(n), { amount: 1 }));
    amounts(stream, 'first');
    amounts(stream, 'second');
  });
  const instance = new (class Total {})();
  rowsAt(job, 'first', [streamRow(instance)]);
  expect(seen[0]).toBe(instance);
});
