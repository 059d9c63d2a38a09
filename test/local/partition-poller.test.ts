/** The embedded event source where records are gone before they were read (protocol W7). */
import { expect, test } from 'vitest';
import { PartitionPoller } from '../../lib/local/partition-poller.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { Stack } from '../engine/stack.ts';

/** Polls until something is committed or an error holds the partition up; the error. */
async function poll(planOptions: Record<string, string>): Promise<{ stack: Stack; trouble: string | null }> {
  const stack = await Stack.start({ plan: labPlan({ planOptions }), settings: { logTtlMs: Infinity } });
  stack.produce([['click', 1], ['click', 2], ['click', 3], ['click', 4]]);
  await stack.deliver(stack.writer(), 0, 1);
  stack.stores.source.retain('events', 0, 3);
  const stop = new AbortController();
  let trouble: string | null = null;
  const events = {
    committed: () => stop.abort(),
    trouble: (_topic: string, _partition: number, error: { code: string } | null) => {
      trouble = error?.code ?? null;
      stop.abort();
    },
  };
  await new PartitionPoller(stack.ports, stack.job, stack.writer(), { topic: 'events', partition: 0 }, events).run(stop.signal);
  return { stack, trouble };
}

test('by default the partition waits', async () => {
  expect(await poll({})).toMatchObject({ trouble: 'OFFSET_GAP' });
});

test('with data-loss-policy continue it goes on behind them, and the log says what is gone', async () => {
  const { stack, trouble } = await poll({ 'sluice.data-loss-policy': 'continue' });
  expect(trouble).toBeNull();
  expect((await stack.partition()).at(-1)).toMatchObject({ kind: 'DATA', first: 1, next: 4, gap: [1, 3], passedOver: { lost: 2 } });
});
