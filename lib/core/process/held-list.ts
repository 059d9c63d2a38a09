/** The elements of a list state: what is added lies behind what was there, so that an add copies nothing. */
import type { JsonValue } from '../plan.ts';
import type { Cell, Stored } from './contents.ts';
import type { Held } from './held.ts';
import type { Lifetime } from './ttl.ts';

export class HeldList implements Held {
  readonly #first: Cell & { readonly kind: 'list' };
  readonly #lifetime: Lifetime;
  #items: readonly Stored[];
  /** Behind `#items`. */
  #added: Stored[] = [];

  constructor(cell: Cell & { readonly kind: 'list' }, lifetime: Lifetime) {
    this.#first = cell;
    this.#items = cell.items;
    this.#lifetime = lifetime;
  }

  get isChanged(): boolean {
    return this.#items !== this.#first.items || this.#added.length > 0;
  }

  cell(): Cell {
    return this.isChanged ? { kind: 'list', items: this.#all() } : this.#first;
  }

  undo(): () => void {
    const [items, added, length] = [this.#items, this.#added, this.#added.length];
    return () => {
      this.#items = items;
      this.#added = added;
      added.length = length;
    };
  }

  /**
   * Without renewal, expired elements stay as long as one is not; with it they go at once, and if none is left the list is cleared either way
   * (TtlListState.get).
   */
  read(): readonly JsonValue[] {
    const items = this.#all();
    const live = items.filter((item) => !this.#lifetime.isExpired(item));
    if (items.length > 0 && live.length === 0) this.#replace([]);
    else if (this.#lifetime.renewsOnRead) this.#renew(live, items.length);
    return items.filter((item) => this.#lifetime.isVisible(item)).map(({ json }) => json);
  }

  #renew(live: readonly Stored[], before: number): void {
    const renewed = live.map((item) => this.#lifetime.afterRead(item) ?? item);
    if (live.length < before || renewed.some((item, i) => item !== live[i])) this.#replace(renewed);
  }

  add(values: readonly JsonValue[]): void {
    for (const json of values) this.#added.push(this.#lifetime.stored(json));
  }

  write(values: readonly JsonValue[]): void {
    if (values.length > 0 || this.#items.length > 0 || this.#added.length > 0) this.#replace(values.map((json) => this.#lifetime.stored(json)));
  }

  #all(): readonly Stored[] {
    return this.#added.length === 0 ? this.#items : [...this.#items, ...this.#added];
  }

  #replace(items: readonly Stored[]): void {
    this.#items = items;
    this.#added = [];
  }
}
