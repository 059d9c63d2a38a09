/** The alias `<job>-g<g>` of a function: the name by which an invocation says which generation it is for (protocol I1). */
import type { Generation, JobId } from '../../core/numbers.ts';

export const aliasName = ({ job, g }: { readonly job: JobId; readonly g: Generation }): string => `${job}-g${g}`;
