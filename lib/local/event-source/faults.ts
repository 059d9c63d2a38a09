/** What Lambda's pollers may do and seldom do, as often as a test wants it. */
import type { Runtime } from '../../ports/runtime.ts';

export type FaultKind =
  /** The event comes again after it has succeeded. */
  | 'duplicate'
  /** The event is delivered twice at once, as by two pollers around a rebalance. */
  | 'overlap'
  /** What succeeded is not committed; a later commit covers it, or it comes again. */
  | 'lostCommit'
  /** The commit lands later, also behind newer ones: it sets the group back. */
  | 'lateCommit'
  /** The answer is lost, and the records come again in events of another size. */
  | 'recut';

export interface Faults {
  strikes(kind: FaultKind): boolean;
  /** 0 or more and below `n`. */
  below(n: number): number;
}

export const NO_FAULTS: Faults = { strikes: () => false, below: () => 0 };

/** Shares of 0 to 1, each drawn on its own. */
export function faultsOf(rates: Readonly<Partial<Record<FaultKind, number>>>, runtime: Runtime): Faults {
  const draw = (): number => Number.parseInt(runtime.randomHex(4), 16) / 2 ** 32;
  return { strikes: (kind) => draw() < (rates[kind] ?? 0), below: (n) => Math.floor(draw() * n) };
}
