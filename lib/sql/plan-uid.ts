/**
 * Uids of nodes, by which state finds its operator again after the statement has changed (protocol V1). They derive from meaning, so that
 * reformatting, another alias, a column or an aggregate more do not change them.
 */
import { fingerprint } from '../core/hash.ts';
import { uid, type Uid } from '../core/numbers.ts';
import type { Identity } from '../core/plan.ts';
import { DIGITS, freeUid, MAX_LENGTH, siblingUid } from '../core/sibling-uid.ts';
import type { Aggregation } from './plan-scope.ts';

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
 * The uids of one plan. The first node of a meaning has its uid as it is; the next ones, which differ in their filter, their aggregates or the catalog of their
 * table, are its siblings, and have a fingerprint of the difference besides. Which of them a later plan calls what does not matter: it recognizes them
 * (`lib/savepoint/recognition.ts`).
 */
export class DistinctUids {
  readonly #taken = new Set<Uid>();

  /** A uid that no other node has; nodes without state need no better one than the next number. */
  of(wanted: Uid): Uid {
    const free = freeUid(wanted, (uid) => this.#taken.has(uid));
    this.#taken.add(free);
    return free;
  }

  /** The uid of a node that a later plan has to find again; `distinction` tells it from its siblings. */
  identify(family: Uid, distinction: string): Identity {
    return this.#taken.has(family) ? { uid: this.of(siblingUid(family, distinction)), family } : { uid: this.of(family) };
  }
}
