import { expect, test } from 'vitest';
import job from '../../examples/deduplication.ts';
import { expectUndisturbed, of, rowsOf } from './disturbed.ts';

const HOUR = 3_600_000;
const order = (id: string, amount: number) => of('orders', { id, amount });

const steps = [...order('a', 1), ...order('b', 2), ...order('a', 3), HOUR - 1, ...order('a', 4), 1, ...order('a', 5), ...order('b', 6), ...order('b', 7)];

test('an id passes once, and again when it was forgotten', async () => {
  const { distinct } = await rowsOf(job, ['distinct'], steps);
  expect(distinct).toEqual([{ id: 'a', amount: 1 }, { id: 'b', amount: 2 }, { id: 'a', amount: 5 }, { id: 'b', amount: 6 }]);
});

test('savepoints and crashes, wherever they come, change no row', () => expectUndisturbed(job, ['distinct'], steps));
