import { decodeStored, encodeStored } from '../stored-value.ts';
import type { ReducingState } from './descriptor.ts';
import type { HeldItem } from './held-item.ts';

type Reduce = (a: unknown, b: unknown) => unknown;

/** Flink's ReducingState. */
export class HeldReducingState implements ReducingState<unknown> {
  readonly #held: HeldItem;
  readonly #reduce: Reduce;

  constructor(held: HeldItem, reduce: Reduce) {
    this.#held = held;
    this.#reduce = reduce;
  }

  get(): unknown {
    return decodeStored(this.#held.read());
  }

  /** The first value is kept as it is; null clears (HeapReducingState). An expired value counts only where reads give it (TtlReduceFunction). */
  add(value: unknown): void {
    const before = this.#held.visible();
    const json = encodeStored(value);
    const isReduced = before !== null && json !== null;
    // Copies go in: the function may keep or change what it gets.
    this.#held.write(isReduced ? encodeStored(this.#reduce(decodeStored(before), decodeStored(json))) : json);
  }

  clear(): void {
    this.#held.write(null);
  }
}
