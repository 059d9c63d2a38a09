/** Names of a savepoint's directory and files (protocol 14.1). */
import type { JobId } from '../core/numbers.ts';
import type { Codec, Compression } from '../ports/runtime.ts';

export const METADATA = '_metadata';

/** `savepoint-<6 hex>-<12 hex>`: follows from job and trigger, so that a retried export meets its own directory. */
export function savepointName(codec: Codec, job: JobId, triggerId: string): string {
  return `savepoint-${job.slice(0, 6)}-${codec.sha256(`${job}:${triggerId}`).slice(0, 12)}`;
}

const SUFFIX: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', zstd: '.zst' };

/** `<operator>.<state>.<kgLo>-<kgHi>.<first 16 hex of sha256>.ndjson[.gz|.zst]`. */
export function chunkFileName(operator: string, state: string, [lo, hi]: readonly [number, number], sha: string, compression: Compression): string {
  return `${operator}.${state}.${lo}-${hi}.${sha.slice(0, 16)}.ndjson${SUFFIX[compression]}`;
}

export function compressionOf(file: string): Compression {
  if (file.endsWith('.gz')) return 'gzip';
  return file.endsWith('.zst') ? 'zstd' : 'none';
}
