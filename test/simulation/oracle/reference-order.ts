/** The references of ORDER BY time and of LIMIT (Flink's RowTimeSortOperator and StreamExecLimit), naive and per row. */
import { ALL_KEYS } from '../shape.ts';
import { sumText, type ReferenceOperator, type ReferenceRow, type WindowSum } from './reference-window.ts';

/** The rows of a key and an instant are one sum. Late is what comes behind an instant that was given. */
export class ReferenceSort implements ReferenceOperator {
  late = 0;
  #waiting: readonly WindowSum[] = [];
  #given = Number.NEGATIVE_INFINITY;
  #watermark = Number.NEGATIVE_INFINITY;

  copy(): ReferenceSort {
    const copy = new ReferenceSort();
    copy.late = this.late;
    copy.#waiting = this.#waiting;
    copy.#given = this.#given;
    copy.#watermark = this.#watermark;
    return copy;
  }

  add({ key, time, amount }: ReferenceRow): void {
    if (time <= this.#given) return void this.late++;
    const same = this.#waiting.find((sum) => sum.key === key && sum.start === time) ?? { key, start: time, end: time + 1, rows: 0, amount: 0 };
    this.#waiting = [...this.#waiting.filter((sum) => sum !== same), { ...same, rows: same.rows + 1, amount: same.amount + amount }];
  }

  fire(watermark: number): string[] {
    if (watermark <= this.#watermark) return [];
    this.#watermark = watermark;
    const due = this.#waiting.filter(({ start }) => start <= watermark);
    this.#waiting = this.#waiting.filter(({ start }) => start > watermark);
    this.#given = Math.max(this.#given, ...due.map(({ start }) => start));
    return due.map(sumText);
  }

  open(): string[] {
    return this.#waiting.map(sumText).sort();
  }
}

/** The rows between two numbers, of all keys. */
export class ReferenceLimit implements ReferenceOperator {
  readonly late = 0;
  readonly #limit: { readonly offset: number; readonly count: number };
  #rows = 0;
  #taken: string[] = [];

  constructor(limit: { readonly offset: number; readonly count: number }) {
    this.#limit = limit;
  }

  copy(): ReferenceLimit {
    const copy = new ReferenceLimit(this.#limit);
    copy.#rows = this.#rows;
    return copy;
  }

  add({ amount }: ReferenceRow): void {
    const { offset, count } = this.#limit;
    if (this.#rows >= offset + count) return;
    this.#rows++;
    if (this.#rows > offset) this.#taken.push(sumText({ key: ALL_KEYS, start: 0, end: 0, rows: 1, amount }));
  }

  fire(): string[] {
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }

  open(): string[] {
    return this.#rows === 0 ? [] : [sumText({ key: ALL_KEYS, start: 0, end: 0, rows: this.#rows, amount: 0 })];
  }
}
