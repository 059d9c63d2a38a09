/** Ranges of key groups that have become small are joined (protocol 8.2). */
import { expect, test } from 'vitest';
import { joinRanges } from '../../lib/engine/checkpoint/join.ts';
import type { ChunkRef } from '../../lib/engine/log/entries.ts';
import { CHECKPOINTED, planOf, recordOf, type CaseRow } from '../conformance/operator-cases.ts';
import { checkpointsOf } from './open-window.ts';
import { Stack, stateOf } from './stack.ts';

const ref = (lo: number, hi: number, bytes: number): ChunkRef => ({
  windowEnd: 0, groups: [lo, hi], store: 'chunks', key: `${lo}`, sha: '', bytes, panes: 1, expiresAt: 0,
});

test.each<[string, ChunkRef[], [number, number][], number[], [number, number][]]>([
  ['small neighbours of a dirty range join it', [ref(0, 31, 10), ref(64, 127, 10)], [[32, 63]], [], [[0, 127]]],
  ['a range of which nothing is left goes with its neighbour', [ref(64, 127, 10)], [[0, 63]], [], [[0, 127]]],
  ['no further than a quarter', [ref(0, 31, 25), ref(64, 127, 25)], [[32, 63]], [64], [[0, 63]]],
  ['two clean ones are not written for it', [ref(0, 31, 1), ref(32, 63, 1)], [[100, 127]], [0], [[32, 127]]],
  ['nothing to write, nothing to join', [ref(0, 63, 1), ref(64, 127, 1)], [], [0, 64], []],
])('%s', (_, keep, write, kept, written) => {
  const joined = joinRanges({ keep, write }, new Map(), 0, 200);
  expect(joined.keep.map((chunk) => chunk.groups[0])).toEqual(kept);
  expect(joined.write).toEqual(written);
});

test('a state that was large once does not keep its many chunks', async () => {
  const plan = planOf({ window: { kind: 'session', gapMs: 5000 } }, 'on-periodic');
  const stack = await Stack.start({ plan, settings: { ...CHECKPOINTED, chunkInlineMax: 1000 } });
  const writer = stack.writer();
  const firer = stack.firer();
  const feed = async (rows: readonly CaseRow[]): Promise<void> => {
    stack.stores.source.produce('events', rows.map(recordOf));
    await stack.deliver(writer);
    await firer.step();
  };
  await feed(Array.from({ length: 100 }, (_, i): CaseRow => [`key ${i}`, 1000, i]));
  const many = (await checkpointsOf(stack)).at(-1)?.chunks.length ?? 0;
  expect(many).toBeGreaterThan(2);
  await feed([['left', 20_000, 1]]);
  expect((await checkpointsOf(stack)).at(-1)?.chunks).toMatchObject([{ panes: 1 }]);
  const cold = stack.firer();
  await cold.load();
  expect(stateOf(cold)).toEqual(stateOf(firer));
  await feed([['again', 21_000, 1]]);
  expect((await checkpointsOf(stack)).at(-1)?.chunks).toMatchObject([{ groups: [0, 127], panes: 2 }]);
});
