/** The alias `<job>-g<g>` of a function: the name by which an invocation says which generation it is for (protocol I1). */
import { generation, jobId } from '../../core/numbers.ts';
import type { GenerationName } from '../../ports/consumers.ts';

export const aliasName = ({ job, g }: GenerationName): string => `${job}-g${g}`;

const NAME = /^([0-9a-f]{32})-g(\d{1,4})$/;
const GENERATION_MAX = 8191;

/** Null for a name of somebody else's. */
export function generationIn(name: string): GenerationName | null {
  const [, job, g] = NAME.exec(name) ?? [];
  return job === undefined || Number(g) > GENERATION_MAX ? null : { job: jobId(job), g: generation(Number(g)) };
}
