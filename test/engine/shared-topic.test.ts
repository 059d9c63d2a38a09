/** Two sources over one topic: what is delivered once goes to the logs of both, which need not have been cut at the same record. */
import { expect, test } from 'vitest';
import { offset, partitionId, uid } from '../../lib/core/numbers.ts';
import type { Plan, PlanNode } from '../../lib/core/plan.ts';
import { groupOf } from '../../lib/engine/keys.ts';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

/** The lab's plan twice, over the same topic. */
function twice(): Plan {
  const plan = labPlan();
  const again = plan.nodes.flatMap((node): PlanNode[] => {
    if (node.kind === 'failed-records' || node.kind === 'union' || node.kind === 'values') return [];
    const own = uid(`again-${node.uid}`);
    return node.kind === 'source' ? [{ ...node, uid: own }] : [{ ...node, uid: own, input: uid(`again-${node.input}`) }];
  });
  return { ...plan, nodes: [...plan.nodes, ...again] };
}

test('a new generation is delivered what the least advanced log lacks (L2)', async () => {
  const stack = await Stack.create({ plan: twice() });
  stack.produce([['click', 10], ['click', 20]]);
  const batch = await stack.stores.source.fetch('events', 0, offset(0), 1e9);
  if (batch === null) throw new Error('the topic has records');
  // A stop comes between the two appends of one batch.
  const [first, second] = [partitionId(0, 0, 0), partitionId(1, 0, 0)];
  const writer = stack.writer();
  await writer.commit(first, batch);
  const path = await stack.stop();
  await expect(writer.commit(second, batch)).rejects.toMatchObject({ kind: 'fenced' });
  await stack.resume(path);
  const ends = [await stack.writer().nextOffset(first), await stack.writer().nextOffset(second)];
  expect(ends).toEqual([2, 0]);
  expect(await stack.stores.offsets.committed(groupOf(stack.job.id, stack.job.g, 0, 'events'), 'events', 0)).toBe(0);
});
