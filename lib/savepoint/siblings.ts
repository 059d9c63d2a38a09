/** Pairing the siblings of two plans, family by family: those that are certainly the same, and what remains. Pure. */
import type { Uid } from '../core/numbers.ts';

/** A node, as it is compared with those of its family. */
export interface Member {
  readonly uid: Uid;
  /** The uid that its siblings would share. */
  readonly family: Uid;
  /** All that it means. */
  readonly whole: string;
  /** What must not change for its state to go on; null where nothing less than the whole tells. */
  readonly core: string | null;
  /** What may come and go, as long as something of it stays. */
  readonly parts: readonly string[];
}

export interface Pair {
  readonly was: Member;
  readonly is: Member;
}

/** Siblings of both plans, each of which could be one of the others, changed. */
export interface Ambiguity {
  readonly saved: readonly Uid[];
  readonly next: readonly Uid[];
}

export interface Paired {
  readonly pairs: readonly Pair[];
  /** Of the next plan, without a partner. */
  readonly strangers: readonly Member[];
  readonly ambiguous: readonly Ambiguity[];
}

export function pairFamilies(saved: readonly Member[], next: readonly Member[]): Paired {
  const families = [...new Set(next.map(({ family }) => family))].map((family) => {
    const of = (members: readonly Member[]): Member[] => members.filter((member) => member.family === family);
    return pairFamily(of(saved), of(next));
  });
  return { pairs: families.flatMap(({ pairs }) => pairs), strangers: families.flatMap(({ strangers }) => strangers), ambiguous: families.flatMap(({ ambiguous }) => ambiguous) };
}

/** A query that is alone of its kind may change at will; one with siblings is known by what it means. */
function pairFamily(saved: readonly Member[], next: readonly Member[]): Paired {
  const [was, is] = [saved[0], next[0]];
  if (was !== undefined && is !== undefined && saved.length === 1 && next.length === 1) return { pairs: [{ was, is }], strangers: [], ambiguous: [] };
  const pairs = RELATIONS.reduce((found: readonly Pair[], relates) => [...found, ...mutual(without(saved, found.map((pair) => pair.was)), without(next, found.map((pair) => pair.is)), relates)], []);
  const [gone, strangers] = [without(saved, pairs.map((pair) => pair.was)), without(next, pairs.map((pair) => pair.is))];
  const ambiguous = gone.length === 0 || strangers.length === 0 ? [] : [{ saved: gone.map(({ uid }) => uid), next: strangers.map(({ uid }) => uid) }];
  return { pairs, strangers, ambiguous };
}

type Relation = (was: Member, is: Member) => boolean;

/** The surest first. */
const RELATIONS: readonly Relation[] = [
  (was, is) => was.whole === is.whole && was.uid === is.uid,
  (was, is) => was.whole === is.whole,
  (was, is) => was.core !== null && was.core === is.core && was.parts.some((part) => is.parts.includes(part)),
  // The one that is left of several reads or writes of a table, with other options.
  (was, is) => (was.core === null || is.core === null) && was.parts.some((part) => is.parts.includes(part)),
];

/** Those that are related to each other, and to nobody else. */
function mutual(saved: readonly Member[], next: readonly Member[], relates: Relation): Pair[] {
  return saved.flatMap((was) => {
    const [is, ...others] = next.filter((each) => relates(was, each));
    const isOnly = is !== undefined && others.length === 0 && saved.every((other) => other === was || !relates(other, is));
    return isOnly ? [{ was, is }] : [];
  });
}

const without = (members: readonly Member[], others: readonly Member[]): Member[] => members.filter((member) => !others.includes(member));
