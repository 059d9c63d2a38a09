import { expect, test } from 'vitest';
import job from '../../examples/running-balance.ts';
import { expectUndisturbed, of, rowsOf } from './disturbed.ts';

const SINKS = ['balances', 'rejected'];
const booking = (account: string, cents: number) => of('bookings', { account, cents });
const steps = [...booking('a', 100), ...booking('b', 50), ...booking('a', -70), ...booking('a', -40), ...booking('b', 5), ...booking('a', 10)];

test('each booking gives the balance behind it, and what would overdraw the account changes nothing', async () => {
  const { balances, rejected } = await rowsOf(job, SINKS, steps);
  expect(balances?.map(({ account, balance }) => [account, balance])).toEqual([['a', 100n], ['b', 50n], ['a', 30n], ['b', 55n], ['a', 40n]]);
  expect(rejected).toEqual([{ account: 'a', cents: -40n }]);
});

test('savepoints and crashes, wherever they come, change no row', () => expectUndisturbed(job, SINKS, steps));
