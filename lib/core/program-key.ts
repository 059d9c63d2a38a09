/** Where programs lie below the root of objects. */
export const PROGRAMS = 'programs/';

/** `sha`: SHA-256 of the bundle, as `Plan.program` has it. */
export const programKey = (sha: string): string => `${PROGRAMS}${sha}.mjs`;
