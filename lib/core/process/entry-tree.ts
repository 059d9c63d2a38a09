/** The tree of the entries of a MapState (`balanced-tree.ts`), by the texts of their keys. */
import * as balanced from './balanced-tree.ts';
import type { StoredEntry } from './contents.ts';
import { compareEntryTexts } from './entry-key.ts';

export interface Tree extends balanced.TreeNode<Tree> {
  readonly text: string;
  readonly entry: StoredEntry;
  readonly size: number;
  /** The smallest `at` of its entries; Infinity without. */
  readonly earliest: number;
}

const ENTRIES: balanced.TreeKind<Tree, string> = {
  keyOf: ({ text }) => text,
  compare: (text, node) => compareEntryTexts(text, node.text),
  over: ({ text, entry }, left, right) => node(text, entry, left, right),
};

export const find = (tree: Tree | null, text: string): StoredEntry | undefined => balanced.find(ENTRIES, tree, text)?.entry;

/** The tree with this entry, in place of one with its text. */
export const put = (tree: Tree | null, text: string, entry: StoredEntry): Tree => balanced.put(ENTRIES, tree, text, node(text, entry, null, null));

/** The tree without the entry of this text; itself where there is none. */
export const without = (tree: Tree | null, text: string): Tree | null => balanced.without(ENTRIES, tree, text);

/** Of entries in the order of their texts, each once. */
export function treeOf(entries: readonly (readonly [string, StoredEntry])[]): Tree | null {
  return balanced.treeOf(ENTRIES, entries.map(([text, entry]) => node(text, entry, null, null)));
}

/** See `balanced.besideIn`. */
export const besideIn = (tree: Tree | null, other: Tree | null): Generator<readonly [Tree, Tree | null], undefined> => balanced.besideIn(ENTRIES, tree, other);

/** In order. */
export const inOrder = (tree: Tree | null): Generator<Tree, undefined> => balanced.inOrder(tree);

function node(text: string, entry: StoredEntry, left: Tree | null, right: Tree | null): Tree {
  const earliest = Math.min(entry.at ?? Infinity, left?.earliest ?? Infinity, right?.earliest ?? Infinity);
  return { text, entry, left, right, height: balanced.heightOver(left, right), size: 1 + (left?.size ?? 0) + (right?.size ?? 0), earliest };
}
