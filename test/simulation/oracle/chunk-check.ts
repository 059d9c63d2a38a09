/** What a CHECKPOINT lists, when it is appended (C2, C3, C5, I-REF, I-TTL): chunks that are there, live as long as it says, and long enough. */
import type { Job } from '../../../lib/engine/job.ts';
import { chunkCollection } from '../../../lib/engine/keys.ts';
import type { ChunkRef, CoordinatorEntry } from '../../../lib/engine/log/entries.ts';
import type { SimulatedStores } from '../stores.ts';
import { LIFECYCLE_MS } from '../expiry.ts';
import { violate } from '../violation.ts';

export type Checkpoint = Extract<CoordinatorEntry, { kind: 'CHECKPOINT' }>;

const HOUR = 3_600_000;

export async function checkChunks(stores: SimulatedStores, job: Job, checkpoint: Checkpoint, name: string): Promise<void> {
  const { chunkHorizonMs, headMaxAgeMs, logTtlMs } = job.settings;
  for (const ref of checkpoint.chunks) {
    const expiresAt = await expiryOf(stores, job, ref);
    const at = `${name} entry ${checkpoint.seq}: chunk ${ref.key}`;
    violate(expiresAt === null, `I-REF: ${at} is not there (C2)`);
    if (logTtlMs === Infinity || expiresAt === null) continue;
    violate(expiresAt < ref.expiresAt * 1000, `I-TTL: ${at} expires before the time that is listed (C3)`);
    violate(ref.expiresAt * 1000 < checkpoint.at + chunkHorizonMs - 2 * headMaxAgeMs, `I-TTL: ${at} expires too early to be listed (C5)`);
    const promised = checkpoint.checkpoints[0]?.safeUntil ?? 0;
    violate(promised > ref.expiresAt * 1000 - HOUR, `I-TTL: ${at} is promised until ${promised}, and expires at ${ref.expiresAt}`);
  }
}

/** Epoch ms from which the store may delete it; null if there is none. */
async function expiryOf(stores: SimulatedStores, job: Job, { store, key }: ChunkRef): Promise<number | null> {
  if (store === 'chunks') {
    const chunk = await stores.chunks.get(chunkCollection(job.id, job.g), key);
    return chunk === null ? null : chunk.expiresAt * 1000;
  }
  const [info] = await stores.blob.list(key, { after: '', limit: 1 });
  return info === undefined ? null : info.modifiedAt + LIFECYCLE_MS;
}

/** Chunks of `before` that were written again although nothing in them had changed (C5). */
export const refreshed = (before: Checkpoint | undefined, after: Checkpoint): number =>
  after.chunks.filter((ref) => before?.chunks.some((old) => old.sha === ref.sha && old.windowEnd === ref.windowEnd && old.expiresAt < ref.expiresAt)).length;
