/** The reference store of consumer positions. */
import type { Offset } from '../../core/numbers.ts';
import type { Offsets } from '../../ports/source.ts';

export class MemoryOffsets implements Offsets {
  readonly #positions = new Map<string, Offset>();

  async commit(group: string, topic: string, partition: number, next: Offset): Promise<void> {
    this.#positions.set(keyOf(group, topic, partition), next);
  }

  async committed(group: string, topic: string, partition: number): Promise<Offset | null> {
    return this.#positions.get(keyOf(group, topic, partition)) ?? null;
  }
}

const keyOf = (group: string, topic: string, partition: number): string => JSON.stringify([group, topic, partition]);
