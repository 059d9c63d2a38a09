/** The reference of an aggregation without a window: each row changes the result of its key, which is taken back first (Flink's GroupAggFunction). */
import { sumText, type ReferenceOperator, type ReferenceRow, type WindowSum } from './reference-window.ts';

/** In the place of the end of a window: what kind of change a row is. */
export const CHANGES = { '+I': 0, '-U': 1, '+U': 2 } as const;

export class ReferenceGroups implements ReferenceOperator {
  readonly late = 0;
  #groups = new Map<string, WindowSum>();
  #changes: string[] = [];

  copy(): ReferenceGroups {
    const copy = new ReferenceGroups();
    copy.#groups = new Map(this.#groups);
    return copy;
  }

  add({ key, amount }: ReferenceRow): void {
    const before = this.#groups.get(key);
    const after = { key, start: 0, end: 0, rows: (before?.rows ?? 0) + 1, amount: (before?.amount ?? 0) + amount };
    this.#groups.set(key, after);
    if (before === undefined) this.#tell(after, '+I');
    else {
      this.#tell(before, '-U');
      this.#tell(after, '+U');
    }
  }

  fire(): string[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  open(): string[] {
    return [...this.#groups.values()].map(sumText).sort();
  }

  #tell(group: WindowSum, kind: keyof typeof CHANGES): void {
    this.#changes.push(sumText({ ...group, end: CHANGES[kind] }));
  }
}
