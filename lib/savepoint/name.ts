/** Names of a savepoint's directory and files (protocol 14.1). */
import type { JobId } from '../core/numbers.ts';
import type { Codec, Compression } from '../ports/runtime.ts';

export const METADATA = '_metadata';

/** `savepoint-<6 hex>-<12 hex>`: follows from job and trigger, so that a retried export meets its own directory. */
export function savepointName(codec: Codec, job: JobId, triggerId: string): string {
  return `savepoint-${job.slice(0, 6)}-${codec.sha256(`${job}:${triggerId}`).slice(0, 12)}`;
}

const SUFFIX: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', zstd: '.zst' };

/** A state as a part of file names: programs call theirs as they like. Two that become one here differ in their hashes, since every line has the name. */
export const stateInName = (state: string): string => state.replaceAll(/[^\w-]/g, '_').slice(0, STATE_LENGTH_MAX);

const STATE_LENGTH_MAX = 64;

/** `<what>.<first 16 hex of sha256>.ndjson[.gz|.zst]`; `what` is `<operator>.<state>.<kgLo>-<kgHi>` or `<sink>.pending`. */
export const dataFileName = (what: string, sha256: string, compression: Compression): string =>
  `${what}.${sha256.slice(0, 16)}.ndjson${SUFFIX[compression]}`;

/** True for what `dataFileName` gives: nothing else in the directory is Sluice's to read or to delete. */
export const isDataFile = (name: string): boolean => /^[\w-]+\.[\w-]+(\.\d+-\d+)?\.[0-9a-f]{16}\.ndjson(\.gz|\.zst)?$/.test(name);

export function compressionOf(file: string): Compression {
  if (file.endsWith(SUFFIX.gzip)) return 'gzip';
  return file.endsWith(SUFFIX.zstd) ? 'zstd' : 'none';
}
