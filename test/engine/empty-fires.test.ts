/** FIREs without rows (protocol F8, failure row 49): they move the cut, nobody emits them, and no sink waits for one. */
import { expect, test } from 'vitest';
import { uid } from '../../lib/core/numbers.ts';
import { Stack } from './stack.ts';

test('a FIRE names the one before it that had rows for the sink, over any number of empty ones and a resume', async () => {
  const stack = await Stack.create({ settings: { checkpointIntervalMs: 0 } });
  let seconds = 0;
  const take = async (type: string, by: number): Promise<void> => {
    seconds += by;
    stack.produce([[type, seconds]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
  };
  for (const by of [10, 10, 60, 1, 1, 60]) await take('click', by);
  await stack.resume(await stack.stop());
  for (const by of [1, 60]) await take('click', by);

  const emissions = stack.stores.sinks.journal(stack.job.id, uid('out'));
  expect(emissions.map(({ g }) => g)).toEqual([0, 0, 1]);
  expect(emissions.map(({ pf }) => pf)).toEqual([null, emissions[0]?.f, emissions[1]?.f]);
  expect(emissions.slice(1).every(({ f, pf }) => f - (pf ?? f) > 1)).toBe(true);
});
