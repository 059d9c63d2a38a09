/** The time of rows that stand in a statement: the start of the job, logged with its first entry, whoever fires them and whenever (F7, K3). */
import { expect, test } from 'vitest';
import { sinksOf, type Plan } from '../../lib/core/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { CHECKPOINTED } from '../conformance/operator-cases.ts';
import { Stack } from './stack.ts';

const HOUR = 3_600_000;
const QUERY = "SET 'table.local-time-zone' = 'UTC'; SELECT CURRENT_TIMESTAMP, n, LOCALTIMESTAMP FROM (VALUES (NOW())) AS v (n)";

const plan = (): Plan => planJob([{ name: 'sql', text: QUERY }], { warehouse: '/w', resolvePath: (path) => path }, { collects: true }).plan;

const rowsOf = (stack: Stack): readonly unknown[] => stack.stores.sinks.rows(sinksOf(stack.job.dataflow.plan)[0]?.table ?? '');

async function begin(): Promise<{ stack: Stack; start: number }> {
  const stack = await Stack.create({ plan: plan(), settings: CHECKPOINTED });
  return { stack, start: stack.runtime.wall };
}

test('is that of the start, and a replay gives the rows that were stored', async () => {
  const { stack, start } = await begin();
  stack.runtime.advance(HOUR);
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual([[start, start, start]]);
  stack.runtime.advance(HOUR);
  // Reads the FIRE from the log and computes it again; other rows would be REPLAY_DIFFERS.
  const cold = await stack.firer().load();
  expect(cold?.position.f).toBe(1);
  expect(rowsOf(stack)).toHaveLength(1);
});

test('is that of the start, too, where the FIRE of a stop is the first, and nothing comes again behind it', async () => {
  const { stack, start } = await begin();
  stack.runtime.advance(HOUR);
  await stack.resume(await stack.stop());
  stack.runtime.advance(HOUR);
  await stack.firer().step();
  expect(rowsOf(stack)).toEqual([[start, start, start]]);
});
