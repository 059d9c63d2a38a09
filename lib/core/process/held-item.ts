/** The one item of a value, reducing or aggregating state. */
import type { JsonValue } from '../plan.ts';
import type { Cell, Stored } from './contents.ts';
import type { Held } from './held.ts';
import type { Lifetime } from './ttl.ts';

export class HeldItem implements Held {
  readonly #first: Cell & { readonly kind: 'single' };
  readonly #lifetime: Lifetime;
  #item: Stored | null;

  constructor(cell: Cell & { readonly kind: 'single' }, lifetime: Lifetime) {
    this.#first = cell;
    this.#item = cell.item;
    this.#lifetime = lifetime;
  }

  get isChanged(): boolean {
    return this.#item !== this.#first.item;
  }

  cell(): Cell {
    return this.isChanged ? { kind: 'single', item: this.#item } : this.#first;
  }

  undo(): () => void {
    const item = this.#item;
    return () => (this.#item = item);
  }

  /** What a read gives, and it leaves its mark (AbstractTtlDecorator.getWrappedWithTtlCheckAndUpdate). Null without. */
  read(): JsonValue {
    const json = this.visible();
    if (this.#item !== null) this.#item = this.#lifetime.afterRead(this.#item);
    return json;
  }

  /** What a read would give (AbstractTtlDecorator.getUnexpired). */
  visible(): JsonValue {
    return this.#item !== null && this.#lifetime.isVisible(this.#item) ? this.#item.json : null;
  }

  /** Null clears. */
  write(json: JsonValue): void {
    this.#item = json === null ? null : this.#lifetime.stored(json);
  }
}
