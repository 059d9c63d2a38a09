/** The mutants that the simulation catches, and all by name. */
import { DIRECTED } from './directed.ts';
import { EMISSION } from './emission.ts';
import { FUNCTIONS } from './functions.ts';
import { GENERATIONS } from './generations.ts';
import { INGEST } from './ingest.ts';
import type { Defect, Mutant } from './mutant.ts';
import { PARTITIONS } from './partitions.ts';
import { RETENTION } from './retention.ts';
import { TIME } from './time.ts';
import { WITHIN } from './within.ts';

export const MUTANTS: readonly Mutant[] = [...INGEST, ...TIME, ...EMISSION, ...GENERATIONS, ...RETENTION, ...FUNCTIONS, ...PARTITIONS, ...WITHIN];

export function mutantNamed(name: string): Defect {
  const all = [...MUTANTS, ...DIRECTED];
  const found = all.find((mutant) => mutant.name === name);
  if (found === undefined) throw new Error(`there is no mutant '${name}'; there are ${all.map((m) => m.name).join(', ')}`);
  return found;
}
