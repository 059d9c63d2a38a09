/** The entries of a map state: one is read and written without touching the others. */
import type { JsonValue } from '../plan.ts';
import type { Cell, StoredEntry } from './contents.ts';
import { EntryMap } from './entry-map.ts';
import type { Held } from './held.ts';
import type { Lifetime } from './ttl.ts';

export class HeldEntries implements Held {
  readonly #first: Cell & { readonly kind: 'map' };
  readonly #before: EntryMap;
  readonly #lifetime: Lifetime;
  #entries: EntryMap;

  constructor(cell: Cell & { readonly kind: 'map' }, lifetime: Lifetime) {
    this.#first = cell;
    this.#before = EntryMap.from(cell.entries);
    this.#entries = this.#before;
    this.#lifetime = lifetime;
  }

  get isChanged(): boolean {
    return this.#entries !== this.#before;
  }

  cell(): Cell {
    return this.isChanged ? { kind: 'map', entries: this.#entries } : this.#first;
  }

  undo(): () => void {
    const entries = this.#entries;
    return () => (this.#entries = entries);
  }

  /** Null where a read finds no entry; it leaves its mark on the one it finds. */
  read(text: string): StoredEntry | null {
    const entry = this.#entries.get(text);
    if (entry === undefined) return null;
    const left = this.#lifetime.afterRead(entry);
    if (left === null) this.remove(text);
    else if (left !== entry) this.#entries = this.#entries.with(text, { ...entry, ...left });
    return this.#lifetime.isVisible(entry) ? entry : null;
  }

  write(text: string, key: JsonValue, json: JsonValue): void {
    this.#entries = this.#entries.with(text, { key, ...this.#lifetime.stored(json) });
  }

  remove(text: string): void {
    this.#entries = this.#entries.without(text);
  }

  clear(): void {
    if (this.#entries.size > 0) this.#entries = EntryMap.EMPTY;
  }

  /** In the order of the keys, one by one: what the program removes meanwhile is left out, what it adds does not come. */
  *readAll(): Generator<StoredEntry, void> {
    for (const text of this.#entries.keys()) {
      const entry = this.read(text);
      if (entry !== null) yield entry;
    }
  }

  /** A read would find no entry. It leaves no mark. */
  isEmpty(): boolean {
    for (const entry of this.#entries.values()) if (this.#lifetime.isVisible(entry)) return false;
    return true;
  }
}
