/** §10 a: which commits make a window due, and how many reads it costs to know. */
import { describe, expect, test } from 'vitest';
import { eventTime, fireNumber, uid, wallTime, type EventTime, type Uid } from '../../lib/core/numbers.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { readHint, writeHint } from '../../lib/engine/hint.ts';
import { decideDue, DueWatch, type DueFacts, type KnownDue } from '../../lib/engine/writer/due.ts';
import type { Segment } from '../../lib/engine/writer/segment.ts';
import { StoreError } from '../../lib/core/errors.ts';
import type { PlanNode, WindowAggregateNode } from '../../lib/core/plan.ts';
import type { PaneColumns } from '../../lib/core/window/pane.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { P0, Stack } from '../engine/stack.ts';

const at = eventTime;
const hint = (nextDue: number | null): KnownDue => ({ kind: 'hint', nextDue: nextDue === null ? null : at(nextDue) });
const NONE: KnownDue = { kind: 'none' };

describe('the decision', () => {
  const base: DueFacts = { from: at(10), to: at(20), passed: true, own: null, known: hint(100) };

  test.each<[string, Partial<DueFacts>, ReturnType<typeof decideDue>]>([
    ['an own window ends on the way', { own: at(15) }, 'due'],
    ['an own window ends exactly there', { own: at(20) }, 'due'],
    ['an own window ends a little later', { own: at(21) }, 'not-due'],
    ['an own window ended where it began', { own: at(10) }, 'not-due'],
    ['a window of the state ends on the way', { known: hint(15) }, 'due'],
    ['a window of the state ends exactly there', { known: hint(20) }, 'due'],
    ['a window of the state ends a little later', { known: hint(21) }, 'not-due'],
    ['the hint is behind the partition', { known: hint(10) }, 'stale'],
    ['the state was empty', { known: hint(null) }, 'stale'],
    ['there is no hint', { known: NONE }, 'due'],
    ['there is no hint, and no slice ends on the way', { known: NONE, passed: false }, 'not-due'],
    ['the hint is behind, and no slice ends on the way', { known: hint(10), passed: false }, 'not-due'],
  ])('%s', (_, facts, expected) => {
    expect(decideDue({ ...base, ...facts })).toBe(expected);
  });
});

const SLICE = 60_000;

interface Watched {
  readonly stack: Stack;
  readonly watch: DueWatch;
  /** Moves the partition's watermark without rows. */
  readonly pass: (from: number, to: number) => Promise<boolean>;
  readonly reads: () => number;
}

async function watched(changed: Partial<WindowAggregateNode> = {}): Promise<Watched> {
  const plan = labPlan();
  const nodes = plan.nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, ...changed } : node));
  const stack = await Stack.start({ plan: { ...plan, nodes } });
  stack.takeCalls();
  const watch = new DueWatch(stack.ports, stack.job);
  const pass = (from: number, to: number): Promise<boolean> => watch.isDue(P0, { from: at(from), to: at(to), segments: [] });
  return { stack, watch, pass, reads: () => stack.takeCalls().filter((call) => call === 'control.get HINT').length };
}

const setHint = (stack: Stack, nextDue: EventTime | null, full: Uid[] = []): Promise<void> =>
  writeHint(stack.stores, stack.job, { f: fireNumber(1), nextDue, full, checkpointAt: 1, safeUntil: 2, watermarks: [MIN_WATERMARK], operatorWatermarks: {}, procTime: wallTime(0) });

