/** A set of times, as a tree (`balanced-tree.ts`): one key may have very many timers, and few of them change in a step. */
import { besideIn, find, firstOf, heightOver, inOrder, put, treeOf, without, type TreeKind, type TreeNode } from './balanced-tree.ts';

interface TimeNode extends TreeNode<TimeNode> {
  /** Epoch ms. */
  readonly time: number;
}

/** Null: no times. */
export type Times = TimeNode | null;

const TIMES: TreeKind<TimeNode, number> = {
  keyOf: ({ time }) => time,
  compare: (time, node) => time - node.time,
  over: ({ time }, left, right) => ({ time, left, right, height: heightOver(left, right) }),
};

const leaf = (time: number): TimeNode => ({ time, left: null, right: null, height: 1 });

export const timesOf = (list: readonly number[]): Times => treeOf(TIMES, [...new Set(list)].toSorted((a, b) => a - b).map(leaf));

export const hasTime = (times: Times, time: number): boolean => find(TIMES, times, time) !== null;

/** The very set where the time is in it. */
export const withTime = (times: Times, time: number): TimeNode => (times !== null && hasTime(times, time) ? times : put(TIMES, times, time, leaf(time)));

/** The very set where the time is not in it. */
export const withoutTime = (times: Times, time: number): Times => without(TIMES, times, time);

/** Null without any. */
export const earliestOf = (times: Times): number | null => (times === null ? null : firstOf(times).time);

/** Looks at all of them. */
export function timeCount(times: Times): number {
  return times === null ? 0 : 1 + timeCount(times.left) + timeCount(times.right);
}

/** In order. */
export const listOf = (times: Times): number[] => Array.from(inOrder(times), ({ time }) => time);

/** Those up to a time, and behind another one, in order. */
export function* timesWithin(times: Times, after: number, upTo: number): Generator<number, undefined> {
  if (times === null) return;
  const { time, left, right } = times;
  if (time > after) yield* timesWithin(left, after, upTo);
  if (time > after && time <= upTo) yield time;
  if (time < upTo) yield* timesWithin(right, after, upTo);
}

/** Those that the other set does not have, in order; what both share is not looked at. */
export function* timesBeside(times: Times, other: Times): Generator<number, undefined> {
  for (const [{ time }, same] of besideIn(TIMES, times, other)) if (same === null) yield time;
}
