/** Taking a checkpoint (protocol 8.3): chunks first, then the one entry that lists them. It only shortens replay; the logs are the truth. */
import type { Ports } from '../../ports/ports.ts';
import { isPending, markClean, type Replica } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import type { CheckpointPointer, ChunkRef } from '../log/entries.ts';
import type { CoordinatorLog } from '../log/logs.ts';
import type { Settings } from '../settings.ts';
import { requiredExpiry, writeRange } from './chunks.ts';
import { joinRanges } from './join.ts';
import { bucketsOf, planPack } from './pack.ts';

type CheckpointPorts = Pick<Ports, 'log' | 'chunks' | 'blob' | 'runtime' | 'codec'>;

/** An hour is subtracted from every expiry that is promised: the store's clock may be ahead (§2.2). */
const SAFETY_MS = 3600 * 1000;

/** A barrier waits for a checkpoint of exactly its FIRE (11.2 step 3). */
export function barrierWaits(replica: Replica): boolean {
  return replica.lastFire !== null && replica.lastFire.barrier !== null && replica.checkpoint.f < replica.position.f;
}

/** 8.3, first lines. C1: never while FIRE f waits for its sinks. */
export function checkpointDue(replica: Replica, settings: Settings, now: number): boolean {
  if (isPending(replica) || replica.closed) return false;
  if (barrierWaits(replica)) return true;
  const age = now - replica.checkpoint.at;
  const changed = replica.checkpoint.f < replica.position.f || replica.checkpoint.pending;
  if (changed && age >= settings.checkpointIntervalMs) return true;
  if (settings.logTtlMs === Infinity) return false;
  return age >= settings.checkpointRefreshMs || replica.checkpoint.safeUntil - now < settings.chunkHorizonMs / 2;
}

const ofEnd = ({ windowEnd }: { readonly windowEnd: number }): number => windowEnd;

/** F14: a checkpoint of a FIRE that sinks have not confirmed. */
export interface Unconfirmed {
  /** uids of the sinks. */
  readonly sinks: readonly string[];
  /** The trigger that it answers, though no FIRE has carried its barrier. */
  readonly barrier: string | null;
}

/**
 * Checkpoints the replica; false if the log went on meanwhile: nothing has happened then, the dirty marks stay (C2).
 */
export async function takeCheckpoint(
  ports: CheckpointPorts,
  job: Job,
  log: CoordinatorLog,
  replica: Replica,
  unconfirmed: Unconfirmed | null = null,
): Promise<boolean> {
  const { settings } = job;
  const began = ports.runtime.elapsed();
  const expiresEarly = (ref: ChunkRef): boolean => ref.expiresAt < requiredExpiry(settings, ports.runtime.now());
  const plan = planPack(replica.states, replica.checkpoint.chunks, expiresEarly);
  const [kept, written] = [Map.groupBy(plan.keep, ofEnd), Map.groupBy(plan.write, ofEnd)];
  const chunks: ChunkRef[] = plan.keep.filter((ref) => !written.has(ref.windowEnd));
  const budget = { bytes: settings.checkpointItemsMaxBytes };
  for (const windowEnd of written.keys()) {
    const buckets = bucketsOf(replica.states, windowEnd);
    const ranges = { keep: kept.get(windowEnd) ?? [], write: (written.get(windowEnd) ?? []).map((w) => w.groups) };
    const { keep, write } = joinRanges(ranges, buckets, windowEnd, settings.chunkInlineMax);
    chunks.push(...keep);
    const source = { buckets, windowEnd, position: replica.head.entry.seq, budget };
    for (const groups of write) chunks.push(...(await writeRange(ports, job, source, groups)));
  }
  if (chunks.some(expiresEarly)) return false; // C5, once more directly before the append
  chunks.sort((a, b) => a.windowEnd - b.windowEnd || a.groups[0] - b.groups[0]);
  const safeUntil = Math.min(...chunks.map((c) => c.expiresAt * 1000), Number.MAX_SAFE_INTEGER) - SAFETY_MS;

  const head = await log.refresh(replica.head);
  if (head === null) return false;
  const barrier = unconfirmed?.barrier ?? (barrierWaits(replica) ? (replica.lastFire?.barrier ?? null) : null);
  const pending = unconfirmed?.sinks ?? [];
  const at = ports.runtime.now();
  const draft = log.next(head, { kind: 'CHECKPOINT', position: replica.position, chunks, pending, barrier, checkpoints: [] });
  const self: CheckpointPointer = { seq: draft.seq, id: draft.id, at, safeUntil };
  const entry = { ...draft, checkpoints: [self, ...head.entry.checkpoints].slice(0, settings.checkpointsRetained) };
  // The commit point: everything before it is orphaned chunks if this is lost.
  const appended = await log.append(head, entry);
  if (appended.kind !== 'appended') return false;
  replica.head = appended.head;
  const coveredAt = unconfirmed === null ? at : replica.checkpoint.at;
  replica.checkpoint = { f: replica.position.f, seq: entry.seq, at: coveredAt, chunks, safeUntil, barrier, pending: pending.length > 0, tookMs: ports.runtime.elapsed() - began };
  markClean(replica.states);
  return true;
}
