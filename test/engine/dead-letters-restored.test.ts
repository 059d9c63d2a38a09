/** Dead letters through savepoints and restores (W10, F14): none is lost, and none comes twice. */
import { expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { deadLettersOf } from '../../lib/engine/dead-letters.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import { BAD, DEAD_LETTERS, ROWTIME_NULL, texts, withDeadLetters } from './dead-letter-plan.ts';
import { labPlan, labRecord } from './lab-plan.ts';
import { Stack } from './stack.ts';

const PLAN = withDeadLetters(labPlan());

const created = async (): Promise<Stack> => {
  const stack = await Stack.create({ plan: PLAN });
  stack.stores.source.produce('events', [labRecord('click', 10), BAD]);
  await stack.deliver(stack.writer());
  return stack;
};

test('a stop emits what is in the logs; the next generation adds what comes after', async () => {
  const stack = await created();
  const path = await stack.stop();
  expect(texts(stack)).toEqual([BAD]);
  await stack.resume(path);
  stack.stores.source.produce('events', [ROWTIME_NULL]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(texts(stack)).toEqual([BAD, ROWTIME_NULL]);
  expect(stack.stores.sinks.journal(stack.job.id, DEAD_LETTERS)).toMatchObject([{ g: 0, f: 1 }, { g: 1, f: 2, pf: 1 }]);
  expect((await deadLettersOf(stack.ports, stack.job)).map(({ count, code }) => [count, code])).toEqual([[1, 'ROWTIME_NULL']]);
});

test('F14: where the table is away, the savepoint keeps the rows, and the next generation emits them once', async () => {
  const stack = await created();
  stack.before = (call) => {
    if (call === 'sink.emit') throw new SluiceError('SINK_UNAVAILABLE', { message: 'the table is away' });
  };
  await stack.firer().step();
  stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
  const path = await stack.stop();
  const { sinks } = await readSavepoint(stack.ports, path);
  expect(sinks.find((sink) => sink.uid === DEAD_LETTERS)).toMatchObject({ pending: true, pendingRows: [expect.anything()] });
  stack.before = () => {};
  await stack.resume(path);
  stack.produce([['end', 200]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(stack.job.settings.helpAfterMs);
  for (let i = 0; i < 3; i++) await stack.firer().step();
  expect(texts(stack)).toEqual([BAD]);
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
});

test('a partition that waits with `fail` goes on under a plan with `dlq`', async () => {
  const stack = await Stack.create();
  stack.stores.source.produce('events', [labRecord('click', 10), BAD, labRecord('end', 120)]);
  await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
  const path = await stack.stop();
  await stack.resume(path, { plan: PLAN });
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(texts(stack)).toEqual([BAD]);
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
});

test('a plan without the table goes on from a savepoint of one with it', async () => {
  const stack = await created();
  const path = await stack.stop();
  await stack.resume(path, { plan: labPlan() });
  stack.produce([['end', 200]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
});
