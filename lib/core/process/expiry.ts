/** When values expire that have a TTL (Flink's TtlUtils): the time from which on nobody may count on them. */
import type { Cell, KeyContents, Stored } from './contents.ts';
import { EntryMap } from './entry-map.ts';

/** The TTL of each state, ms; null without. */
export type Ttls = readonly (number | null)[];

const NEVER = Number.POSITIVE_INFINITY;

/** The shortest time that anything lives, ms. */
export const shortestTtl = (ttls: Ttls): number => Math.min(NEVER, ...ttls.map((ttl) => ttl ?? NEVER));

/** Epoch ms of processing time; Infinity where nothing expires. */
export function earliestExpiry({ cells }: KeyContents, ttls: Ttls): number {
  return Math.min(NEVER, ...cells.map((cell, s) => earliestAt(cell) + (ttls[s] ?? NEVER)));
}

function earliestAt(cell: Cell): number {
  if (cell.kind === 'map') return EntryMap.from(cell.entries).earliest;
  const items = cell.kind === 'list' ? cell.items : cell.item === null ? [] : [cell.item];
  return items.reduce((earliest, { at = NEVER }) => Math.min(earliest, at), NEVER);
}

/** Without what has expired at `now`. */
export function withoutExpired({ cells, timers }: KeyContents, ttls: Ttls, now: number): KeyContents {
  return { cells: cells.map((cell, s) => unexpired(cell, ttls[s] ?? NEVER, now)), timers };
}

function unexpired(cell: Cell, ttl: number, now: number): Cell {
  if (earliestAt(cell) + ttl > now) return cell;
  const lives = ({ at = NEVER }: Stored): boolean => at + ttl > now;
  if (cell.kind === 'single') return { kind: 'single', item: null };
  if (cell.kind === 'list') return { kind: 'list', items: cell.items.filter(lives) };
  return { kind: 'map', entries: EntryMap.of([...cell.entries.values()].filter(lives)) };
}