describe('reads of the hint', () => {
  test('are none while no slice ends', async () => {
    const { pass, reads } = await watched();
    for (let t = 1; t < 1000; t++) expect(await pass(t, t + 1)).toBe(false);
    expect(reads()).toBe(0);
  });

  test('are one where a slice ends and nothing is known; its promise holds without another one', async () => {
    const { stack, pass, reads } = await watched();
    await setHint(stack, at(3 * SLICE - 1));
    expect(await pass(1, SLICE)).toBe(false);
    expect(await pass(SLICE, 2 * SLICE)).toBe(false);
    expect(await pass(2 * SLICE, 3 * SLICE)).toBe(true);
    expect(reads()).toBe(1);
  });

  test('are one a second at most while the hint is behind: other partitions hold the watermark', async () => {
    const { stack, pass, reads } = await watched();
    await setHint(stack, at(SLICE - 1));
    expect(await pass(1, SLICE)).toBe(true);
    for (let i = 1; i <= 100; i++) {
      stack.runtime.advance(100);
      expect(await pass(i * SLICE, (i + 1) * SLICE)).toBe(false);
    }
    expect(reads()).toBeLessThanOrEqual(1 + 10);
  });

  test('see a hint that has moved on', async () => {
    const { stack, pass } = await watched();
    await setHint(stack, at(SLICE - 1));
    expect(await pass(1, SLICE)).toBe(true);
    await setHint(stack, at(5 * SLICE - 1));
    stack.runtime.advance(1000);
    expect(await pass(SLICE, 2 * SLICE)).toBe(false);
    expect(await pass(4 * SLICE, 5 * SLICE)).toBe(true);
  });

  test('that fail mean nothing is due', async () => {
    const { stack, pass } = await watched();
    stack.before = (call) => {
      if (call === 'control.get HINT') throw new StoreError('no', { message: 'throttled' });
    };
    expect(await pass(1, SLICE)).toBe(false);
  });

  test('are none for windows of processing time', async () => {
    const { pass, reads } = await watched({ timeColumn: null });
    expect(await pass(1, 100 * SLICE)).toBe(false);
    expect(reads()).toBe(0);
  });
});

describe('rows that wait for no window', () => {
  const SECTION = { watermark: at(0), late: {}, rows: {}, sections: { 'tumble-event_type': [{ end: 0, keys: ['k'], rows: [1], accumulators: [] }] } };
  const ROWS = { watermark: at(0), late: {}, rows: { out: [[1]] }, sections: {} };
  const NOTHING = { watermark: at(0), late: {}, rows: { out: [] }, sections: { 'tumble-event_type': [] } };
  const still = { from: at(1), to: at(1) };

  test.each<[string, Segment, Partial<WindowAggregateNode>, boolean]>([
    ['of a query without state', ROWS, {}, true],
    ['of an aggregation without a window', SECTION, { window: { kind: 'unbounded' }, timeColumn: null }, true],
    ['of a window that fires early', SECTION, { earlyFire: true }, true],
    ['that are put in order', SECTION, { inOrder: true }, true],
    ['of a window that does not are none', SECTION, {}, false],
    ['that a filter has taken away are none', NOTHING, { window: { kind: 'unbounded' }, timeColumn: null }, false],
  ])('%s', async (_, segment, node, expected) => {
    const { watch, reads } = await watched(node);
    expect(await watch.isDue(P0, { ...still, segments: [segment] })).toBe(expected);
    expect(reads()).toBe(0);
  });

  test('wake once a second, however many batches there are, and cost no read', async () => {
    const { stack, watch, reads } = await watched();
    let woken = 0;
    for (let i = 0; i < 100; i++) {
      if (await watch.isDue(P0, { ...still, segments: [ROWS] })) woken++;
      stack.runtime.advance(100);
    }
    expect(woken).toBe(10);
    expect(reads()).toBe(0);
  });

  test('are none once the hint says that their LIMIT is full, and then it is not read again', async () => {
    const { stack, watch, reads } = await watched({ window: { kind: 'unbounded' }, timeColumn: null, limit: { offset: 0, count: 3 } });
    const wakes = async (): Promise<number> => {
      let woken = 0;
      for (let i = 0; i < 50; i++) {
        if (await watch.isDue(P0, { ...still, segments: [SECTION] })) woken++;
        stack.runtime.advance(100);
      }
      return woken;
    };
    await setHint(stack, null);
    expect([await wakes(), reads()]).toEqual([5, 5]);
    await setHint(stack, null, [uid('tumble-event_type')]);
    // For what came before it was known.
    expect([await wakes(), reads()]).toEqual([1, 1]);
    expect([await wakes(), reads()]).toEqual([0, 0]);
    expect(await watch.isDue(P0, { ...still, segments: [ROWS] })).toBe(true);
  });

  test('a firer says when a LIMIT is full', async () => {
    const plan = labPlan();
    const nodes = plan.nodes.map((node): PlanNode => (node.kind === 'window-aggregate' ? { ...node, window: { kind: 'unbounded' }, timeColumn: null, keys: [], limit: { offset: 1, count: 2 } } : node));
    const stack = await Stack.start({ plan: { ...plan, nodes: nodes.slice(0, 2) } });
    const fullAfter = async (seconds: number[]): Promise<readonly Uid[] | undefined> => {
      stack.produce(seconds.map((at) => ['click', at]));
      await stack.deliver(stack.writer());
      stack.runtime.advance(60_000);
      await stack.firer().step();
      return (await readHint(stack.stores, stack.job))?.full;
    };
    expect(await fullAfter([1, 2])).toEqual([]);
    expect(await fullAfter([3])).toEqual(['tumble-event_type']);
  });

  describe('that are put in order', () => {
    const SORTED: Partial<WindowAggregateNode> = { window: { kind: 'tumble', sizeMs: 1, offsetMs: 0 }, inOrder: true };
    const batch = (instant: number): Segment[] => [{ ...SECTION, sections: { 'tumble-event_type': [{ end: instant + 1, keys: ['k'], rows: [1], accumulators: [] }] } }];

    test('wake once a second, though every batch reaches its own instants, and cost no read', async () => {
      const { stack, watch, reads } = await watched(SORTED);
      let woken = 0;
      for (let t = 100; t <= 10_000; t += 100) {
        if (await watch.isDue(P0, { from: at(t - 100), to: at(t), segments: batch(t) })) woken++;
        stack.runtime.advance(100);
      }
      expect(woken).toBe(10);
      expect(reads()).toBe(0);
    });

    test('are told by a batch without rows that reaches them, and not again', async () => {
      const { stack, watch, pass } = await watched(SORTED);
      expect(await watch.isDue(P0, { from: at(1), to: at(2), segments: batch(1000) })).toBe(true);
      stack.runtime.advance(1000);
      expect(await pass(2, 2)).toBe(false);
      expect(await pass(2, 1000)).toBe(true);
      stack.runtime.advance(1000);
      expect(await pass(1000, 2000)).toBe(false);
    });
  });

  test('that came while a firer was on its way are told with the next batch, whatever it holds, and only once', async () => {
    const { stack, watch } = await watched();
    const tell = (...segments: Segment[]): Promise<boolean> => watch.isDue(P0, { ...still, segments });
    expect([await tell(ROWS), await tell(ROWS)]).toEqual([true, false]);
    stack.runtime.advance(1000);
    expect([await tell(NOTHING), await tell(NOTHING)]).toEqual([true, false]);
  });
});

