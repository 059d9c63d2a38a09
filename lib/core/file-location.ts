/** Locations on the disk as Iceberg stores them: `file:/…`, `file:///…` or a plain path. Nothing is decoded: Iceberg's libraries write paths as they are. */
const FILE = /^(?:file:(?:\/\/)?)?(\/(?!\/).*)$/i;

/** null: the location is somewhere else. */
export const pathOfLocation = (location: string): string | null => FILE.exec(location)?.[1] ?? null;
