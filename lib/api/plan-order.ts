/** Nodes of a plan as it has them: only those that a sink needs, each behind its inputs. */
import type { Uid } from '../core/numbers.ts';
import { inputsOf, type PlanNode } from '../core/plan.ts';

/** The sinks, and all that is above them, in the order in which they are given. */
export function upstreamOfSinks(nodes: readonly PlanNode[]): PlanNode[] {
  const needed = new Set<PlanNode>();
  const at = byUid(nodes);
  const need = (node: PlanNode | undefined): void => {
    if (node === undefined || needed.has(node)) return;
    needed.add(node);
    for (const input of inputsOf(node)) need(at.get(input));
  };
  for (const node of nodes) if (node.kind === 'sink') need(node);
  return nodes.filter((node) => needed.has(node));
}

/** Otherwise in the order in which they are given. */
export function inOrder(nodes: readonly PlanNode[]): PlanNode[] {
  const ordered = new Set<PlanNode>();
  const at = byUid(nodes);
  const put = (node: PlanNode | undefined): void => {
    if (node === undefined || ordered.has(node)) return;
    for (const input of inputsOf(node)) put(at.get(input));
    ordered.add(node);
  };
  for (const node of nodes) put(node);
  return [...ordered];
}

const byUid = (nodes: readonly PlanNode[]): ReadonlyMap<Uid, PlanNode> => new Map(nodes.map((node) => [node.uid, node]));
