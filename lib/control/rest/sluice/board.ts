/** What is known now, by key, and in which version of all it has changed last. */

interface Entry<T> {
  readonly text: string;
  readonly value: T;
  readonly version: number;
}

export class Board<T> {
  #version = 0;
  readonly #entries = new Map<string, Entry<T>>();

  get size(): number {
    return this.#entries.size;
  }

  /** What is there already stays as it is. Values are JSON. */
  put(key: string, value: T): void {
    const text = JSON.stringify(value);
    if (this.#entries.get(key)?.text !== text) this.#entries.set(key, { text, value, version: ++this.#version });
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** What has changed behind a version; 0: all. */
  since(version: number): { readonly values: readonly T[]; readonly version: number } {
    return { values: [...this.#entries.values()].filter((entry) => entry.version > version).map(({ value }) => value), version: this.#version };
  }
}
