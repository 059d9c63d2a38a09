/** The entries of the two kinds of log (protocol §3), as the engine sees them. */
import type { EventTime, FireNumber, Offset, PartitionId, Seq, WallTime } from '../../core/numbers.ts';
import type { FireIdentity } from '../../ports/sink.ts';
import type { PartitionCut, Position } from '../position.ts';

/** What every entry has. */
export interface EntryBase {
  readonly seq: Seq;
  /** Drawn for this attempt; INIT ids are derived, so that a repeated workflow step makes the same entry. */
  readonly id: string;
  /** Id of the entry before it, the chain that F2 checks; null at seq 0. */
  readonly prev: string | null;
  readonly at: WallTime;
  /** Epoch seconds; see T1. */
  readonly ttl: number;
}

/** A payload lies in the entry or in an object whose hash the entry names. */
export type Payload =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'blob'; readonly key: string; readonly sha: string; readonly bytes: number };

/** Offsets [from, to). */
export type OffsetRange = readonly [from: Offset, to: Offset];

/**
 * What a partition log has passed over since it began: bad records (W10), skipped or as rows for the dead-letter table, offsets whose records
 * were gone (W7), and records too far `ahead` of the clock to move the watermark (§2.2).
 */
export interface PassedOver {
  readonly skipped: number;
  readonly deadLetters: number;
  readonly lost: number;
  readonly ahead: number;
}

/** Partition log: `next` is the first offset not contained, `watermark` and `passedOver` are of everything up to here (E1). */
export type PartitionEntry = EntryBase & { readonly next: Offset; readonly watermark: EventTime; readonly passedOver: PassedOver } & (
    | { readonly kind: 'INIT' }
    | {
        readonly kind: 'DATA';
        readonly first: Offset;
        readonly records: number;
        readonly payload: Payload;
        /** Offsets in front of the records that were gone when the entry was written (W7). */
        readonly gap: OffsetRange | null;
      }
    /** Moves the time of functions on that run in the writer, with what their timers do (13.3). Takes in no record. */
    | { readonly kind: 'TIME'; readonly payload: Payload }
    | { readonly kind: 'KEEP' }
    | { readonly kind: 'FROZEN' }
  );

/** An entry with segments. */
export type PayloadEntry = Extract<PartitionEntry, { readonly payload: Payload }>;

export const hasPayload = (entry: PartitionEntry): entry is PayloadEntry => entry.kind === 'DATA' || entry.kind === 'TIME';

export interface CheckpointPointer {
  readonly seq: Seq;
  readonly id: string;
  readonly at: WallTime;
  /** Until then all chunks are there (C5); epoch ms. */
  readonly safeUntil: number;
}

/** Where a chunk of a checkpoint lies (C7). */
export interface ChunkRef {
  readonly windowEnd: number;
  /** Key groups [lo, hi], both inclusive. */
  readonly groups: readonly [number, number];
  readonly store: 'chunks' | 'blob';
  readonly key: string;
  readonly sha: string;
  readonly bytes: number;
  readonly panes: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Result rows of a FIRE: `{ <sink uid>: rows }` as JSON in `payload`. */
export interface FireResult {
  readonly sha: string;
  /** Rows per sink uid; sinks without rows are left out. */
  readonly rows: Readonly<Record<string, number>>;
  /** `pf`: the FIRE before this one that had rows for the sink. */
  readonly previous: Readonly<Record<string, FireNumber>>;
  /** null if no sink gets a row. */
  readonly payload: Payload | null;
  /** The FIRE of an earlier generation whose unconfirmed rows these are (F14): nothing but them happens in this step. */
  readonly repeats: FireIdentity | null;
}

export type CoordinatorEntry = EntryBase & {
  /** The newest checkpoints, newest first. */
  readonly checkpoints: readonly CheckpointPointer[];
} & (
    /** `restores`: the state is in the first CHECKPOINT; until that is in the log, the generation has not begun. */
    | { readonly kind: 'INIT'; readonly position: Position; readonly restores: boolean }
    | { readonly kind: 'REG'; readonly partition: PartitionId; readonly cut: PartitionCut }
    | { readonly kind: 'FIRE'; readonly position: Position; readonly result: FireResult; readonly barrier: string | null }
    | { readonly kind: 'ACK'; readonly f: number }
    | {
        readonly kind: 'CHECKPOINT';
        readonly position: Position;
        readonly chunks: readonly ChunkRef[];
        /** Sinks that have not confirmed FIRE f (F14). */
        readonly pending: readonly string[];
        readonly barrier: string | null;
      }
    | { readonly kind: 'RENEW' }
    | { readonly kind: 'CLOSE' }
  );

export const NOTHING_PASSED_OVER: PassedOver = { skipped: 0, deadLetters: 0, lost: 0, ahead: 0 };

/** What an entry without records takes over from the head in front of it (F11). */
export const carriedOver = ({ next, watermark, passedOver }: PartitionEntry): Pick<PartitionEntry, 'next' | 'watermark' | 'passedOver'> => ({ next, watermark, passedOver });

/** An entry before it has a place in the log. */
export type Draft<E> = E extends EntryBase ? Omit<E, keyof EntryBase> : never;
