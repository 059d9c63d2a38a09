/** Bringing a replica to the head of the coordinator log by applying what was logged, and nothing else (protocol 8.4, F2-F4). */
import { SluiceError } from '../../core/errors.ts';
import { seq, type Seq } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Job } from '../job.ts';
import type { CoordinatorEntry } from '../log/entries.ts';
import type { CoordinatorLog } from '../log/logs.ts';
import { watchdogOf } from '../watchdog.ts';
import { encodeResult } from './emit.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import { isPending, markClean, type FireEntry, type Replica } from './replica.ts';
import { ChainBroken, extendTail, type Tail } from './tail.ts';

type ReplayPorts = Pick<Ports, 'log' | 'blob' | 'runtime' | 'codec'>;

const PAGE_BYTES = 1024 * 1024;

/** Applies every entry behind the replica. Throws ChainBroken where the log does not continue it. */
export async function catchUp(ports: ReplayPorts, job: Job, log: CoordinatorLog, replica: Replica, tail: Tail): Promise<void> {
  for (let more = true; more; ) {
    const page = await log.readAfter(replica.head.entry.seq, PAGE_BYTES);
    // The age of what we know counts from the newest read of the log's end, which this page is if nothing follows it.
    if (!page.more) replica.head = { entry: replica.head.entry, stamp: page.stamp };
    for (const entry of page.entries) {
      if (entry.seq !== replica.head.entry.seq + 1 || entry.prev !== replica.head.entry.id) {
        // T8: a ghost in a number that was freed does not continue the chain either.
        throw new ChainBroken(`${log.key}: entry ${entry.seq} does not follow ${replica.head.entry.seq}`);
      }
      await applyEntry(ports, job, replica, tail, entry);
      replica.head = { entry, stamp: page.stamp };
    }
    more = page.more;
  }
  if (log.isExpired(replica.head.entry)) throw log.expiredError(replica.head.entry);
  if (isPending(replica)) replica.lastFire ??= await fireBefore(log, replica.checkpoint.seq);
}

/** The FIRE that a checkpoint with pending sinks stands on (F14): it lies before it, and nothing but RENEW, REG and CHECKPOINT between. */
export async function fireBefore(log: CoordinatorLog, checkpoint: Seq): Promise<FireEntry> {
  for (let at = checkpoint - 1; at >= 0; at--) {
    const entry = await log.get(seq(at));
    if (entry?.kind === 'FIRE') return entry;
    if (entry === null) break;
  }
  throw new SluiceError('LOG_TRUNCATED', {
    message: `${log.key}: the FIRE that checkpoint ${checkpoint} stands on is missing`,
    hint: 'resume the job from a savepoint',
  });
}

async function applyEntry(ports: ReplayPorts, job: Job, replica: Replica, tail: Tail, entry: CoordinatorEntry): Promise<void> {
  switch (entry.kind) {
    case 'REG':
      replica.position = { ...replica.position, cut: { ...replica.position.cut, [entry.partition]: entry.cut } };
      return;
    case 'FIRE':
      return replayFire(ports, job, replica, tail, entry);
    case 'ACK':
      replica.acked = replica.position.f;
      return;
    case 'CHECKPOINT':
      return passCheckpoint(replica, entry);
    case 'CLOSE':
      replica.closed = true;
      return;
    case 'INIT':
    case 'RENEW':
      return;
  }
}

/** What a checkpoint holds is clean, unless chunks of it are known to be gone: the next checkpoint is a full one then (C6). */
function passCheckpoint(replica: Replica, entry: Extract<CoordinatorEntry, { kind: 'CHECKPOINT' }>): void {
  const isWhole = !entry.chunks.some((chunk) => replica.unreadable.has(chunk.key));
  replica.checkpoint = {
    f: isWhole ? entry.position.f : -1,
    seq: entry.seq,
    at: entry.pending.length === 0 ? entry.at : replica.checkpoint.at,
    chunks: isWhole ? entry.chunks : [],
    safeUntil: entry.checkpoints[0]?.safeUntil ?? Infinity,
    barrier: entry.barrier,
    pending: entry.pending.length > 0,
    tookMs: null,
  };
  if (isWhole) markClean(replica.states);
}

/**
 * F3: the recorded cut alone decides which entries belong to the step; F4: the result must be the stored one. A FIRE that repeats rows
 * covers nothing (F14).
 */
async function replayFire(ports: ReplayPorts, job: Job, replica: Replica, tail: Tail, fire: FireEntry): Promise<void> {
  if (fire.result.repeats !== null) return commitFire(replica, tail, fire, { commit: () => {} });
  await extendTail(ports, job, replica.position, tail, { entries: Infinity, bytes: Infinity, upTo: fire.position.cut });
  const entries = tail.upTo(fire.position.cut);
  const result = evaluate(job, replica.states, entries, replica.position, fire.position, watchdogOf(ports.runtime, job));
  if (ports.codec.sha256(encodeResult(result.rows)) !== fire.result.sha) {
    throw new SluiceError('REPLAY_DIFFERS', {
      message: `replaying FIRE ${fire.position.f} gives another result than the one that was stored`,
      hint: job.dataflow.runsCode ? IMPURE : 'keep the data directory and report this',
      details: { f: fire.position.f, seq: fire.seq },
    });
  }
  commitFire(replica, tail, fire, result);
}

const IMPURE =
  'a function that goes by a clock, by chance, or by a variable outside its state gives something else when it runs again: take times from its context, and keep what it remembers in its state; if none does, keep the data directory and report this';

/** A FIRE that is in the log changes the replica; used for own and replayed ones alike. */
export function commitFire(replica: Replica, tail: Tail, fire: FireEntry, result: Pick<Evaluation, 'commit'>): void {
  result.commit();
  replica.position = fire.position;
  replica.lastFire = fire;
  // F8: a FIRE without rows counts as acknowledged when appended.
  if (fire.result.payload === null) replica.acked = fire.position.f;
  tail.dropUpTo(fire.position.cut);
}

