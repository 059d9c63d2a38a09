/** The writer's decision: what to do with a batch, given the head of its log. Pure (protocol §4). */
import type { Offset } from '../../core/numbers.ts';
import type { PartitionEntry } from '../log/entries.ts';

export interface CommitFacts {
  /** null: the log has no entry. */
  readonly head: Pick<PartitionEntry, 'kind' | 'next'> | null;
  readonly headExpired: boolean;
  /** The head is remembered, not freshly read. */
  readonly fromCache: boolean;
  /** Asked only where the head is missing or INIT (W4). */
  readonly registered: boolean;
  /** Offsets of the batch, ascending; `next` is the first offset it does not contain. */
  readonly offsets: readonly number[];
  readonly next: Offset;
}

export type CommitDecision =
  | { readonly kind: 'init' }
  | { readonly kind: 'register' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'frozen' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'reread' }
  /** Append the records from index `from` on; `gap`: the first of them lies behind the end of the log (W7). */
  | { readonly kind: 'append'; readonly from: number; readonly gap: boolean };

export function decideCommit(facts: CommitFacts): CommitDecision {
  const { head } = facts;
  if (head === null) return { kind: facts.registered ? 'lost' : 'init' };
  if (head.kind === 'INIT' && !facts.registered) return { kind: 'register' };
  if (facts.headExpired) return { kind: 'expired' };
  if (head.kind === 'FROZEN') return { kind: 'frozen' };
  if (facts.next <= head.next) return facts.fromCache ? { kind: 'reread' } : { kind: 'duplicate' };
  const from = firstAtOrAfter(facts.offsets, head.next);
  const gap = (facts.offsets[from] ?? facts.next) > head.next;
  if (gap && facts.fromCache) return { kind: 'reread' };
  return { kind: 'append', from, gap };
}

/** Index of the first offset >= `next`; binary search. */
function firstAtOrAfter(offsets: readonly number[], next: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) < next) low = middle + 1;
    else high = middle;
  }
  return low;
}
