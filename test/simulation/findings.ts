/** What the functions of simulated jobs take in and give, and what they compute it by. */
import type { KeyContext } from '../../lib/core/process/keyed-function.ts';

/** What a function takes in. */
export interface Purchase {
  readonly key: string;
  /** Different in every record. */
  readonly amount: number;
}

/** What it gives. */
export interface Finding extends Purchase {
  /** A time, epoch ms. */
  readonly at: number;
  readonly rows: number;
}

/** Of every function. */
export const SIDE = { name: 'side' };

/** One number for several: it changes with each of them. */
export const digest = (...numbers: readonly number[]): number => numbers.reduce((sum, n) => (sum * 31 + n) % 1_000_003, 7);
export const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
export const timeOf = ({ timestamp }: Pick<KeyContext, 'timestamp'>): number => timestamp ?? 0;

/** Elements and entries that are kept. */
export const KEPT = 3;
