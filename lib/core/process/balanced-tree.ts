/**
 * Balanced search trees (AVL, as OCaml's Map) that share what they have in common: a change copies one path. A huge map or set of which little changes in a
 * step costs that step a few nodes, and what it was before stays as it was (F3).
 */

export interface TreeNode<N> {
  readonly left: N | null;
  readonly right: N | null;
  readonly height: number;
}

/** What one kind of tree holds, and how it is ordered. */
export interface TreeKind<N extends TreeNode<N>, K> {
  keyOf(node: N): K;
  /** Below 0 where the key stands left of the node, 0 where it is its own. */
  compare(key: K, node: N): number;
  /** What the node holds, over these two. */
  over(node: N, left: N | null, right: N | null): N;
}

export const heightOver = (left: TreeNode<unknown> | null, right: TreeNode<unknown> | null): number => 1 + Math.max(left?.height ?? 0, right?.height ?? 0);

/** The node of a key; null without. */
export function find<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, tree: N | null, key: K): N | null {
  for (let at = tree; at !== null; ) {
    const order = kind.compare(key, at);
    if (order === 0) return at;
    at = order < 0 ? at.left : at.right;
  }
  return null;
}

/** The tree with what `leaf`, a node of this key, holds; it takes the place of what the key had. */
export function put<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, tree: N | null, key: K, leaf: N): N {
  if (tree === null) return leaf;
  const order = kind.compare(key, tree);
  if (order === 0) return kind.over(leaf, tree.left, tree.right);
  if (order < 0) return balanced(kind, tree, put(kind, tree.left, key, leaf), tree.right);
  return balanced(kind, tree, tree.left, put(kind, tree.right, key, leaf));
}

/** The tree without this key; itself where it has none. */
export function without<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, tree: N | null, key: K): N | null {
  if (tree === null) return null;
  const order = kind.compare(key, tree);
  if (order === 0) return joined(kind, tree.left, tree.right);
  const inner = order < 0 ? tree.left : tree.right;
  const rest = without(kind, inner, key);
  if (rest === inner) return tree;
  return order < 0 ? balanced(kind, tree, rest, tree.right) : balanced(kind, tree, tree.left, rest);
}

/** Of leaves in the order of their keys, each key once. */
export function treeOf<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, leaves: readonly N[], from = 0, to = leaves.length): N | null {
  const middle = (from + to) >> 1;
  const leaf = from < to ? leaves[middle] : undefined;
  return leaf === undefined ? null : kind.over(leaf, treeOf(kind, leaves, from, middle), treeOf(kind, leaves, middle + 1, to));
}

export function firstOf<N extends TreeNode<N>>(tree: N): N {
  let first = tree;
  while (first.left !== null) first = first.left;
  return first;
}

/** In order. */
export function* inOrder<N extends TreeNode<N>>(tree: N | null): Generator<N, undefined> {
  const path: N[] = [];
  for (let at = tree; ; at = at.right) {
    for (; at !== null; at = at.left) path.push(at);
    const next = path.pop();
    if (next === undefined) return;
    yield next;
    at = next;
  }
}

/** The nodes in whose place the other tree has none, or another, with that one. What both share is not looked at: it takes as long as there are changes between them. */
export function* besideIn<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, tree: N | null, other: N | null): Generator<readonly [N, N | null], undefined> {
  if (tree === null) return;
  const same = find(kind, other, kind.keyOf(tree));
  if (same === tree) return;
  yield* besideIn(kind, tree.left, other);
  yield [tree, same];
  yield* besideIn(kind, tree.right, other);
}

/** What lies left of the root of two trees goes before what lies right of it. */
function joined<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, left: N | null, right: N | null): N | null {
  if (left === null || right === null) return left ?? right;
  return balanced(kind, firstOf(right), left, withoutFirst(kind, right));
}

function withoutFirst<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, tree: N): N | null {
  return tree.left === null ? tree.right : balanced(kind, tree, withoutFirst(kind, tree.left), tree.right);
}

/** The root over two trees whose heights differ by two at most, turned so that they differ by one. */
function balanced<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, root: N, left: N | null, right: N | null): N {
  const lean = (left?.height ?? 0) - (right?.height ?? 0);
  if (lean > 1 && left !== null) return turnedRight(kind, root, left, right);
  if (lean < -1 && right !== null) return turnedLeft(kind, root, left, right);
  return kind.over(root, left, right);
}

function turnedRight<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, root: N, left: N, right: N | null): N {
  const inner = left.right;
  if (inner === null || (left.left?.height ?? 0) >= inner.height) return kind.over(left, left.left, kind.over(root, inner, right));
  return kind.over(inner, kind.over(left, left.left, inner.left), kind.over(root, inner.right, right));
}

function turnedLeft<N extends TreeNode<N>, K>(kind: TreeKind<N, K>, root: N, left: N | null, right: N): N {
  const inner = right.left;
  if (inner === null || (right.right?.height ?? 0) >= inner.height) return kind.over(right, kind.over(root, left, inner), right.right);
  return kind.over(inner, kind.over(root, left, inner.left), kind.over(right, inner.right, right.right));
}
