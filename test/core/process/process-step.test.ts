import { expect, test } from 'vitest';
import { SluiceError } from '../../../lib/core/errors.ts';
import { GROUPS } from '../../../lib/core/window/pane.ts';
import { CALL_OUTPUTS_MAX } from '../../../lib/core/process/step-outputs.ts';
import { functionOf, fire, Running, section, seenOf } from './running-function.ts';

/** Gives the values of a key so far, and keeps them. */
const gathering = functionOf((value, context) => {
  const seen = seenOf(context);
  const all = [...((seen.value() ?? []) as unknown[]), value];
  seen.update(all);
  return [all];
});

test('records run one after the other, each sees what those before have written', () => {
  const job = new Running(gathering);
  expect(job.step({ records: [['a', 1, 10], ['b', 2, 20], ['a', 3, 30]] })).toEqual([[0, [1], 10], [0, [2], 20], [0, [1, 3], 30]]);
  expect(job.step({ records: [['a', 4]] })).toEqual([[0, [1, 3, 4], null]]);
});

test('outputs wait for the next fire, and are given once', () => {
  const step = new Running(gathering).open();
  step.add(section([['a', 1], ['a', 2]]));
  expect(step.pending).toBe(2);
  expect(fire(step, 0, 0)).toHaveLength(2);
  expect(step.pending).toBe(0);
  expect(fire(step, 1, 0)).toEqual([]);
});

test('a step that is thrown away changes nothing, and the same step again gives the same', () => {
  const job = new Running(functionOf((value, context) => {
    context.timers.registerEventTimeTimer(5);
    seenOf(context).update([seenOf(context).value(), value]);
    return [seenOf(context).value()];
  }, (_, context) => [seenOf(context).value()]));
  job.step({ records: [['a', 1]] });
  job.state.markClean();
  const before = job.snapshot();
  const run = (): unknown[] => {
    const step = job.open();
    step.add(section([['a', 2], ['b', 3]]));
    return fire(step, 10, 0);
  };
  const rows = run();
  expect(job.snapshot()).toEqual(before);
  expect([...job.state.dirtyAt(GROUPS)]).toEqual([]);
  expect(run()).toEqual(rows);
  expect(job.step({ records: [['a', 2], ['b', 3]], watermark: 10 })).toEqual(rows);
});

test('each input has its own function, by the number in the record', () => {
  const fn = { ...gathering, inputs: [(value: unknown) => [['left', value]], (value: unknown) => [['right', value]]] };
  expect(new Running(fn).step({ records: [['a', 1, null, 1], ['a', 2, null, 0]] })).toEqual([[0, ['right', 1], null], [0, ['left', 2], null]]);
});

test('a side output is numbered behind the main output, in the order of the calls', () => {
  const job = new Running(functionOf(function* (value, { output }) {
    yield 'first';
    output({ name: 'side' }, value);
    yield 'last';
  }));
  expect(job.step({ records: [['a', 1, 9]] })).toEqual([[0, 'first', 9], [1, 1, 9], [0, 'last', 9]]);
});

test('what is given to a side output that nobody reads is lost, as in Flink', () => {
  const job = new Running(functionOf((value, { output }) => {
    output({ name: 'other' }, 1);
    return [value];
  }));
  expect(job.step({ records: [['a', 1]] })).toEqual([[0, 1, null]]);
});

test('keys come back as the program had them', () => {
  const job = new Running(functionOf((_, { key }) => [key]));
  const keys = ['a', 7, true, null, { id: 1 }, '{"x":1}', [1, 'b']];
  expect(job.step({ records: keys.map((key) => [key, 0] as const) })).toEqual(keys.map((key) => [0, key, null]));
});

/** Writes, registers and outputs before it fails on `bad`. */
const failing = functionOf(function* (value, context) {
  context.timers.registerEventTimeTimer(Number(value === 'bad'));
  seenOf(context).update(value);
  context.output({ name: 'side' }, value);
  yield value;
  if (value === 'bad') throw new TypeError('no good');
}, (_, context) => [['timer', seenOf(context).value()]]);

test('a function that throws fails the step, naming the node and the key, with its cause', () => {
  const job = new Running(failing);
  expect(() => job.step({ records: [['k1', 'bad']] })).toThrow(
    expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringMatching(/fn.*"k1".*no good/), cause: expect.any(TypeError), details: { uid: 'fn', key: 'k1' } }),
  );
});

test('a value that cannot be stored is told with the node and the key', () => {
  const job = new Running(functionOf((_, context) => seenOf(context).update({ at: new (class Place {})() })));
  expect(() => job.step({ records: [['k1', 0]] })).toThrow(
    expect.objectContaining({ code: 'STATE_VALUE_INVALID', message: expect.stringMatching(/fn.*"k1".*Place cannot be stored at at/), hint: expect.stringContaining('plain data'), details: { uid: 'fn', key: 'k1', path: ['at'] } }),
  );
});

