/** A row that something behind a stage, or behind VALUES, fails on is left out everywhere, and counted once (W10). */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { PlanNode, SinkNode } from '../../lib/core/plan.ts';
import type { TransformRow } from '../../lib/core/process/code.ts';
import { KEYED_ROW, PROCESS_OUTPUT } from '../../lib/core/process/rows.ts';
import { INT, Raw, type Row, type Value } from '../../lib/core/types.ts';
import { functionJob, keyedFunction, type FunctionJob } from './function-plan.ts';
import { Stack } from './stack.ts';

const SKIP = { planOptions: { 'sluice.on-record-error': 'skip' } };
const forward = () => keyedFunction({ state: {}, *onEvent({ type }) { yield type; } });

const textOf = (value: Value | undefined): unknown => (value instanceof Raw ? value.value : value);

/** Each row twice; `second` makes the other one. */
const twice = (second: (row: Row) => Row): TransformRow => (row, next) => {
  next(row);
  next(second(row));
};

const failing: TransformRow = (row, next) => {
  if (textOf(row[0]) === 2) throw new SluiceError('FUNCTION_THREW', { message: 'no twos' });
  next(row);
};

function sinkLike(job: FunctionJob, name: string, input: string): SinkNode {
  const sink = job.plan.nodes.find((node) => node.kind === 'sink');
  if (sink === undefined) throw new Error('the job has a sink');
  return { ...sink, uid: uid(name), input: uid(input), table: `c.d.${name}`, options: { path: `/${name}` } };
}

/** Beside the way to `c.d.out`, a way on through more nodes. */
function branched(nodes: readonly PlanNode[], transforms: Readonly<Record<string, TransformRow>>, sink: string): FunctionJob {
  const job = functionJob(forward(), SKIP);
  const functions = new Map([...job.code.functions, ['below', forward()] as const]);
  return {
    plan: { ...job.plan, nodes: [...job.plan.nodes, ...nodes, sinkLike(job, 'other', sink)] },
    code: { ...job.code, functions, transforms: new Map([...job.code.transforms, ...Object.entries(transforms)]) },
  };
}

const rowsOf = (stack: Stack, table: string): unknown[] => stack.stores.sinks.rows(table).map(([first]) => first);

async function ran(job: FunctionJob): Promise<Stack> {
  const stack = await Stack.start(job);
  stack.produce([['a', 1], ['b', 2], ['c', 3]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  // What was computed again is what was stored.
  expect((await stack.firer().load())?.position).toMatchObject({ f: 1, failed: { fn: 1 } });
  return stack;
}

describe('of three rows, the second fails', () => {
  test('half-way through a flatMap to another sink', async () => {
    const columns = [{ name: 'n', type: INT, nullable: true }];
    const nodes: PlanNode[] = ['twice', 'check'].map((name, i) => ({ kind: 'code', uid: uid(name), input: uid(['fn', 'twice'][i] ?? ''), columns }));
    const number: TransformRow = (row, next) => twice(([, value]) => [textOf(value) === 'b' ? 2 : 1])([1, row[1] ?? null], ([n = null]) => next([n]));
    const stack = await ran(branched([...nodes, { kind: 'code', uid: uid('text'), input: uid('check'), columns }], { twice: number, check: failing, text: ([n = null], next) => next([String(n)]) }, 'text'));
    expect(rowsOf(stack, 'c.d.out')).toEqual(['0 a', '0 c']);
    expect(rowsOf(stack, 'c.d.other')).toEqual(['1', '1', '1', '1']);
  });

  test('as the second of two that go into another function, and cannot be stored', async () => {
    const nodes: PlanNode[] = [
      { kind: 'code', uid: uid('key-below'), input: uid('fn'), columns: KEYED_ROW },
      { kind: 'process', uid: uid('below'), input: uid('key-below'), states: [], columns: PROCESS_OUTPUT },
      { kind: 'code', uid: uid('text'), input: uid('below'), columns: [] },
    ];
    const keyed: TransformRow = ([, value, time = null], next) =>
      twice(() => [new Raw('k'), new Raw({ type: textOf(value) === 'b' ? () => {} : 'again' }), time, 0])([new Raw('k'), new Raw({ type: textOf(value) }), time, 0], next);
    const stack = await ran(branched(nodes, { 'key-below': keyed, text: ([, value], next) => next([String(textOf(value))]) }, 'text'));
    expect(rowsOf(stack, 'c.d.out')).toEqual(['0 a', '0 c']);
    expect(rowsOf(stack, 'c.d.other')).toEqual(['a', 'again', 'c', 'again']);
  });
});

test('rows of VALUES that fail follow the policy, too', async () => {
  const job = functionJob(forward(), SKIP);
  const columns = [{ name: 'n', type: INT, nullable: false }];
  const nodes: PlanNode[] = [
    { kind: 'values', uid: uid('numbers'), rows: [1, 2, 3].map((value) => [{ op: 'literal', value, type: INT }]), columns },
    { kind: 'code', uid: uid('check'), input: uid('numbers'), columns },
    { kind: 'code', uid: uid('text'), input: uid('check'), columns },
    sinkLike(job, 'other', 'text'),
  ];
  const stack = await Stack.start({ plan: { ...job.plan, nodes: [...job.plan.nodes, ...nodes] }, code: { ...job.code, transforms: new Map([...job.code.transforms, ['check', failing], ['text', ([n = null], next) => next([String(n)])]]) } });
  await stack.firer().step();
  expect(rowsOf(stack, 'c.d.other')).toEqual(['1', '3']);
  expect((await stack.firer().load())?.position.failed).toEqual({ numbers: 1 });
});
