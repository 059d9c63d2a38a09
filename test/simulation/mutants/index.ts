/** All mutants. Every one of them must be caught; those that the simulation cannot tell from the original have tests of their own. */
import { EMISSION } from './emission.ts';
import { GENERATIONS } from './generations.ts';
import { INGEST } from './ingest.ts';
import type { Mutant } from './mutant.ts';
import { RETENTION } from './retention.ts';
import { TIME } from './time.ts';

/** Not caught yet. */
const OPEN: readonly string[] = [
  'noGapCheck', 'noTopicCheck', 'emptyIsNew', 'regBeforeInit', 'regBehindClose', 'noCoverageGate',
  'unreadIsIdle', 'procTimeRunsBack', 'boundGoesBack', 'barrierBeforeRows', 'operatorGoesBack', 'idleSourceHolds', 'hintBeforeCommit', 'writerForgetsLateness', 'sessionPremerge',
  'chainUnchecked', 'coordinatorChainUnchecked', 'noFence', 'fenceIgnored', 'restoreTwice', 'barrierIgnoresFrozen', 'noFreeze', 'controlUnconditional', 'hintShared', 'groupShared', 'chunksShared',
  'pendingForgotten', 'pendingLost', 'pendingTwice',
  'noAgeGuards', 'onlyG1', 'renewAfterEmission', 'keepBehindFrozen', 'noHeadExpiry', 'noSecondLook', 'oneClock', 'dirtyLost', 'noRefresh', 'missingIsEmpty', 'truncHead', 'eagerSweep', 'noClockCheck',
];

export const MUTANTS: readonly Mutant[] = [...INGEST, ...TIME, ...EMISSION, ...GENERATIONS, ...RETENTION].filter((m) => !OPEN.includes(m.name));

export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (found === undefined) throw new Error(`there is no mutant '${name}'; there are ${MUTANTS.map((m) => m.name).join(', ')}`);
  return found;
}
