/** A mutant: one rule of the protocol broken on purpose, and who has to notice. */
import type { Edit } from './edit.ts';

export interface Defect {
  readonly name: string;
  /** Ids of the rules that it breaks. */
  readonly rule: string;
  /** What it breaks, in one line. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
}

/** The simulation has to notice. */
export interface Mutant extends Defect {
  /** Configuration in which it must be caught. */
  readonly config: string;
  /** Seeds, counted from 1, one of which must catch it. */
  readonly seeds: number;
  /** One of them that has caught it: the test begins there. Absent: one of the first. */
  readonly caughtBy?: number;
}

/** Other rules cover for the broken one in all but rare circumstances, or the simulation has no part in it: a test makes them happen. */
export interface DirectedMutant extends Defect {
  /** Test file that has to turn red. */
  readonly test: string;
}
