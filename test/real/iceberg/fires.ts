/** The FIREs that firers emit: every third one has no rows. */
export const FIRES = 200;

export const hasRows = (f: number): boolean => f % 3 !== 0;
export const predecessor = (f: number): number | null => (f === 1 ? null : hasRows(f - 1) ? f - 1 : f - 2);
export const valuesAt = (f: number): string[] => (hasRows(f) ? [`f${f}a`, `f${f}b`] : []);

/** All rows, in order. */
export const ALL_VALUES: readonly string[] = Array.from({ length: FIRES }, (_, i) => valuesAt(i + 1)).flat();
