/**
 * Uids of nodes, by which state finds its operator again after the statement has changed (protocol V1). They derive from meaning, so that
 * reformatting, another alias, a column or an aggregate more do not change them.
 */
import { fingerprint } from '../core/hash.ts';
import { uid, type Uid } from '../core/numbers.ts';
import type { Aggregation } from './plan-scope.ts';

const MAX_LENGTH = 64;
const DIGITS = 12;

/** A text as uid; what does not fit the characters or the length is replaced by a fingerprint of the whole. */
export function uidOf(text: string): Uid {
  const plain = text.replace(/[^A-Za-z0-9_-]/g, '_');
  if (plain === text && text.length <= MAX_LENGTH) return uid(text);
  return uid(`${plain.slice(0, MAX_LENGTH - DIGITS - 1)}-${fingerprint(text).slice(0, DIGITS)}`);
}

/**
 * Kind of window, names of the keys, and a fingerprint of window, row time, keys, grouping sets and origin (`originOf`). Not of the aggregates: what is kept for
 * them is matched one by one (V4), so that a statement with one more goes on with the state of all others.
 */
export function aggregationUid({ keys, sets }: Pick<Aggregation, 'keys' | 'sets'>, spec: { readonly kind: string }, rowTime: string, origin: string): Uid {
  const names = keys.map((key) => key.name);
  const meaning = JSON.stringify([...Object.values(spec), rowTime, names, origin, ...(sets.length > 1 ? [sets] : [])]);
  const readable = [spec.kind, ...names].join('-').replace(/[^A-Za-z0-9_-]+/g, '_');
  return uid(`${readable.slice(0, MAX_LENGTH - DIGITS - 1)}-${fingerprint(meaning).slice(0, DIGITS)}`);
}

/**
 * The uids of one plan. The second node of a uid is called `…-2`, in the order in which the nodes are planned: those that differ in their filter or their aggregates
 * alone are told apart by nothing else.
 */
export class DistinctUids {
  readonly #taken = new Set<Uid>();

  of(wanted: Uid): Uid {
    let free = wanted;
    for (let n = 2; this.#taken.has(free); n++) free = numbered(wanted, `-${n}`);
    this.#taken.add(free);
    return free;
  }
}

const numbered = (wanted: Uid, suffix: string): Uid => uid(wanted.slice(0, MAX_LENGTH - suffix.length) + suffix);
