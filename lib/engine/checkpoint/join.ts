/**
 * Joining ranges of key groups that have become small (protocol 8.2), as those of sessions do when they fire: without it a state that was
 * large once would keep its many chunks. Pure, and a function of state and previous checkpoint like all packing.
 */
import type { ChunkRef } from '../log/entries.ts';
import { estimateBytes, type Buckets, type GroupRange } from './pack.ts';

/** The ranges of one window end: chunks that hold, and ranges to be written. */
export interface Ranges {
  readonly keep: readonly ChunkRef[];
  readonly write: readonly GroupRange[];
}

/** A range that is joined so far. */
interface Part {
  readonly groups: GroupRange;
  readonly bytes: number;
  /** null: it has to be written. */
  readonly ref: ChunkRef | null;
}

/** Neighbours that together stay below a quarter of `maxBytes` become one range, where one of them has to be written anyway. */
export function joinRanges({ keep, write }: Ranges, buckets: Buckets, windowEnd: number, maxBytes: number): Ranges {
  const kept = keep.map((ref): Part => ({ groups: ref.groups, bytes: ref.bytes, ref }));
  const written = write.map((groups): Part => ({ groups, bytes: estimateBytes(buckets, windowEnd, groups), ref: null }));
  const parts: Part[] = [];
  for (const part of [...kept, ...written].sort((a, b) => a.groups[0] - b.groups[0])) {
    const last = parts.at(-1);
    const joined = last === undefined ? null : join(last, part, maxBytes / 4);
    if (joined === null) parts.push(part);
    else parts.splice(-1, 1, joined);
  }
  return {
    keep: parts.flatMap((part) => part.ref ?? []),
    write: parts.filter((part) => part.ref === null).map((part) => part.groups),
  };
}

function join(a: Part, b: Part, below: number): Part | null {
  const bytes = a.bytes + b.bytes;
  const areBothClean = a.ref !== null && b.ref !== null;
  return areBothClean || bytes >= below ? null : { groups: [a.groups[0], b.groups[1]], bytes, ref: null };
}