test('where failures are taken, all that the record has done is undone, and the others go on', () => {
  const failures: unknown[] = [];
  const job = new Running(failing, ({ error, key }) => failures.push([error.code, key]));
  expect(job.step({ records: [['a', 'good'], ['a', 'bad'], ['b', 'bad'], ['c', 'good']] })).toEqual([[1, 'good', null], [0, 'good', null], [1, 'good', null], [0, 'good', null]]);
  expect(failures).toEqual([['FUNCTION_THREW', 'a'], ['FUNCTION_THREW', 'b']]);
  expect(job.snapshot()).toMatchObject({ keys: expect.not.arrayContaining(['b']), accumulators: [['good', 'good'], [[[0], []], [[0], []]]] });
});

test('a timer that fails is gone, where failures are taken, and its state is as before', () => {
  const job = new Running(functionOf((value, context) => {
    context.timers.registerEventTimeTimer(10);
    seenOf(context).update(value);
  }, (_, context) => {
    seenOf(context).clear();
    context.timers.registerEventTimeTimer(99);
    throw new Error('no');
  }), () => {});
  job.step({ records: [['a', 1]] });
  expect(job.step({ watermark: 10 })).toEqual([]);
  expect(job.snapshot().accumulators).toEqual([[1], [[[], []]]]);
});

test('a timer that a failed call has deleted fires all the same, however many others it has registered', () => {
  const job = new Running(functionOf((value, { timers }) => {
    if (value !== 'bad') return timers.registerEventTimeTimer(11);
    timers.deleteEventTimeTimer(11);
    for (let time = 1000; time < 4000; time++) timers.registerEventTimeTimer(time);
    throw new Error('no');
  }, ({ time }) => [time]), () => {});
  expect(job.step({ records: [['a', 'good'], ['a', 'bad']], watermark: 5000 })).toEqual([[0, 11, 11]]);
});

test('an error of kind data that a function throws passes as it is, any other of ours is no failure of the function', () => {
  const throwing = (error: SluiceError): Running => new Running(functionOf(() => { throw error; }), ({ error: failure }) => { throw failure; });
  const malformed = new SluiceError('RECORD_MALFORMED', { message: 'x' });
  expect(() => throwing(malformed).step({ records: [['a', 1]] })).toThrow(malformed);
  const failures: unknown[] = [];
  const defect = new SluiceError('INVARIANT', { message: 'x' });
  const job = new Running(functionOf(() => { throw defect; }), ({ error }) => failures.push(error));
  expect(() => job.step({ records: [['a', 1]] })).toThrow(defect);
  expect(failures).toEqual([]);
});

test('a record of an input that the function does not have says that the program is another', () => {
  expect(() => new Running(gathering).step({ records: [['a', 1, null, 3]] })).toThrow(expect.objectContaining({ code: 'CODE_MISSING' }));
});

test('a function that keeps nothing leaves nothing', () => {
  const job = new Running(functionOf((value, context) => (value === 'stop' ? seenOf(context).clear() : seenOf(context).update(value))));
  job.step({ records: [['a', 1], ['b', 1]] });
  job.step({ records: [['a', 'stop']] });
  expect(job.snapshot().keys).toEqual(['b']);
  expect(job.state.paneCount()).toBe(1);
});

test('what a function has done to a value before it failed on it does not show in the failure', () => {
  const failures: unknown[] = [];
  const job = new Running(functionOf((value) => {
    const own = value as { self?: unknown; n: number };
    own.n = 0;
    own.self = own;
    throw new Error('after all');
  }), ({ value }) => void failures.push(value));
  job.step({ records: [['a', { n: 1 }]] });
  expect(failures).toEqual([{ n: 1 }]);
});

test('a text in the place of a list of outputs is refused: its characters would be the outputs', () => {
  expect(() => new Running(functionOf(() => 'abc')).step({ records: [['a', 1]] })).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringContaining('yield it, or return [text]') }));
});

test.each(['main', 'side'])('one call gives no more outputs than fit into memory: %s', (where) => {
  const giving = (count: number): Running =>
    new Running(functionOf(function* (_, { output }) {
      for (let i = 0; i < count; i++) {
        if (where === 'main') yield i;
        else output({ name: 'side' }, i);
      }
    }));
  const records = [['a', 1], ['b', 2]] as const;
  expect(giving(CALL_OUTPUTS_MAX).step({ records })).toHaveLength(2 * CALL_OUTPUTS_MAX);
  expect(() => giving(CALL_OUTPUTS_MAX + 1).step({ records })).toThrow(expect.objectContaining({ code: 'FUNCTION_THREW', message: expect.stringContaining(`more than ${CALL_OUTPUTS_MAX} outputs`) }));
});
