/** A job at rest: an open window of two keys, and a checkpoint that holds it. */
import type { CoordinatorEntry } from '../../lib/engine/log/entries.ts';
import type { Settings } from '../../lib/engine/settings.ts';
import { MINUTE, Stack } from './stack.ts';

export type Checkpoint = Extract<CoordinatorEntry, { kind: 'CHECKPOINT' }>;

export const checkpointsOf = async (stack: Stack): Promise<Checkpoint[]> => (await stack.coordinator()).filter((e) => e.kind === 'CHECKPOINT');

export async function withOpenWindow(settings: Partial<Settings> = {}): Promise<Stack> {
  const stack = await Stack.start({ settings });
  stack.produce([['click', 10], ['view', 20]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  stack.runtime.advance(MINUTE);
  await stack.firer().step();
  return stack;
}
