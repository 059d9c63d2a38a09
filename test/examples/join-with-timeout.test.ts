import { expect, test } from 'vitest';
import job from '../../examples/join-with-timeout.ts';
import { expectUndisturbed, of, rowsOf, START } from './disturbed.ts';

const MINUTE = 60_000;
const order = (id: string, total: number, minute: number) => of('orders', { order: id, total, at: START + minute * MINUTE });
const paid = (id: string, minute: number) => of('payments', { order: id, method: 'card', at: START + minute * MINUTE });

const steps = [
  ...order('o1', 10, 0),
  ...paid('o2', 1),
  ...paid('o1', 2),
  ...order('o2', 20, 3),
  ...order('alone', 30, 4),
  ...paid('nothing', 5),
  ...order('o3', 40, 70),
  ...paid('o3', 70),
];

test('who comes first waits for the other, for an hour of event time', async () => {
  const { matched } = await rowsOf(job, ['matched'], steps);
  expect(matched?.map(({ order: id, total, method }) => [id, total, method])).toEqual([
    ['o1', 10, 'card'],
    ['o2', 20, 'card'],
    ['o3', 40, 'card'],
    ['alone', 30, null],
    ['nothing', null, 'card'],
  ]);
});

test('savepoints and crashes, wherever they come, change no row', () => expectUndisturbed(job, ['matched'], steps));
