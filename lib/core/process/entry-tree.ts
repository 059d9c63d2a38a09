/**
 * Balanced search trees (AVL, as OCaml's Map) that share what they have in common: a change copies one path. A huge map of which one entry changes
 * in a step costs that step a few nodes, and what it was before stays as it was (F3).
 */
import type { StoredEntry } from './contents.ts';
import { compareEntryTexts } from './entry-key.ts';

export interface Tree {
  readonly text: string;
  readonly entry: StoredEntry;
  readonly left: Tree | null;
  readonly right: Tree | null;
  readonly height: number;
  readonly size: number;
  /** The smallest `at` of its entries; Infinity without. */
  readonly earliest: number;
}

export function find(tree: Tree | null, text: string): StoredEntry | undefined {
  for (let at = tree; at !== null; ) {
    const order = compareEntryTexts(text, at.text);
    if (order === 0) return at.entry;
    at = order < 0 ? at.left : at.right;
  }
  return undefined;
}

/** The tree with this entry, in place of one with its text. */
export function put(tree: Tree | null, text: string, entry: StoredEntry): Tree {
  if (tree === null) return node(text, entry, null, null);
  const order = compareEntryTexts(text, tree.text);
  if (order === 0) return node(text, entry, tree.left, tree.right);
  if (order < 0) return balanced(tree, put(tree.left, text, entry), tree.right);
  return balanced(tree, tree.left, put(tree.right, text, entry));
}

/** The tree without the entry of this text; itself where there is none. */
export function without(tree: Tree | null, text: string): Tree | null {
  if (tree === null) return null;
  const order = compareEntryTexts(text, tree.text);
  if (order === 0) return joined(tree.left, tree.right);
  const inner = order < 0 ? tree.left : tree.right;
  const rest = without(inner, text);
  if (rest === inner) return tree;
  return order < 0 ? balanced(tree, rest, tree.right) : balanced(tree, tree.left, rest);
}

/** Of entries in the order of their texts, each once. */
export function treeOf(entries: readonly (readonly [string, StoredEntry])[], from = 0, to = entries.length): Tree | null {
  const middle = (from + to) >> 1;
  const entry = from < to ? entries[middle] : undefined;
  return entry === undefined ? null : node(entry[0], entry[1], treeOf(entries, from, middle), treeOf(entries, middle + 1, to));
}

/** In order. */
export function* inOrder(tree: Tree | null): Generator<Tree, undefined> {
  const path: Tree[] = [];
  for (let at = tree; ; at = at.right) {
    for (; at !== null; at = at.left) path.push(at);
    const next = path.pop();
    if (next === undefined) return;
    yield next;
    at = next;
  }
}

/** What lies left of the root of two trees goes before what lies right of it. */
function joined(left: Tree | null, right: Tree | null): Tree | null {
  if (left === null || right === null) return left ?? right;
  let first = right;
  while (first.left !== null) first = first.left;
  return balanced(first, left, without(right, first.text));
}

const heightOf = (tree: Tree | null): number => tree?.height ?? 0;

function node(text: string, entry: StoredEntry, left: Tree | null, right: Tree | null): Tree {
  const height = 1 + Math.max(heightOf(left), heightOf(right));
  const earliest = Math.min(entry.at ?? Infinity, left?.earliest ?? Infinity, right?.earliest ?? Infinity);
  return { text, entry, left, right, height, size: 1 + (left?.size ?? 0) + (right?.size ?? 0), earliest };
}

/** The root over two trees whose heights differ by two at most, turned so that they differ by one. */
function balanced(root: Tree, left: Tree | null, right: Tree | null): Tree {
  const lean = heightOf(left) - heightOf(right);
  if (lean > 1 && left !== null) return turnedRight(root, left, right);
  if (lean < -1 && right !== null) return turnedLeft(root, left, right);
  return node(root.text, root.entry, left, right);
}

function turnedRight(root: Tree, left: Tree, right: Tree | null): Tree {
  const inner = left.right;
  if (inner === null || heightOf(left.left) >= inner.height) {
    return node(left.text, left.entry, left.left, node(root.text, root.entry, inner, right));
  }
  return node(inner.text, inner.entry, node(left.text, left.entry, left.left, inner.left), node(root.text, root.entry, inner.right, right));
}

function turnedLeft(root: Tree, left: Tree | null, right: Tree): Tree {
  const inner = right.left;
  if (inner === null || heightOf(right.right) >= inner.height) {
    return node(right.text, right.entry, node(root.text, root.entry, left, inner), right.right);
  }
  return node(inner.text, inner.entry, node(root.text, root.entry, left, inner.left), node(right.text, right.entry, inner.right, right.right));
}
