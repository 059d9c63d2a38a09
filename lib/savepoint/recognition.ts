/**
 * Which operator, source and sink of a saved plan each one of the next plan is (protocol V1). A uid says so where it stands for one meaning; siblings, which
 * have a uid in common (`Identity`), are recognized by what they mean. What cannot be told is left alone: nothing is guessed. Pure.
 */
import type { Uid } from '../core/numbers.ts';
import { sinksOf, sourcesOf, statefulOf, type Identity, type Plan, type PlanNode, type SinkNode, type SourceNode, type WindowAggregateNode } from '../core/plan.ts';
import { withoutSecretOptions } from '../core/secrets.ts';
import { freeUid, siblingUid, suffixed } from '../core/sibling-uid.ts';
import { canonicalJson } from './canonical-json.ts';
import { RowMeanings } from './row-meaning.ts';
import { isOfProgram } from './schema.ts';
import { pairFamilies, type Ambiguity, type Member, type Paired } from './siblings.ts';

export interface Recognition {
  /** The next plan, in which all that is recognized has the uid of the saved plan, and nothing else has one of those. */
  readonly plan: Plan;
  readonly ambiguous: readonly Ambiguity[];
}

export function recognize(saved: Plan, next: Plan): Recognition {
  const sources = pairFamilies(tableMembers(saved, sourcesOf(saved)), tableMembers(next, sourcesOf(next)));
  // What aggregations mean includes the sources that their rows come from.
  const { plan: named, ambiguous } = adopt(saved, next, [sources]);
  const operators = pairFamilies(operatorMembers(saved), operatorMembers(named));
  const sinks = pairFamilies(tableMembers(saved, sinksOf(saved)), tableMembers(named, sinksOf(named)));
  const adopted = adopt(saved, named, [operators, sinks]);
  return { plan: adopted.plan, ambiguous: [...ambiguous, ...adopted.ambiguous] };
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
    const parts = meanings.aggregates(node);
    return { ...namesIn(plan, node), whole: canonicalJson([core, parts, mannerOf(node)]), core, parts };
  });
}

/** How results leave, which is all that a node says beside its groups, its aggregates and its place in the plan. */
function mannerOf({ kind: _kind, uid: _uid, family: _family, input: _input, window: _window, timeColumn: _time, keys: _keys, aggregates: _aggregates, columns: _columns, ...manner }: WindowAggregateNode): unknown {
  return manner;
}

const namesIn = (plan: Plan, node: SourceNode | SinkNode | WindowAggregateNode): Pick<Member, 'uid' | 'family'> => ({
  uid: node.uid,
  family: isNamed(node) ? node.uid : (node.family ?? numberedFamily(plan, node)?.uid ?? node.uid),
});

/** A program finds its functions by uids, which it has chosen: nothing but the uid says what such a node is. */
function isNamed(node: PlanNode): boolean {
  if (node.kind === 'window-aggregate') return isOfProgram(node);
  return node.kind === 'source' && node.format.kind === 'code';
}

/** Older plans number siblings, and do not say whose; a table may have a number in its own name. */
function numberedFamily(plan: Plan, node: SourceNode | SinkNode | WindowAggregateNode): PlanNode | undefined {
  const [number] = /-\d+$/.exec(node.uid) ?? [];
  if (number === undefined || (node.kind !== 'window-aggregate' && hasOwnName(node))) return undefined;
  return plan.nodes.find(({ uid }) => uid !== node.uid && suffixed(uid, number) === node.uid);
}

const hasOwnName = ({ kind, uid, table }: SourceNode | SinkNode): boolean => table.endsWith(`.${uid.slice(kind.length + 1)}`);

/** Gives those that are recognized the names that they had, and takes such names from all others. */
function adopt(saved: Plan, next: Plan, pairings: readonly Paired[]): Recognition {
  const names = new Map<Uid, Identity>();
  for (const { was, is } of pairings.flatMap(({ pairs }) => pairs)) if (was.uid !== is.uid) names.set(is.uid, { uid: was.uid, family: is.family });
  const had = new Set(saved.nodes.map(({ uid }) => uid));
  const taken = new Set([...had, ...next.nodes.map(({ uid }) => uid)]);
  const named = new Set(next.nodes.filter(isNamed).map(({ uid }) => uid));
  for (const { uid, family, whole } of pairings.flatMap(({ strangers }) => strangers).filter((stranger) => had.has(stranger.uid) && !named.has(stranger.uid))) {
    const free = freeUid(siblingUid(family, whole), (wanted) => taken.has(wanted));
    taken.add(free);
    names.set(uid, { uid: free, family });
  }
  const ambiguous = pairings.flatMap((paired) => paired.ambiguous.map((siblings) => ({ ...siblings, next: siblings.next.map((uid) => names.get(uid)?.uid ?? uid) })));
  return { plan: names.size === 0 ? next : { ...next, nodes: next.nodes.map((node) => withNames(node, names)) }, ambiguous };
}

function withNames(node: PlanNode, names: ReadonlyMap<Uid, Identity>): PlanNode {
  const nameOf = (uid: Uid): Uid => names.get(uid)?.uid ?? uid;
  const identified = { ...node, ...names.get(node.uid) };
  if (identified.kind === 'union') return { ...identified, inputs: identified.inputs.map(nameOf) };
  return 'input' in identified ? { ...identified, input: nameOf(identified.input) } : identified;
}
