/** The last so many of what came. */
export class Ring<T> {
  readonly #max: number;
  #items: T[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get newest(): T | null {
    return this.#items.at(-1) ?? null;
  }

  /** The oldest ones go together, a quarter of the room at a time, so that most additions move nothing. */
  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.#max * 1.25) this.#items = this.#items.slice(-this.#max);
  }

  /** Oldest first. */
  all(): readonly T[] {
    return this.#items.slice(-this.#max);
  }
}
