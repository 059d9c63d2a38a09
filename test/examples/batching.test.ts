import { expect, test } from 'vitest';
import job from '../../examples/batching.ts';
import { expectUndisturbed, of, rowsOf } from './disturbed.ts';

const payments = (...ids: readonly string[]) => ids.flatMap((id, i) => of('payments', { id, cents: 10 * (i + 1) }));
const steps = payments('a', 'b', 'c', 'd', 'e', 'f', 'g');

test('a batch has three payments, and one that is not full waits', async () => {
  const { batches } = await rowsOf(job, ['batches'], steps);
  expect(batches).toEqual([
    { batch: '0/0', ids: 'a b c', cents: 60n },
    { batch: '0/1', ids: 'd e f', cents: 150n },
  ]);
});

test('savepoints and crashes, wherever they come, change no row', () => expectUndisturbed(job, ['batches'], steps));
