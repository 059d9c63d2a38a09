/** What is done again and again while a process serves. */
import { expect, test } from 'vitest';
import { Recurring } from '../../../lib/control/rest/recurring.ts';

test('an action that fails is told, and has its next turn; none is under way behind the stop', async () => {
  const thrice = Promise.withResolvers<void>();
  const defects: unknown[] = [];
  let [begun, ended] = [0, 0];
  const action = async (): Promise<void> => {
    begun++;
    if (begun === 1) throw new Error('a mistake');
    if (begun === 3) thrice.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    ended++;
  };
  const recurring = new Recurring(action, (thrown) => void defects.push(thrown), 1);
  await thrice.promise;
  await recurring.stop();
  expect([begun, ended, defects]).toEqual([3, 2, [new Error('a mistake')]]);
});
