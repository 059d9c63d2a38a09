/** How far the FIREs of a generation have come, by the end of its coordinator log alone. */
import { seq } from '../../core/numbers.ts';
import type { CoordinatorEntry } from './entries.ts';
import type { CoordinatorLog } from './logs.ts';

/** An entry that says which FIRE is the newest, and what became of it. */
export type FireMark = Extract<CoordinatorEntry, { kind: 'FIRE' | 'CHECKPOINT' | 'ACK' | 'INIT' }>;

/** Entries that may lie between a FIRE and the end of the log: a registration for each new partition, and renewals. */
const BACK_MAX = 100;

/** Null where it is not known: the log has not begun, or there are too many other entries. */
export async function newestFireMark(log: CoordinatorLog): Promise<FireMark | null> {
  let entry = (await log.head())?.entry ?? null;
  for (let back = 0; entry !== null && back < BACK_MAX; back++) {
    if (entry.kind === 'FIRE' || entry.kind === 'CHECKPOINT' || entry.kind === 'ACK' || entry.kind === 'INIT') return entry;
    entry = await log.get(seq(entry.seq - 1));
  }
  return null;
}
