import { decodeStored, encodeStored } from '../stored-value.ts';
import type { ValueState } from './descriptor.ts';
import type { HeldItem } from './held-item.ts';

/** Flink's ValueState. */
export class HeldValueState implements ValueState<unknown> {
  readonly #held: HeldItem;
  readonly #initial: unknown;

  constructor(held: HeldItem, initial: unknown) {
    this.#held = held;
    this.#initial = initial;
  }

  value(): unknown {
    // The program may change what it gets: a copy.
    return decodeStored(this.#held.read() ?? encodeStored(this.#initial));
  }

  update(value: unknown): void {
    this.#held.write(encodeStored(value));
  }

  clear(): void {
    this.#held.write(null);
  }
}
