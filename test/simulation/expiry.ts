/** The store's TTL and the bucket's lifecycle: what has expired goes, in any order and late, or not at all for a while. */
import type { LogItem, LogKey } from '../../lib/ports/log.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;
export const LIFECYCLE_MS = 30 * 24 * HOUR;
/** Time between two passes. */
const EVERY_MS = 8 * HOUR;
/** Share of what has expired that a pass deletes. */
const SHARE = 0.4;

/** Who is told before something is deleted. */
export interface ExpiryWatch {
  readonly onEntry: (log: LogKey, item: LogItem, isHead: boolean) => void;
  readonly onChunk: (collection: string, key: string) => void;
}

export function startExpiry(world: World, watch: ExpiryWatch): void {
  world.scheduler.after(world.prng.below(EVERY_MS), () => {
    pass(world, watch);
    startExpiry(world, watch);
  });
}

function pass({ stores, prng, now, count }: World, watch: ExpiryWatch): void {
  const goes = (expiresAt: number): boolean => expiresAt * 1000 < now && prng.chance(SHARE);
  stores.log.forget((log, item) => {
    if (!goes(item.ttl)) return false;
    watch.onEntry(log, item, stores.log.entries(log).at(-1)?.seq === item.seq);
    count('deleted:entry');
    return true;
  });
  stores.chunks.forget((collection, key, chunk) => {
    if (!goes(chunk.expiresAt)) return false;
    watch.onChunk(collection, key);
    count('deleted:chunk');
    return true;
  });
  stores.blob.forget((info) => goes((info.modifiedAt + LIFECYCLE_MS) / 1000));
}
