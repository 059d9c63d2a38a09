/** All mutants. Every one of them must be caught; those that the simulation cannot tell from the original have tests of their own. */
import { EMISSION } from './emission.ts';
import { GENERATIONS } from './generations.ts';
import { INGEST } from './ingest.ts';
import type { Mutant } from './mutant.ts';
import { RETENTION } from './retention.ts';
import { TIME } from './time.ts';

/** Not caught yet. */
const OPEN: readonly string[] = [
  'emptyIsNew', 'regBeforeInit', 'noCoverageGate', 'unreadIsIdle', 'procTimeRunsBack', 'boundGoesBack', 'barrierBeforeRows', 'hintBeforeCommit', 'writerForgetsLateness',
  'sessionPremerge', 'barrierIgnoresFrozen', 'hintShared', 'groupShared', 'pendingTwice', 'renewAfterEmission', 'keepBehindFrozen', 'noHeadExpiry', 'noRefresh', 'missingIsEmpty',
];

export const ALL: readonly Mutant[] = [...INGEST, ...TIME, ...EMISSION, ...GENERATIONS, ...RETENTION];
export const MUTANTS: readonly Mutant[] = ALL.filter((m) => !OPEN.includes(m.name));

export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (found === undefined) throw new Error(`there is no mutant '${name}'; there are ${MUTANTS.map((m) => m.name).join(', ')}`);
  return found;
}
