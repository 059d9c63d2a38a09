/** What people are told of functions that fail, or that give something else when they run again. */
import { expect, test } from 'vitest';
import { describeJob } from '../../lib/control/describe.ts';
import { DEAD_LETTER_TABLE, withDeadLetters } from './dead-letter-plan.ts';
import { functionJob, keyedFunction, type FunctionJob } from './function-plan.ts';
import { Stack } from './stack.ts';

const AT = 'src/job.ts:12:7';

/** Throws on every record, at a place that is known. */
function failing(where: 'firer' | 'writer'): FunctionJob {
  const fails = (): never => {
    throw new Error('no b today');
  };
  const { plan, code } = functionJob(keyedFunction({ state: {}, onEvent: fails }), { ...(where === 'writer' && { prePartitioned: true }) });
  return { plan, code: { ...code, positionOf: (error) => (error instanceof Error && error.message === 'no b today' ? AT : null) } };
}

async function withRecord(job: FunctionJob): Promise<Stack> {
  const stack = await Stack.create({ ...job, codeOf: async () => job.code });
  stack.produce([['b', 1]]);
  return stack;
}

test('the line of the program that a FIRE fails at is in the error, and where people look', async () => {
  const stack = await withRecord(failing('firer'));
  await stack.deliver(stack.writer());
  await expect(stack.firer().step()).rejects.toMatchObject({ message: `the process function at fn failed on key "b": no b today (at ${AT})`, details: { at: AT, uid: 'fn', key: 'b' } });
  expect(await describeJob(stack.workshop, stack.job.id)).toMatchObject({ fireError: { message: expect.stringContaining(`(at ${AT})`) } });
});

test('and so is that of a record in the writer', async () => {
  const stack = await withRecord(failing('writer'));
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ message: expect.stringMatching(/^events-0 at offset 0: .*no b today \(at src\/job\.ts:12:7\)$/), details: { at: AT, offset: 0 } });
  expect(await describeJob(stack.workshop, stack.job.id)).toMatchObject({ recordErrors: [{ message: expect.stringContaining(`(at ${AT})`) }] });
});

test('a dead letter does without: it is the same in every replay', async () => {
  const { plan, code } = failing('firer');
  const stack = await withRecord({ plan: withDeadLetters(plan), code });
  await stack.deliver(stack.writer());
  await stack.firer().step();
  const [letter] = stack.stores.sinks.rows(DEAD_LETTER_TABLE);
  expect(letter?.[5]).toMatch(/no b today; on a record/);
});

test('a replay that differs points to functions that are not the same each time', async () => {
  let calls = 0;
  const stack = await withRecord(functionJob(keyedFunction({ state: {}, *onEvent() { yield ++calls; } })));
  await stack.deliver(stack.writer());
  await stack.firer().step();
  await expect(stack.firer().load()).rejects.toMatchObject({ code: 'REPLAY_DIFFERS', hint: expect.stringMatching(/a clock, by chance, or by a variable outside its state/) });
});
