/**
 * Loading the state (protocol 8.4): head, newest checkpoint whose chunks are all there, replay of what follows. A reader uses exactly
 * what the checkpoint lists and fails loudly if anything is missing (8.1, C6).
 */
import { SluiceError } from '../../core/errors.ts';
import { fireNumber, seq, type Uid } from '../../core/numbers.ts';
import type { KeyedState } from '../../core/window/state.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Job } from '../job.ts';
import type { ChunkRef, CoordinatorEntry } from '../log/entries.ts';
import { openCoordinatorLog, type CoordinatorLog } from '../log/logs.ts';
import type { Stamp } from '../log/stamp.ts';
import { emptyStates, type Replica } from '../firer/replica.ts';
import type { Position } from '../position.ts';
import { readChunks } from './chunks.ts';

type LoadPorts = Pick<Ports, 'log' | 'chunks' | 'blob' | 'runtime' | 'codec'>;

/** The replica at the newest checkpoint that loads, or at INIT; null if the generation has not begun. */
export async function loadBase(ports: LoadPorts, job: Job, log: CoordinatorLog): Promise<Replica | null> {
  const loaded = await loadNewest(ports, job, log, () => emptyStates(job.dataflow));
  if (loaded === null) return null;
  const { entry, stamp, states, safeUntil, missing } = loaded;
  return { ...replicaAt(entry, stamp, states, safeUntil), unreadable: new Set(missing) };
}

/** What the newest checkpoint that loads, or INIT, holds of a part of the state. */
export interface LoadedPart<S> {
  readonly states: S;
  readonly position: Position;
}

/** The same of some states alone, which `open` makes empty; null if the generation has not begun. */
export const loadPart = async <S extends StatesToLoad>(ports: LoadPorts, job: Job, open: () => S): Promise<LoadedPart<S> | null> => {
  const loaded = await loadNewest(ports, job, openCoordinatorLog(ports, job), open);
  return loaded && { states: loaded.states, position: loaded.entry.position };
};

type StatesToLoad = ReadonlyMap<Uid, Pick<KeyedState, 'restore'>>;

interface Loaded<S> {
  readonly entry: Extract<CoordinatorEntry, { kind: 'INIT' | 'CHECKPOINT' }>;
  readonly stamp: Stamp;
  readonly states: S;
  readonly safeUntil: number;
  /** Chunks of newer checkpoints that are gone or damaged. */
  readonly missing: readonly string[];
}

async function loadNewest<S extends StatesToLoad>(ports: LoadPorts, job: Job, log: CoordinatorLog, open: () => S): Promise<Loaded<S> | null> {
  const head = await log.head();
  if (head === null) return null;
  if (log.isExpired(head.entry)) throw log.expiredError(head.entry);
  const { stamp } = head;
  const missing: string[] = [];
  for (const { seq: at, id, safeUntil } of head.entry.checkpoints) {
    const entry = await log.get(at);
    if (entry?.kind !== 'CHECKPOINT' || entry.id !== id) continue;
    const states = open();
    if (await loadChunks(ports, job, entry.chunks, states, missing)) return { entry, stamp, states, safeUntil, missing };
  }
  if (head.entry.checkpoints.length > 0) throw chunksMissing(log.key, head.entry, missing);
  const init = await log.get(seq(0));
  if (init?.kind !== 'INIT') throw truncated(log.key);
  return init.restores ? null : { entry: init, stamp, states: open(), safeUntil: Infinity, missing };
}

/** A replica at an entry that holds a position. */
export function replicaAt(
  entry: Extract<CoordinatorEntry, { kind: 'INIT' | 'CHECKPOINT' }>,
  stamp: Stamp,
  states: Replica['states'],
  safeUntil: number,
): Replica {
  const f = entry.position.f;
  const pending = entry.kind === 'CHECKPOINT' && entry.pending.length > 0;
  const listed = entry.kind === 'CHECKPOINT' ? { f, chunks: entry.chunks, barrier: entry.barrier } : { f: -1, chunks: [], barrier: null };
  return {
    head: { entry, stamp },
    position: entry.position,
    states,
    acked: pending ? fireNumber(f - 1) : f,
    lastFire: null,
    // When the last one without pending sinks was taken is not asked for: the next one is due before any hint is written.
    checkpoint: { ...listed, seq: entry.seq, at: pending ? 0 : entry.at, safeUntil, pending, tookMs: null },
    unreadable: new Set(),
    closed: false,
  };
}

/** Loads the panes of all chunks; false if some are gone or damaged, which are added to `missing`. */
async function loadChunks(ports: LoadPorts, job: Job, refs: readonly ChunkRef[], states: StatesToLoad, missing: string[]): Promise<boolean> {
  const before = missing.length;
  for (const [i, chunk] of (await readChunks(ports, job, refs)).entries()) {
    if (chunk === null) missing.push(refs[i]?.key ?? '');
    for (const [operator, columns] of chunk ?? []) states.get(operator)?.restore(columns);
  }
  return missing.length === before;
}

function chunksMissing(log: string, head: CoordinatorEntry, keys: readonly string[]): SluiceError {
  const newest = head.checkpoints[0];
  return new SluiceError('CHECKPOINT_CHUNK_MISSING', {
    message: `no checkpoint of ${log} can be loaded: ${keys.join(', ') || 'the entries themselves'} missing or damaged`,
    hint: 'resume the job from a savepoint',
    details: { log, keys, safeUntil: newest?.safeUntil, checkpoint: newest?.seq },
  });
}

function truncated(log: string): SluiceError {
  return new SluiceError('LOG_TRUNCATED', { message: `entries of ${log} behind the checkpoint are missing`, hint: 'resume the job from a savepoint' });
}
