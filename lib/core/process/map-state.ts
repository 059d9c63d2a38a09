import { decodeStored, encodeStored } from '../stored-value.ts';
import type { MapState } from './descriptor.ts';
import { storedKey, textOf } from './entry-key.ts';
import type { HeldEntries } from './held-entries.ts';

/** Flink's MapState. A null in it is a value like any other. */
export class HeldMapState implements MapState<unknown, unknown> {
  readonly #held: HeldEntries;

  constructor(held: HeldEntries) {
    this.#held = held;
  }

  get(key: unknown): unknown {
    const entry = this.#held.read(textOf(storedKey(key)));
    return entry === null ? null : decodeStored(entry.json);
  }

  put(key: unknown, value: unknown): void {
    const json = storedKey(key);
    this.#held.write(textOf(json), json, encodeStored(value));
  }

  putAll(entries: Iterable<readonly [unknown, unknown]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  remove(key: unknown): void {
    this.#held.remove(textOf(storedKey(key)));
  }

  contains(key: unknown): boolean {
    return this.#held.read(textOf(storedKey(key))) !== null;
  }

  *entries(): Generator<[unknown, unknown], undefined> {
    for (const { key, json } of this.#held.readAll()) yield [decodeStored(key), decodeStored(json)];
  }

  *keys(): Generator<unknown, undefined> {
    for (const { key } of this.#held.readAll()) yield decodeStored(key);
  }

  *values(): Generator<unknown, undefined> {
    for (const { json } of this.#held.readAll()) yield decodeStored(json);
  }

  isEmpty(): boolean {
    return this.#held.isEmpty();
  }

  clear(): void {
    this.#held.clear();
  }
}
