/**
 * Which operator, source and sink of a saved plan each one of the next plan is (protocol V1). A uid says so where it stands for one meaning; siblings, which
 * have a uid in common (`Identity`), are recognized by what they mean. What cannot be told is left alone: nothing is guessed. Pure.
 */
import type { Uid } from '../core/numbers.ts';
import { sinksOf, sourcesOf, statefulOf, type Identity, type Plan, type PlanNode, type SinkNode, type SourceNode, type WindowAggregateNode } from '../core/plan.ts';
import { withoutSecretOptions } from '../core/secrets.ts';
import { freeUid, siblingUid } from '../core/sibling-uid.ts';
import { canonicalJson } from './canonical-json.ts';
import { RowMeanings } from './row-meaning.ts';
import { pairFamilies, type Ambiguity, type Member, type Paired } from './siblings.ts';

export interface Recognition {
  /** The next plan, in which all that is recognized has the uid of the saved plan, and nothing else has one of those. */
  readonly plan: Plan;
  readonly ambiguous: readonly Ambiguity[];
}

export function recognize(saved: Plan, next: Plan): Recognition {
  const sources = pairFamilies(tableMembers(saved, sourcesOf(saved)), tableMembers(next, sourcesOf(next)));
  // What aggregations mean includes the sources that their rows come from.
  const named = renamed(next, saved, [sources]);
  const operators = pairFamilies(operatorMembers(saved), operatorMembers(named));
  const sinks = pairFamilies(tableMembers(saved, sinksOf(saved)), tableMembers(named, sinksOf(named)));
  return { plan: renamed(named, saved, [operators, sinks]), ambiguous: [...sources.ambiguous, ...operators.ambiguous] };
}

/** A table whose options change is the same table, unless several of them, by hints, are read or written. */
function tableMembers(plan: Plan, nodes: readonly (SourceNode | SinkNode)[]): Member[] {
  return nodes.map((node) => {
    const isOnly = nodes.every((other) => other === node || other.table !== node.table);
    return { ...namesIn(plan, node), whole: canonicalJson([node.table, withoutSecretOptions(node.options)]), core: isOnly ? node.table : null, parts: [node.table] };
  });
}

/** Groups go on with other aggregates as long as they keep one (V4). */
function operatorMembers(plan: Plan): Member[] {
  const meanings = new RowMeanings(plan);
  return statefulOf(plan).map((node) => {
    const core = meanings.groups(node);
    const parts = aggregatesOf(node);
    return { ...namesIn(plan, node), whole: canonicalJson([core, parts, node.changelog ?? false]), core, parts };
  });
}

const aggregatesOf = ({ aggregates }: WindowAggregateNode): string[] => aggregates.map(({ name }) => name).sort();

const namesIn = (plan: Plan, node: Identity): Pick<Member, 'uid' | 'family'> => ({ uid: node.uid, family: node.family ?? numberedFamily(plan, node.uid) ?? node.uid });

/** Older plans number siblings, and do not say whose. */
function numberedFamily(plan: Plan, uid: Uid): Uid | undefined {
  const family = /^(.+)-\d+$/.exec(uid)?.[1];
  return plan.nodes.find((node) => node.uid === family)?.uid;
}

function renamed(plan: Plan, saved: Plan, pairings: readonly Paired[]): Plan {
  const taken = new Set([...saved.nodes, ...plan.nodes].map(({ uid }) => uid));
  const names = new Map<Uid, Identity>();
  for (const { pairs, strangers } of pairings) {
    for (const { was, is } of pairs) if (was.uid !== is.uid) names.set(is.uid, { uid: was.uid, family: is.family });
    for (const stranger of strangers) {
      if (!saved.nodes.some(({ uid }) => uid === stranger.uid)) continue;
      const uid = freeUid(siblingUid(stranger.family, stranger.whole), (wanted) => taken.has(wanted));
      taken.add(uid);
      names.set(stranger.uid, { uid, family: stranger.family });
    }
  }
  return names.size === 0 ? plan : { ...plan, nodes: plan.nodes.map((node) => withNames(node, names)) };
}

function withNames(node: PlanNode, names: ReadonlyMap<Uid, Identity>): PlanNode {
  const nameOf = (uid: Uid): Uid => names.get(uid)?.uid ?? uid;
  const identified = { ...node, ...names.get(node.uid) };
  if (identified.kind === 'union') return { ...identified, inputs: identified.inputs.map(nameOf) };
  return 'input' in identified ? { ...identified, input: nameOf(identified.input) } : identified;
}
