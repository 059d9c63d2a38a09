/** What stands above what in a plan. */

/** @import { PlanGraph } from '../types.js' */

/** The uids of all nodes that a node reads, however far above. @param {PlanGraph} plan @param {string} uid @returns {Set<string>} */
export function above(plan, uid) {
  const inputs = new Map(plan.nodes.map((node) => [node.uid, node.inputs]));
  /** @type {Set<string>} */
  const seen = new Set();
  const waiting = [uid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const input of inputs.get(next) ?? []) {
      if (!seen.has(input)) waiting.push(input);
      seen.add(input);
    }
  }
  return seen;
}
