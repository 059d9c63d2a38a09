import { expect, test } from 'vitest';
import { sharing } from '../../../lib/control/rest/descriptions.ts';
import { describeJob } from '../../../lib/control/describe.ts';
import { Stack, TestRuntime } from '../../engine/stack.ts';

test('one is told to all who ask meanwhile, and for as long as it is kept; a failure once', async () => {
  const stack = await Stack.create();
  const runtime = new TestRuntime();
  let asked = 0;
  let isBroken = false;
  const described = sharing((id) => (asked++, isBroken ? Promise.reject(new Error('broken')) : describeJob(stack.workshop, id)), runtime, 5000);
  const { id } = stack.job;
  await Promise.all([described(id), described(id)]);
  runtime.advance(4999);
  await described(id);
  expect(asked).toBe(1);
  runtime.advance(1);
  isBroken = true;
  await expect(described(id)).rejects.toThrow('broken');
  isBroken = false;
  await described(id);
  expect(asked).toBe(3);
});
