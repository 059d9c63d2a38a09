/** How far the FIREs of a generation have come, by the end of its coordinator log alone. */
import { seq } from '../../core/numbers.ts';
import type { Position } from '../position.ts';
import type { CoordinatorEntry } from './entries.ts';
import type { CoordinatorLog } from './logs.ts';

/** An entry that says which FIRE is the newest, and what became of it. */
export type FireMark = Extract<CoordinatorEntry, { kind: 'FIRE' | 'CHECKPOINT' | 'ACK' | 'INIT' }>;

/** Entries that may lie between a FIRE and the end of the log: a registration for each new partition, and renewals. */
const BACK_MAX = 100;

/** Null where it is not known: the log has not begun, or there are too many other entries. */
export const newestFireMark = (log: CoordinatorLog): Promise<FireMark | null> => newestOf(log, isFireMark);

/** Where the newest FIRE came to; null as above. */
export const newestPosition = async (log: CoordinatorLog): Promise<Position | null> => (await newestOf(log, hasPosition))?.position ?? null;

const isFireMark = (entry: CoordinatorEntry): entry is FireMark => entry.kind === 'ACK' || hasPosition(entry);

const hasPosition = (entry: CoordinatorEntry): entry is Exclude<FireMark, { kind: 'ACK' }> => entry.kind === 'FIRE' || entry.kind === 'CHECKPOINT' || entry.kind === 'INIT';

async function newestOf<E extends CoordinatorEntry>(log: CoordinatorLog, isOne: (entry: CoordinatorEntry) => entry is E): Promise<E | null> {
  let entry = (await log.head())?.entry ?? null;
  for (let back = 0; entry !== null && back < BACK_MAX; back++) {
    if (isOne(entry)) return entry;
    entry = entry.seq === 0 ? null : await log.get(seq(entry.seq - 1));
  }
  return null;
}
