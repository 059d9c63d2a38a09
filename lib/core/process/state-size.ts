/** How large a state is, and whether it only grows: for people. */
import type { Cell } from './contents.ts';
import { itemsOf } from './pane-forms.ts';

/** One state over all keys. */
export interface StateSize {
  /** Values, elements and entries. */
  readonly entries: number;
  /** Of their JSON, in characters. */
  readonly bytes: number;
  /** When TTL began to count for the oldest of them, epoch ms; null without a TTL or entries. */
  readonly oldestAt: number | null;
}

export function sizeOf(cells: Iterable<Cell>): StateSize {
  let [entries, bytes, oldest] = [0, 0, Number.POSITIVE_INFINITY];
  for (const cell of cells) {
    for (const item of itemsOf(cell)) {
      entries++;
      bytes += JSON.stringify(item.json).length + ('key' in item ? JSON.stringify(item.key).length : 0);
      oldest = Math.min(oldest, item.at ?? oldest);
    }
  }
  return { entries, bytes, oldestAt: Number.isFinite(oldest) ? oldest : null };
}

/** Of parts of a state. */
export function combinedSize(sizes: readonly StateSize[]): StateSize {
  const sum = (of: 'entries' | 'bytes'): number => sizes.reduce((total, size) => total + size[of], 0);
  const times = sizes.flatMap(({ oldestAt }) => oldestAt ?? []);
  return { entries: sum('entries'), bytes: sum('bytes'), oldestAt: times.length === 0 ? null : Math.min(...times) };
}
