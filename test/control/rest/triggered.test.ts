import { expect, test } from 'vitest';
import { Triggered } from '../../../lib/control/rest/triggered.ts';
import { SluiceError } from '../../../lib/core/errors.ts';
import { TestRuntime } from '../../engine/stack.ts';

const MINUTE = 60_000;

function world(): { runtime: TestRuntime; defects: unknown[]; operations: Triggered<number> } {
  const runtime = new TestRuntime();
  const defects: unknown[] = [];
  return { runtime, defects, operations: new Triggered({ runtime, onDefect: (thrown) => void defects.push(thrown) }) };
}

test('an operation is in progress until it ends, and known for five minutes then', async () => {
  const { runtime, operations } = world();
  const { promise, resolve } = Promise.withResolvers<number>();
  expect(operations.begin('a', () => promise)).toBe(true);
  runtime.advance(60 * MINUTE);
  expect(operations.outcomeOf('a')).toEqual({ kind: 'in-progress' });
  resolve(7);
  await operations.settle();
  runtime.advance(5 * MINUTE);
  expect(operations.outcomeOf('a')).toEqual({ kind: 'done', result: 7 });
  runtime.advance(1);
  expect(operations.outcomeOf('a')).toBeNull();
});

test('the same trigger again begins nothing, whether the operation goes on or has ended', async () => {
  const { operations } = world();
  let begun = 0;
  const action = async (): Promise<number> => ++begun;
  operations.begin('a', action);
  operations.begin('a', action);
  await operations.settle();
  operations.begin('a', action);
  await operations.settle();
  expect(begun).toBe(1);
  expect(operations.outcomeOf('a')).toEqual({ kind: 'done', result: 1 });
});

test('a failure is an outcome; a defect is one of which nothing is said, but to the operator', async () => {
  const { operations, defects } = world();
  const error = new SluiceError('SAVEPOINT_UNWRITABLE', { message: 'm' });
  const [invariant, defect] = [new SluiceError('INVARIANT', { message: 'i' }), new TypeError('d')];
  for (const [key, thrown] of Object.entries({ error, invariant, defect })) operations.begin(key, () => Promise.reject(thrown));
  await operations.settle();
  expect(operations.outcomeOf('error')).toEqual({ kind: 'failed', error });
  expect(operations.outcomeOf('defect')).toEqual({ kind: 'failed', error: null });
  expect(defects).toEqual([invariant, defect]);
});

test('an action that throws at once is a failure, too', async () => {
  const { operations } = world();
  const error = new SluiceError('OPTION_INVALID', { message: 'm' });
  operations.begin('a', () => {
    throw error;
  });
  await operations.settle();
  expect(operations.outcomeOf('a')).toEqual({ kind: 'failed', error });
});

test('sixteen are under way at most, a thousand are remembered, the newest', async () => {
  const { operations } = world();
  const { promise, resolve } = Promise.withResolvers<number>();
  const begun = Array.from({ length: 17 }, (_, i) => operations.begin(`slow${i}`, () => promise));
  expect(begun.filter((is) => is)).toHaveLength(16);
  expect(operations.outcomeOf('slow16')).toBeNull();
  resolve(1);
  await operations.settle();
  for (let i = 0; i < 1100; i++) {
    expect(operations.begin(`k${i}`, async () => i)).toBe(true);
    if (i % 10 === 9) await operations.settle();
  }
  const known = Array.from({ length: 1100 }, (_, i) => operations.outcomeOf(`k${i}`)).filter((outcome) => outcome !== null);
  expect(known.length).toBeLessThanOrEqual(1000);
  expect(known.at(-1)).toEqual({ kind: 'done', result: 1099 });
  expect(operations.outcomeOf('slow0')).toBeNull();
});
