/** Seeded randomness: every choice of a run comes from here, so that a seed replays. (mulberry32) */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761) >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    return this.#draw() / 4294967296;
  }

  /** Integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Integer in [from, to). */
  between(from: number, to: number): number {
    return from + this.below(to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  hex(bytes: number): string {
    let text = '';
    while (text.length < bytes * 2) text += this.#draw().toString(16).padStart(8, '0');
    return text.slice(0, bytes * 2);
  }

  /** 32 bits. */
  #draw(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
}
