/** Letters of what fails behind windows of processing time, where a FIRE takes fewer of them than are due (F4, F13). */
import { expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { offset, uid } from '../../lib/core/numbers.ts';
import { sinksOf, type Plan } from '../../lib/core/plan.ts';
import { NO_CODE } from '../../lib/core/process/code.ts';
import { planOf, recordOf } from '../conformance/operator-cases.ts';
import { DEAD_LETTER_TABLE, withDeadLetters } from './dead-letter-plan.ts';
import { P0, Stack } from './stack.ts';

const SECOND = 1000;

/** Windows of processing time whose results no one can take. */
function failingWindows(): Plan {
  const plan = planOf({ window: { kind: 'tumble', sizeMs: 10 * SECOND, offsetMs: 0 } }, 'on-periodic');
  const sink = sinksOf(plan)[0];
  if (sink === undefined) throw new Error('the plan has a sink');
  const nodes = plan.nodes.map((node) => {
    if (node.kind === 'window-aggregate') return { ...node, timeColumn: null };
    return node.kind === 'sink' ? { ...node, input: uid('fails') } : node;
  });
  return withDeadLetters({ ...plan, nodes: [...nodes, { kind: 'code', uid: uid('fails'), input: sink.input, columns: sink.columns }] });
}

test('a letter has the processing time that its FIRE logs, so that a replay gives the same', async () => {
  const fails = (): never => {
    throw new SluiceError('FUNCTION_THREW', { message: 'no' });
  };
  const stack = await Stack.start({ plan: failingWindows(), code: { ...NO_CODE, transforms: new Map([['fails', fails]]) }, settings: { fireMaxRows: 1 } });
  const writer = stack.writer();
  for (const key of ['a', 'b', 'c']) {
    const next = (await writer.nextOffset(P0)) ?? offset(0);
    stack.stores.source.produce('events', [recordOf([key, 0, 1])], 0);
    const batch = await stack.stores.source.fetch('events', 0, next, 1e9);
    if (batch !== null) await writer.commit(P0, batch);
    stack.runtime.advance(10 * SECOND);
  }
  for (let i = 0; i < 6; i++) await stack.firer().step();
  expect(stack.stores.sinks.rows(DEAD_LETTER_TABLE)).toHaveLength(3);
});
