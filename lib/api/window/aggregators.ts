/** Aggregators that are there already. Each is a Flink AggregateFunction; `combine` makes one of several. */
// oxlint-disable no-restricted-globals -- a Date is a value here, never a clock
import type { AggregateFunction } from '../../core/process/aggregate-function.ts';

/** How many values there are. */
export const count = <In>(): AggregateFunction<In, number, number> => ({
  name: 'count',
  createAccumulator: () => 0,
  add: (n) => n + 1,
  getResult: (n) => n,
  merge: (a, b) => a + b,
});

/** The sum of a number of each value. */
export const sum = <In>(of: (value: In) => number): AggregateFunction<In, number, number> => ({
  name: 'sum',
  createAccumulator: () => 0,
  add: (total, value) => total + of(value),
  getResult: (total) => total,
  merge: (a, b) => a + b,
});

/** Total and count. */
interface Mean {
  readonly total: number;
  readonly count: number;
}

/** The mean of a number of each value. */
export const avg = <In>(of: (value: In) => number): AggregateFunction<In, Mean, number> => ({
  name: 'avg',
  createAccumulator: () => ({ total: 0, count: 0 }),
  add: ({ total, count: n }, value) => ({ total: total + of(value), count: n + 1 }),
  getResult: ({ total, count: n }) => total / n,
  merge: (a, b) => ({ total: a.total + b.total, count: a.count + b.count }),
});

/** What can be compared with `<`. */
export type Comparable = number | bigint | string | Date;

/** The smallest of one thing of each value. */
export const min = <In, C extends Comparable>(of: (value: In) => C): AggregateFunction<In, C | null, C> => extreme('min', of, (a, b) => a < b);

/** The largest of one thing of each value. */
export const max = <In, C extends Comparable>(of: (value: In) => C): AggregateFunction<In, C | null, C> => extreme('max', of, (a, b) => a > b);

/** Of equal ones the first stays. */
function extreme<In, C extends Comparable>(name: string, of: (value: In) => C, isBetter: (a: C, b: C) => boolean): AggregateFunction<In, C | null, C> {
  const better = (best: C | null, next: C): C => (best === null || isBetter(next, best) ? next : best);
  return {
    name,
    createAccumulator: () => null,
    add: (best, value) => better(best, of(value)),
    getResult: (best) => present(best),
    merge: (a, b) => (b === null ? a : better(a, b)),
  };
}

/** The values themselves, in the order in which they came. All that is in the window is kept: `map` them to what is needed before. */
export const collect = <In>(): AggregateFunction<In, In[], In[]> => ({
  name: 'collect',
  createAccumulator: () => [],
  add: (items, value) => {
    items.push(value);
    return items;
  },
  getResult: (items) => items,
  merge: (a, b) => [...a, ...b],
});

/** Of several at once, by name: `combine({ total: sum((p) => p.amount), n: count() })`. One that is added later begins with what comes then. */
export function combine<In, Results extends object>(parts: { readonly [Name in keyof Results]: AggregateFunction<In, unknown, Results[Name]> }): AggregateFunction<In, Accumulators, Results> {
  const all = Object.entries<AggregateFunction<In, unknown, unknown>>(parts);
  const fresh = (): Accumulators => Object.fromEntries(all.map(([name, part]) => [name, part.createAccumulator()]));
  return {
    name: 'combine',
    createAccumulator: fresh,
    add: (accumulators, value) => eachOf(all, (name, part) => part.add(name in accumulators ? accumulators[name] : part.createAccumulator(), value)),
    getResult: (accumulators) => eachOf<In, Results>(all, (name, part) => part.getResult(name in accumulators ? accumulators[name] : part.createAccumulator())),
    merge: (a, b) => eachOf(all, (name, part) => (name in a && name in b ? part.merge(a[name], b[name]) : name in a ? a[name] : b[name])),
  };
}

/** By name; those of parts that the program had not yet are missing. */
export type Accumulators = Readonly<Record<string, unknown>>;

/** An object with what each part gives, under its name. */
function eachOf<In, Out extends object>(parts: readonly (readonly [string, AggregateFunction<In, unknown, unknown>])[], of: (name: string, part: AggregateFunction<In, unknown, unknown>) => unknown): Out {
  return Object.fromEntries(parts.map(([name, part]) => [name, of(name, part)])) as Out;
}

/** A window has values: results are of one at least. */
function present<C>(best: C | null): C {
  if (best === null) throw new TypeError('a window without values has no extreme');
  return best;
}
