/** Idleness (protocol F5, F6): a silent partition lets windows close behind its timeout, but never while records wait behind its log. */
import { expect, test } from 'vitest';
import { offset, partitionId } from '../../lib/core/numbers.ts';
import { labPlan, labRecord } from './lab-plan.ts';
import { DAY, P0, Stack } from './stack.ts';

const TIMEOUT_MS = 10_000;
const P1 = partitionId(0, 0, 1);

/** Two partitions of which only the first delivers: its window is over, the other has not said so. */
async function oneSilent(idleTimeoutMs = TIMEOUT_MS): Promise<Stack> {
  const stack = await Stack.start({ partitions: 2, plan: labPlan({ idleTimeoutMs }), settings: { logTtlMs: Infinity } });
  stack.produce([['click', 10], ['click', 120]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(stack.rows()).toEqual([]);
  return stack;
}

test('a window closes when the silent partition has been idle for its timeout, not earlier', async () => {
  const stack = await oneSilent();
  const firer = stack.firer();
  stack.runtime.advance(TIMEOUT_MS);
  stack.produce([['click', 130]]);
  await stack.deliver(stack.writer());
  await firer.step();
  expect(stack.rows()).toEqual([]);
  stack.runtime.advance(1);
  await firer.step();
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
  expect(firer.replica?.position.idle).toEqual([P1]);
});

test('without a timeout it holds the window for ever, as in Flink', async () => {
  const stack = await oneSilent(0);
  stack.runtime.advance(DAY);
  await stack.firer().step();
  expect(stack.rows()).toEqual([]);
});

test('a partition with records behind its log is stalled, not idle (row 20)', async () => {
  const stack = await oneSilent();
  stack.produce([['click', 20]], 1);
  stack.runtime.advance(DAY);
  stack.produce([['click', 130]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(stack.rows()).toEqual([]);
  await stack.deliver(stack.writer(), 1);
  stack.runtime.advance(stack.job.settings.checkpointIntervalMs);
  await stack.firer().step(); // covers the entry: the timeout counts from here
  stack.produce([['click', 140]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(TIMEOUT_MS + 1);
  await stack.firer().step();
  expect(stack.rows()).toEqual([[0, 'click', 2]]);
});

test('all partitions idle: the newest of them decides, as in Flink', async () => {
  const stack = await oneSilent();
  stack.runtime.advance(TIMEOUT_MS + 1);
  const firer = stack.firer();
  await firer.step();
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
  expect(firer.replica?.position.idle).toEqual([P0, P1]);
});

test('KEEP does not end idleness, a new entry does, and the watermark does not go back for it', async () => {
  const stack = await oneSilent();
  stack.runtime.advance(TIMEOUT_MS + 1);
  const firer = stack.firer();
  await firer.step();
  const [before] = firer.replica?.position.watermarks ?? [];
  stack.produce([['late', 15], ['view', 70]], 1);
  await stack.deliver(stack.writer(), 1);
  stack.runtime.advance(60_000);
  await firer.step();
  expect(firer.replica?.position.watermarks).toEqual([before]);
  expect(firer.replica?.position.late).toEqual({ 'tumble-event_type': 1 });
});

test('firers whose clocks differ replay what was decided (K3)', async () => {
  const stack = await oneSilent();
  stack.runtime.advance(TIMEOUT_MS + 1);
  await stack.firer().step();
  stack.runtime.wall -= TIMEOUT_MS;
  const slow = stack.firer();
  await slow.load();
  expect(slow.replica?.position.idle).toEqual([P0, P1]);
  stack.produce([['click', 200]]);
  await stack.deliver(stack.writer());
  await slow.step();
  expect(slow.replica?.position.procTime).toBeGreaterThanOrEqual(stack.runtime.wall + TIMEOUT_MS);
});

test('records of one topic say nothing of the partitions of another', async () => {
  const plan = labPlan({ idleTimeoutMs: TIMEOUT_MS });
  const nodes = plan.nodes.map((node) => (node.kind === 'source' ? { ...node, topics: ['events', 'others'] } : node));
  const stack = await Stack.start({ plan: { ...plan, nodes }, settings: { logTtlMs: Infinity } });
  stack.stores.source.produce('others', [labRecord('click', 10), labRecord('click', 120)], 0);
  const batch = await stack.stores.source.fetch('others', 0, offset(0), 1e9);
  if (batch === null) throw new Error('the topic has records');
  await stack.writer().commit(partitionId(0, 1, 0), batch);
  await stack.firer().step();
  expect(stack.rows()).toEqual([]);
  stack.runtime.advance(TIMEOUT_MS + 1);
  for (let i = 0; i < 2; i++) await stack.firer().step();
  stack.runtime.advance(TIMEOUT_MS + 1);
  await stack.firer().step();
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
});
