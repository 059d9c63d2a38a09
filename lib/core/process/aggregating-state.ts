import { decodeStored, encodeStored } from '../stored-value.ts';
import type { AggregateFunction } from './aggregate-function.ts';
import type { AggregatingState } from './descriptor.ts';
import type { HeldItem } from './held-item.ts';

type Aggregate = AggregateFunction<unknown, unknown, unknown>;

/** Flink's AggregatingState: what it keeps is the accumulator. */
export class HeldAggregatingState implements AggregatingState<unknown, unknown> {
  readonly #held: HeldItem;
  readonly #aggregate: Aggregate;

  constructor(held: HeldItem, aggregate: Aggregate) {
    this.#held = held;
    this.#aggregate = aggregate;
  }

  get(): unknown {
    const accumulator = this.#held.read();
    return accumulator === null ? null : this.#aggregate.getResult(decodeStored(accumulator));
  }

  /** null clears (HeapAggregatingState). An expired accumulator counts only where reads give it (TtlAggregateFunction). */
  add(value: unknown): void {
    if (value === null || value === undefined) return this.clear();
    const before = this.#held.visible();
    const accumulator = before === null ? this.#aggregate.createAccumulator() : decodeStored(before);
    this.#held.write(encodeStored(this.#aggregate.add(accumulator, value)));
  }

  clear(): void {
    this.#held.write(null);
  }
}
