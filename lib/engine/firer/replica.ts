/** The replica: the state of the job at one position of the coordinator log, as this firer knows it. It is never ahead of the log. */
import type { Dataflow } from '../../core/dataflow.ts';
import type { FireNumber, Seq } from '../../core/numbers.ts';
import { openStageState } from '../../core/stages.ts';
import type { States } from './evaluate.ts';
import type { ChunkRef, CoordinatorEntry } from '../log/entries.ts';
import type { Head } from '../log/entry-log.ts';
import type { Position } from '../position.ts';

export type FireEntry = Extract<CoordinatorEntry, { kind: 'FIRE' }>;

export interface CheckpointView {
  /** FIRE whose state it holds; -1 where there is none. */
  readonly f: number;
  readonly seq: Seq;
  /** Of the newest one that no sink was missing from; one taken by F14 does not count (T5). */
  readonly at: number;
  readonly chunks: readonly ChunkRef[];
  readonly safeUntil: number;
  /** The trigger whose barrier it answers (11.2). */
  readonly barrier: string | null;
  /** Sinks had not confirmed f when it was taken (F14): the next one is due as soon as they have. */
  readonly pending: boolean;
  /** By the monotonic clock, ms; null where another process took it. */
  readonly tookMs: number | null;
}

export interface Replica {
  /** The entry at which the replica stands, and when the log's end was last read. */
  head: Head<CoordinatorEntry>;
  position: Position;
  readonly states: States;
  /** Newest FIRE that every sink has confirmed. */
  acked: FireNumber;
  /** Newest FIRE behind the checkpoint from which the replica was loaded. */
  lastFire: FireEntry | null;
  /** Newest checkpoint: what it covers and lists; `at` 0 where there is none. */
  checkpoint: CheckpointView;
  /** Chunks that were gone or damaged when the replica was loaded: a checkpoint that lists one is not built upon (C6). */
  readonly unreadable: ReadonlySet<string>;
  closed: boolean;
}

export function emptyStates(dataflow: Dataflow): States {
  return new Map(dataflow.stages.map((flow) => [flow.uid, openStageState(flow)]));
}

/** FIRE f waits for the confirmation of its sinks (F10). */
export const isPending = (replica: Replica): boolean => replica.position.f > replica.acked;

/** Clears the dirty marks: a checkpoint of exactly this state is in the log (C2). */
export function markClean(states: States): void {
  for (const state of states.values()) state.markClean();
}

/** The newest checkpoint holds exactly the state at the barrier; by F14 also while sinks have not confirmed f. */
export const answersBarrier = (replica: Replica, trigger: string): boolean =>
  replica.checkpoint.barrier === trigger && replica.checkpoint.f === replica.position.f;
