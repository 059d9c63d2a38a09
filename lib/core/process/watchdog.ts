/**
 * Functions of a program run under a watchdog: one that does not come back is interrupted, wherever it is. What it worked on is not whole then, and is thrown
 * away with the step or batch. Nothing leaves such a call out: how long one takes is no logged input (protocol F4, F7).
 */
import { assert } from '../errors.ts';
import type { Key } from '../key.ts';

/** The function that runs, or ran last: whoever calls one says so. */
export interface CallUnderWay {
  /** Of the node that calls it; null before the first. */
  uid: string | null;
  /** Null where its node knows of none. */
  key: Key | null;
}

export const noCall = (): CallUnderWay => ({ uid: null, key: null });

/** Says that the function of a node is called. */
export function begin(call: CallUnderWay, uid: string, key: Key | null = null): void {
  call.uid = uid;
  call.key = key;
}

/** The time is looked at once in so many calls at most: that costs as much as a small one. */
export const CALLS_PER_TURN = 32;

export interface Watchdog {
  readonly call: CallUnderWay;
  /** Calls `next`, which makes so many calls, until it says that none is left. Throws FUNCTION_TOO_SLOW. Not within itself. */
  repeat(next: (calls: number) => boolean): void;
}

/** Where somebody else watches, or nobody. */
export const unwatched = (call = noCall()): Watchdog => ({
  call,
  repeat: (next) => {
    while (next(CALLS_PER_TURN));
  },
});

/** Runs `work` as if it were one call; null: without a watchdog. */
export function watchOnce<T>(watchdog: Watchdog | null, work: () => T): T {
  if (watchdog === null) return work();
  const given: { readonly value: T }[] = [];
  watchdog.repeat(() => {
    given.push({ value: work() });
    return false;
  });
  const [only] = given;
  assert(only !== undefined, 'work has been done, or has thrown');
  return only.value;
}

/** Runs `visit` for each item. */
export function watchEach<T>({ repeat }: Watchdog, items: Iterable<T>, visit: (item: T) => void): void {
  const iterator = items[Symbol.iterator]();
  let item = iterator.next();
  if (item.done === true) return; // a watchdog costs more than many calls
  repeat((calls) => {
    for (let made = 0; made < calls && item.done !== true; made++) {
      visit(item.value);
      item = iterator.next();
    }
    return item.done !== true;
  });
}

/** Runs `visit` for each number below `count`. */
export function watchCount({ repeat }: Watchdog, count: number, visit: (i: number) => void): void {
  if (count === 0) return;
  let i = 0;
  repeat((calls) => {
    for (const end = Math.min(count, i + calls); i < end; i++) visit(i);
    return i < count;
  });
}
