/** The entries of a MapState of one key, in the order of their keys (`entry-key.ts`): immutable, and cheap to change into another. */
import type { StoredEntry } from './contents.ts';
import { compareEntryTexts, textOf } from './entry-key.ts';
import { besideIn, find, inOrder, put, treeOf, without, type Tree } from './entry-tree.ts';

export class EntryMap implements ReadonlyMap<string, StoredEntry> {
  static readonly EMPTY = new EntryMap(null);
  readonly #tree: Tree | null;

  private constructor(tree: Tree | null) {
    this.#tree = tree;
  }

  static of(entries: Iterable<StoredEntry>): EntryMap {
    const texts = new Map(Array.from(entries, (entry) => [textOf(entry.key), entry]));
    return new EntryMap(treeOf([...texts].toSorted(([a], [b]) => compareEntryTexts(a, b))));
  }

  static from(entries: ReadonlyMap<string, StoredEntry>): EntryMap {
    return entries instanceof EntryMap ? entries : EntryMap.of(entries.values());
  }

  get size(): number {
    return this.#tree?.size ?? 0;
  }

  /** The smallest `at`; Infinity without. */
  get earliest(): number {
    return this.#tree?.earliest ?? Infinity;
  }

  get(text: string): StoredEntry | undefined {
    return find(this.#tree, text);
  }

  has(text: string): boolean {
    return this.get(text) !== undefined;
  }

  with(text: string, entry: StoredEntry): EntryMap {
    return new EntryMap(put(this.#tree, text, entry));
  }

  without(text: string): EntryMap {
    const tree = without(this.#tree, text);
    return tree === this.#tree ? this : new EntryMap(tree);
  }

  /** Entries that the other map does not have, or may have otherwise, each with what that one has. What both share is not looked at. */
  *beside(other: EntryMap): Generator<readonly [StoredEntry, StoredEntry | null], undefined> {
    for (const [{ entry }, same] of besideIn(this.#tree, other.#tree)) {
      if (same?.entry !== entry) yield [entry, same?.entry ?? null];
    }
  }

  *entries(): Generator<[string, StoredEntry], undefined> {
    for (const { text, entry } of inOrder(this.#tree)) yield [text, entry];
  }

  *keys(): Generator<string, undefined> {
    for (const { text } of inOrder(this.#tree)) yield text;
  }

  *values(): Generator<StoredEntry, undefined> {
    for (const { entry } of inOrder(this.#tree)) yield entry;
  }

  forEach(visit: (entry: StoredEntry, text: string, map: ReadonlyMap<string, StoredEntry>) => void): void {
    for (const { text, entry } of inOrder(this.#tree)) visit(entry, text, this);
  }

  [Symbol.iterator](): Generator<[string, StoredEntry], undefined> {
    return this.entries();
  }
}
