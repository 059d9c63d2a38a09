/** A FIRE that code of the program keeps from being made: what people see of it, how often that is written, and when it is over. */
import { expect, test } from 'vitest';
import { descriptionText } from '../../lib/cli/describe-text.ts';
import { descriptionJson } from '../../lib/control/description-json.ts';
import { listText } from '../../lib/cli/list.ts';
import { describeJob } from '../../lib/control/describe.ts';
import { listJobs } from '../../lib/control/jobs.ts';
import { summarize, type JobSummary } from '../../lib/control/summary.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import { recordError } from '../../lib/engine/record-errors.ts';
import { offset } from '../../lib/core/numbers.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { functionJob, keyedFunction } from './function-plan.ts';
import { once, MINUTE, P0, Stack } from './stack.ts';

const WRITE = 'control.put FIRE#g0';

/** A job whose function throws `trouble()` on key b while there is one; a record of b waits in the log. */
async function world(trouble: () => string | null, isLost: () => boolean = () => false): Promise<Stack> {
  const { plan, code } = functionJob(
    keyedFunction({
      state: {},
      *onEvent({ type }) {
        const message = type === 'b' ? trouble() : null;
        if (message !== null) throw new Error(message);
        yield type;
      },
    }),
  );
  const codeOf = async () => {
    if (isLost()) throw new SluiceError('CODE_MISSING', { message: 'the program is gone' });
    return code;
  };
  const stack = await Stack.create({ plan, code, codeOf });
  stack.produce([['a', 1], ['b', 2]]);
  await stack.deliver(stack.writer());
  return stack;
}

const summaryOf = async ({ workshop, stores, job }: Stack): Promise<JobSummary> => summarize(workshop, job.id, (await readControl(stores, job.id)).control);

const writesOf = (stack: Stack): number => stack.takeCalls().filter((call) => call === WRITE).length;

test('a function that throws makes the job RESTARTING, and describe and list say why, until the next FIRE', async () => {
  let trouble: string | null = 'no b today';
  const stack = await world(() => trouble);
  const firer = stack.firer();
  await expect(firer.step()).rejects.toMatchObject({ code: 'FUNCTION_THREW' });
  const item = { f: 1, code: 'FUNCTION_THREW', message: expect.stringMatching(/fn failed on key "b": no b today/), hint: 'mend the function, or the record', since: stack.runtime.now() };
  const description = await describeJob(stack.workshop, stack.job.id);
  expect(descriptionJson(description)).toMatchObject({ status: 'RESTARTING', failure: null, fireError: item });
  const told = [/Fails: {8}FUNCTION_THREW: the process function at fn failed on key "b": no b today/, /FIRE 1 cannot be made since /, /hint: mend the function, or the record/];
  for (const line of told) expect(descriptionText(description, { isPaid: false })).toMatch(line);
  const list = listText(await listJobs(stack.workshop), false).join('\n');
  expect(list).toMatch(/\(RESTARTING\)\n {4}FUNCTION_THREW: .*\n {6}FIRE 1 cannot .*\n {6}hint: mend/);
  trouble = null;
  stack.takeCalls();
  expect(await firer.step()).toMatchObject({ kind: 'fired', f: 1 });
  expect(stack.takeCalls().filter((call) => call.includes('FIRE#'))).toEqual([]);
  expect(await summaryOf(stack)).toMatchObject({ status: 'RUNNING', fireError: null });
});

test('the same error is written once, whoever meets it how often, and another one at once', async () => {
  let trouble = 'no b today';
  const stack = await world(() => trouble);
  const since = stack.runtime.now();
  const [firer, other] = [stack.firer(), stack.firer()];
  for (let n = 0; n < 5; n++) {
    for (const one of [firer, other]) await expect(one.step()).rejects.toThrow('no b today');
    stack.runtime.advance(MINUTE / 2);
  }
  expect(writesOf(stack)).toBe(1);
  expect((await summaryOf(stack)).fireError).toMatchObject({ since });
  trouble = 'no b at all';
  await expect(firer.step()).rejects.toThrow(trouble);
  expect(writesOf(stack)).toBe(1);
  expect((await summaryOf(stack)).fireError?.message).toMatch(/no b at all/);
});

test('a store that refuses the item changes nothing of the error, and is asked again after a minute', async () => {
  const stack = await world(() => 'no b today');
  const firer = stack.firer();
  stack.before = once(WRITE, () => {
    throw new SluiceError('STORE_FAILED', { message: 'throttled' });
  });
  await expect(firer.step()).rejects.toMatchObject({ code: 'FUNCTION_THREW' });
  stack.runtime.advance(MINUTE - 1);
  await expect(firer.step()).rejects.toMatchObject({ code: 'FUNCTION_THREW' });
  expect(writesOf(stack)).toBe(1);
  expect(await summaryOf(stack)).toMatchObject({ status: 'RUNNING', fireError: null });
  stack.runtime.advance(1);
  await expect(firer.step()).rejects.toMatchObject({ code: 'FUNCTION_THREW' });
  expect((await summaryOf(stack)).fireError).toMatchObject({ f: 1 });
});

test('a program that is gone hides neither what fails in the firer nor bad records', async () => {
  let isLost = false;
  const stack = await world(() => 'no b today', () => isLost);
  await expect(stack.firer().step()).rejects.toMatchObject({ code: 'FUNCTION_THREW' });
  await recordError(stack.stores, { job: stack.job, p: P0, offset: offset(7) }, new SluiceError('RECORD_MALFORMED', { message: 'no JSON' }));
  isLost = true;
  expect(await listJobs(stack.workshop)).toMatchObject([{ status: 'RESTARTING', fireError: { code: 'FUNCTION_THREW' }, recordErrors: [{ code: 'RECORD_MALFORMED', offset: 7 }] }]);
});
