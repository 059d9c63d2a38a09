/**
 * The reference of functions that run in the writer (protocol 13.3, stateful partition mode): one per partition, told what each entry of its log took in and to
 * which time it came. What is written is what happened, in the order of the log, whoever wrote it.
 */
import type { KeyedFunction } from '../../../lib/core/process/keyed-function.ts';
import type { SourcePartition } from '../../../lib/core/process/partition-function.ts';
import { MAX_WATERMARK } from '../../../lib/core/watermark.ts';
import { violate } from '../violation.ts';
import { ReferenceFunction } from './reference-function.ts';
import type { FailedRow } from './reference-letters.ts';
import { inOrder } from './reference-partitions.ts';
import type { ReferenceOperator, ReferenceRow } from './reference-window.ts';

/** What an entry says that functions have come to. */
export interface LoggedTime {
  readonly watermark: number;
  readonly procTime: number;
}

interface Within {
  readonly partition: SourcePartition;
  readonly fn: ReferenceFunction;
  /** Processing time that it has come to; it goes on from there in the next generation. */
  readonly at: number;
}

export class ReferenceWithin implements ReferenceOperator {
  readonly late = 0;
  readonly #fn: KeyedFunction;
  readonly #count: (what: string) => void;
  #partitions = new Map<string, Within>();
  #isDrained = false;

  constructor(fn: KeyedFunction, count: (what: string) => void) {
    this.#fn = fn;
    this.#count = count;
  }

  /** Timers: a record that fails is as bad as one that cannot be decoded. */
  get failed(): number {
    return this.#all().reduce((sum, { fn }) => sum + fn.failed, 0);
  }

  copy(): ReferenceWithin {
    const copy = new ReferenceWithin(this.#fn, this.#count);
    copy.#partitions = new Map([...this.#partitions].map(([name, { fn, ...of }]) => [name, { ...of, fn: fn.copy() }]));
    copy.#isDrained = this.#isDrained;
    return copy;
  }

  add(): void {
    throw new Error('rows come with their entries');
  }

  /** What the function gives for the good records of an entry, and for the timers behind them. */
  takeEntry(partition: SourcePartition, rows: readonly ReferenceRow[], { watermark, procTime }: LoggedTime): string[] {
    const name = JSON.stringify(partition);
    const { fn, at } = this.#partitions.get(name) ?? { fn: new ReferenceFunction(this.#fn, this.#count, { firesPassed: true }), at: 0 };
    violate(procTime < at, `I-WM: the function of ${name} goes back to ${procTime}, from ${at} (K3)`);
    this.#partitions.set(name, { partition, fn, at: procTime });
    fn.begin(procTime);
    for (const row of rows) fn.add(row);
    const results = fn.fire(watermark, procTime);
    fn.cleanUp(procTime);
    this.#count(rows.length === 0 ? 'within:time' : 'within:rows');
    return results;
  }

  /** The end of all input: time ends in every partition. */
  fire(watermark: number, procTime: number): string[] {
    if (watermark < MAX_WATERMARK || this.#isDrained) return [];
    this.#isDrained = true;
    return this.#all().flatMap(({ fn }) => {
      fn.begin(procTime);
      const results = fn.fire(watermark, procTime);
      fn.cleanUp(procTime);
      return results;
    });
  }

  sides(): string[] {
    return this.#all().flatMap(({ fn }) => fn.sides());
  }

  failures(): FailedRow[] {
    return this.#all().flatMap(({ partition, fn }) => fn.failures().map((row) => ({ ...row, place: partition })));
  }

  open(): string[] {
    return this.#all().flatMap(({ partition, fn }) => fn.open((key) => JSON.stringify({ ...partition, key }))).sort();
  }

  waiting(): string[] {
    return this.#all().flatMap(({ fn }) => fn.waiting());
  }

  delay(ms: number): void {
    for (const { fn } of this.#all()) fn.delay(ms);
  }

  #all(): Within[] {
    return [...this.#partitions.values()].sort((a, b) => inOrder(a.partition, b.partition));
  }
}
