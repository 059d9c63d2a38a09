import { expect, test } from 'vitest';
import { TriggeredHere, type OperationKey } from '../../../lib/control/rest/triggered.ts';
import { SluiceError } from '../../../lib/core/errors.ts';
import { TestRuntime } from '../../engine/stack.ts';

const MINUTE = 60_000;

type Action = () => Promise<number>;

function world(): { runtime: TestRuntime; defects: unknown[]; operations: TriggeredHere<Action, number> } {
  const runtime = new TestRuntime();
  const defects: unknown[] = [];
  return { runtime, defects, operations: new TriggeredHere({ runtime, run: (action: Action) => action(), onDefect: (thrown) => void defects.push(thrown) }) };
}

const key = (trigger: string): OperationKey => ({ job: null, trigger });

test('an operation is in progress until it ends, and known for five minutes then', async () => {
  const { runtime, operations } = world();
  const { promise, resolve } = Promise.withResolvers<number>();
  expect(await operations.begin(key('a'), () => promise)).toBe(true);
  runtime.advance(60 * MINUTE);
  expect(await operations.outcomeOf(key('a'))).toEqual({ kind: 'in-progress' });
  resolve(7);
  await operations.settle();
  runtime.advance(5 * MINUTE);
  expect(await operations.outcomeOf(key('a'))).toEqual({ kind: 'done', result: 7 });
  runtime.advance(1);
  expect(await operations.outcomeOf(key('a'))).toBeNull();
});

test('the same trigger again begins nothing, whether the operation goes on or has ended', async () => {
  const { operations } = world();
  let begun = 0;
  const action = async (): Promise<number> => ++begun;
  await operations.begin(key('a'), action);
  await operations.begin(key('a'), action);
  await operations.settle();
  await operations.begin(key('a'), action);
  await operations.settle();
  expect(begun).toBe(1);
  expect(await operations.outcomeOf(key('a'))).toEqual({ kind: 'done', result: 1 });
});

test('a failure is an outcome; a defect is one of which nothing is said, but to the operator', async () => {
  const { operations, defects } = world();
  const error = new SluiceError('SAVEPOINT_UNWRITABLE', { message: 'm' });
  const [invariant, defect] = [new SluiceError('INVARIANT', { message: 'i' }), new TypeError('d')];
  for (const [name, thrown] of Object.entries({ error, invariant, defect })) await operations.begin(key(name), () => Promise.reject(thrown));
  await operations.settle();
  expect(await operations.outcomeOf(key('error'))).toEqual({ kind: 'failed', error });
  expect(await operations.outcomeOf(key('defect'))).toEqual({ kind: 'failed', error: null });
  expect(defects).toEqual([invariant, defect]);
});

test('an action that throws at once is a failure, too', async () => {
  const { operations } = world();
  const error = new SluiceError('OPTION_INVALID', { message: 'm' });
  await operations.begin(key('a'), () => {
    throw error;
  });
  await operations.settle();
  expect(await operations.outcomeOf(key('a'))).toEqual({ kind: 'failed', error });
});

test('sixteen are under way at most, a thousand are remembered, the newest', async () => {
  const { operations } = world();
  const { promise, resolve } = Promise.withResolvers<number>();
  const begun = await Promise.all(Array.from({ length: 17 }, (_, i) => operations.begin(key(`slow${i}`), () => promise)));
  expect(begun.filter((is) => is)).toHaveLength(16);
  expect(await operations.outcomeOf(key('slow16'))).toBeNull();
  resolve(1);
  await operations.settle();
  for (let i = 0; i < 1100; i++) {
    expect(await operations.begin(key(`k${i}`), async () => i)).toBe(true);
    if (i % 10 === 9) await operations.settle();
  }
  const known = (await Promise.all(Array.from({ length: 1100 }, (_, i) => operations.outcomeOf(key(`k${i}`))))).filter((outcome) => outcome !== null);
  expect(known.length).toBeLessThanOrEqual(1000);
  expect(known.at(-1)).toEqual({ kind: 'done', result: 1099 });
  expect(await operations.outcomeOf(key('slow0'))).toBeNull();
});
