import { SluiceError } from '../errors.ts';
import type { JsonValue } from '../plan.ts';
import { decodeStored, encodeStored } from '../stored-value.ts';
import type { ListState } from './descriptor.ts';
import type { HeldList } from './held-list.ts';

/** Flink's ListState: its elements are never null. */
export class HeldListState implements ListState<unknown> {
  readonly #held: HeldList;

  constructor(held: HeldList) {
    this.#held = held;
  }

  get(): unknown[] {
    return this.#held.read().map(decodeStored);
  }

  add(value: unknown): void {
    this.#held.add([elementOf(value)]);
  }

  addAll(values: Iterable<unknown>): void {
    this.#held.add(Array.from(values, elementOf));
  }

  update(values: Iterable<unknown>): void {
    this.#held.write(Array.from(values, elementOf));
  }

  clear(): void {
    this.#held.write([]);
  }
}

function elementOf(value: unknown): JsonValue {
  const json = encodeStored(value);
  if (json !== null) return json;
  throw new SluiceError('STATE_VALUE_INVALID', { message: 'null cannot be added to a ListState', hint: 'leave it out' });
}
