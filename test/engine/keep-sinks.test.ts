/** Sinks whose place forgets their position (cursors in Kafka): the tick has them write it again. */
import { expect, test } from 'vitest';
import { MemorySinks } from '../../lib/adapters/memory/sink.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import type { Sinks } from '../../lib/ports/sink.ts';
import { LAYOUT } from '../adapters/kafka-model.ts';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

async function stackWith(keep: (g: number) => Promise<void>): Promise<Stack> {
  const stores = new MemorySinks();
  const sinks: Sinks = {
    open: async (job, node) => {
      const sink = await stores.open(job, node);
      return { fences: true, emit: (emission) => sink.emit(emission), fence: (g) => sink.fence(g), keep };
    },
  };
  const lab = labPlan();
  return Stack.create({ plan: { ...lab, nodes: lab.nodes.map((node) => (node.kind === 'sink' ? { ...node, records: LAYOUT } : node)) }, sinks });
}

test('when a process begins, and every five minutes', async () => {
  const kept: number[] = [];
  const stack = await stackWith(async (g) => void kept.push(g));
  const firer = stack.firer();
  for (let i = 0; i < 20; i++) {
    await firer.step();
    stack.runtime.advance(30_000);
  }
  expect(kept).toEqual([0, 0]);
});

test.each([
  ['SINK_UNAVAILABLE', 'the brokers are down'],
  ['OPTION_INVALID', 'the topic is gone'],
] as const)('one that cannot does not stop the job (%s: %s)', async (code, message) => {
  let asked = 0;
  const stack = await stackWith(async () => {
    asked++;
    throw new SluiceError(code, { message });
  });
  stack.produce([['click', 10], ['click', 120]]);
  await stack.deliver(stack.writer());
  expect(await stack.firer().step()).toMatchObject({ kind: 'fired' });
  expect(asked).toBe(1);
});