describe('own rows', () => {
  const columns = (end: number): PaneColumns => ({ end, keys: ['k'], rows: [1], accumulators: [] });
  const segmentsOf = (...sections: PaneColumns[]): Segment[] => [{ watermark: at(0), late: {}, rows: {}, sections: { 'tumble-event_type': sections } }];

  test('are remembered until their window ends', async () => {
    const { watch, reads } = await watched();
    expect(await watch.isDue(P0, { from: at(1), to: at(2), segments: segmentsOf(columns(SLICE), columns(2 * SLICE)) })).toBe(false);
    expect(await watch.isDue(P0, { from: at(2), to: at(SLICE - 2), segments: [] })).toBe(false);
    expect(await watch.isDue(P0, { from: at(SLICE - 2), to: at(SLICE - 1), segments: [] })).toBe(true);
    expect(reads()).toBe(0);
  });

  test('of a HOP are due at the end of every window with their slice', async () => {
    const { watch } = await watched({ window: { kind: 'hop', sizeMs: 2 * SLICE, slideMs: SLICE, offsetMs: 0 } });
    const segments = segmentsOf(columns(SLICE));
    expect(await watch.isDue(P0, { from: at(1), to: at(SLICE - 1), segments })).toBe(true);
    expect(await watch.isDue(P0, { from: at(SLICE), to: at(2 * SLICE - 1), segments })).toBe(true);
    expect(await watch.isDue(P0, { from: at(1), to: at(SLICE - 2), segments })).toBe(false);
  });

  test('of sessions are due at the end of the first one', async () => {
    const { stack, watch } = await watched({ window: { kind: 'session', gapMs: 1000 } });
    await setHint(stack, at(1_000_000));
    const segments = segmentsOf({ end: Number.MAX_SAFE_INTEGER, keys: ['a', 'b'], rows: [1, 1], accumulators: [], spans: [[0, 5000], [0, 3000]] });
    expect(await watch.isDue(P0, { from: at(1), to: at(2998), segments })).toBe(false);
    expect(await watch.isDue(P0, { from: at(2998), to: at(2999), segments: [] })).toBe(true);
  });
});
