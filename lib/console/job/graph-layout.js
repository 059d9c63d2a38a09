/** Where the nodes of a plan stand: sources first, each node in a row of its own behind all that it reads. */

/** @import { PlanGraph } from '../types.js' */

/** @typedef {{ readonly uid: string, readonly x: number, readonly y: number }} Box */
/** @typedef {{ readonly from: string, readonly to: string, readonly path: string }} Edge */
/** @typedef {{ readonly boxes: readonly Box[], readonly edges: readonly Edge[], readonly width: number, readonly height: number }} Layout */
/** @typedef {{ readonly width: number, readonly height: number, readonly along: number, readonly across: number, readonly isDown: boolean }} Measures */

/** @param {PlanGraph['nodes']} nodes in topological order @param {Measures} measures of a box and the space between two, px @returns {Layout} */
export function layoutOf(nodes, measures) {
  const ranks = ranksOf(nodes);
  /** @type {string[][]} */
  const rows = [];
  for (const { uid } of nodes) (rows[ranks.get(uid) ?? 0] ??= []).push(uid);
  const widest = Math.max(1, ...rows.map((row) => row.length));
  const { width, height, along, across, isDown } = measures;
  const [wide, deep] = isDown ? [width, height] : [height, width];
  const boxes = rows.flatMap((row, rank) =>
    row.map((uid, i) => {
      const side = (i + (widest - row.length) / 2) * (wide + across);
      const depth = rank * (deep + along);
      return { uid, x: isDown ? side : depth, y: isDown ? depth : side };
    }),
  );
  const size = { across: widest * (wide + across) - across, along: rows.length * (deep + along) - along };
  return { boxes, edges: edgesOf(nodes, boxes, measures), width: isDown ? size.across : size.along, height: isDown ? size.along : size.across };
}

/** The longest way from a source. @param {PlanGraph['nodes']} nodes @returns {Map<string, number>} */
function ranksOf(nodes) {
  /** @type {Map<string, number>} */
  const ranks = new Map();
  for (const { uid, inputs } of nodes) ranks.set(uid, Math.max(0, ...inputs.map((input) => (ranks.get(input) ?? -1) + 1)));
  return ranks;
}

/** @param {PlanGraph['nodes']} nodes @param {readonly Box[]} boxes @param {Measures} measures @returns {Edge[]} */
function edgesOf(nodes, boxes, { width, height, along, isDown }) {
  const byUid = new Map(boxes.map((box) => [box.uid, box]));
  return nodes.flatMap(({ uid, inputs }) =>
    inputs.flatMap((input) => {
      const [from, to] = [byUid.get(input), byUid.get(uid)];
      if (from === undefined || to === undefined) return [];
      const start = isDown ? { x: from.x + width / 2, y: from.y + height } : { x: from.x + width, y: from.y + height / 2 };
      const end = isDown ? { x: to.x + width / 2, y: to.y } : { x: to.x, y: to.y + height / 2 };
      const bend = along / 2;
      const curve = isDown ? `C${start.x} ${start.y + bend} ${end.x} ${end.y - bend}` : `C${start.x + bend} ${start.y} ${end.x - bend} ${end.y}`;
      return [{ from: input, to: uid, path: `M${start.x} ${start.y}${curve} ${end.x} ${end.y}` }];
    }),
  );
}
