/** Uids of nodes whose meaning gives them the same one (`Identity` in `plan.ts`). */
import { fingerprint } from './hash.ts';
import { uid, type Uid } from './numbers.ts';

/** Of a uid. */
export const MAX_LENGTH = 64;
/** Of the fingerprint at the end of a uid. */
export const DIGITS = 12;

/** The uid of a sibling: that of the family with a fingerprint of what tells it from the others. */
export const siblingUid = (family: Uid, distinction: string): Uid => suffixed(family, `-${fingerprint(distinction).slice(0, DIGITS)}`);

/** The uid itself, or with the first number that makes it one that is not taken. */
export function freeUid(wanted: Uid, isTaken: (uid: Uid) => boolean): Uid {
  let free = wanted;
  for (let n = 2; isTaken(free); n++) free = suffixed(wanted, `-${n}`);
  return free;
}

/** What does not fit gives way to the suffix. */
export const suffixed = (wanted: Uid, suffix: string): Uid => uid(wanted.slice(0, MAX_LENGTH - suffix.length) + suffix);
