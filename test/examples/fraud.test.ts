import { expect, test } from 'vitest';
import job from '../../examples/fraud.ts';
import { expectUndisturbed, of, rowsOf, START } from './disturbed.ts';

const pay = (account: string, amount: number, second: number) => of('payments', { account, amount, at: START + second * 1000 });

const steps = [
  ...pay('caught', 0.5, 0),
  ...pay('slow', 0.5, 1),
  ...pay('honest', 700, 2),
  ...pay('disarmed', 0.5, 3),
  ...pay('disarmed', 20, 4),
  ...pay('caught', 900, 30),
  ...pay('disarmed', 800, 31),
  ...pay('other', 3, 80),
  ...pay('slow', 600, 81),
  ...pay('caught', 999, 82),
];

test('a large payment is suspicious within a minute of a small one, if none is between them', async () => {
  const { alerts } = await rowsOf(job, ['alerts'], steps);
  expect(alerts).toEqual([{ account: 'caught', amount: 900, at: START + 30_000 }]);
});

test('savepoints and crashes, wherever they come, change no row', () => expectUndisturbed(job, ['alerts'], steps));
