/** All mutants. Every one of them must be caught; those that the simulation cannot tell from the original have tests of their own. */
import { INGEST } from './ingest.ts';
import type { Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [...INGEST];

export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (found === undefined) throw new Error(`there is no mutant '${name}'; there are ${MUTANTS.map((m) => m.name).join(', ')}`);
  return found;
}
