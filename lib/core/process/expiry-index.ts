/**
 * Which keys a clean-up looks at: keys by the time at which something of theirs leaves (`leavesAt`). Without it each FIRE would look at all that is kept. A key
 * stands under one time as a rule, that of its first item, and what it has beside is found when that time comes; whoever notes keys sees to it that each stands
 * no later than its first item leaves.
 */
import type { Key } from '../key.ts';

export class ExpiryIndex {
  /** There are few times: a TTL has sixteen. */
  readonly #keys = new Map<number, Set<Key>>();

  /** Something of the key leaves at `time`, or later; nothing is noted for Infinity. */
  note(key: Key, time: number): void {
    if (time === Infinity) return;
    const keys = this.#keys.get(time);
    if (keys === undefined) this.#keys.set(time, new Set([key]));
    else keys.add(key);
  }

  /** Nothing of the key leaves any more. */
  forget(key: Key): void {
    for (const [time, keys] of this.#keys) if (keys.delete(key) && keys.size === 0) this.#keys.delete(time);
  }

  /** Takes out the keys of the times up to `now`. One may come more than once; those that go on must be noted anew. */
  take(now: number): Key[] {
    const due: Key[] = [];
    for (const [time, keys] of this.#keys) {
      if (time > now) continue;
      for (const key of keys) due.push(key);
      this.#keys.delete(time);
    }
    return due;
  }
}
