/** A mutant: one rule of the protocol broken on purpose, and where the simulation has to notice. */
import type { Edit } from './edit.ts';

export interface Mutant {
  readonly name: string;
  /** Ids of the rules that it breaks. */
  readonly rule: string;
  /** What it breaks, in one line. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  /** Configuration in which it must be caught. */
  readonly config: string;
  /** Seeds, counted from 1, one of which must catch it. */
  readonly seeds: number;
}
