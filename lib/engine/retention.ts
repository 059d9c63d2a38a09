/**
 * What a store that does not expire anything may delete (architecture, decision 7). Reads facts and decides; the deleting is the caller's.
 *
 * The boundary is the newest CHECKPOINT that is older than `ageMs` and not newer than the oldest retained one. Every load begins at a
 * retained checkpoint (8.4), so nobody reads below the boundary; and every number below it was taken before the boundary was written, so
 * whoever still holds a head from there is refused by G1 and G2: a number must not reopen within HEAD_MAX_AGE. A plan stays right for
 * ever, since the boundary only moves up; it may be executed twice, by several processes, or late. Names carry generation and position,
 * so nobody refers to what is below it again.
 */
import { SluiceError } from '../core/errors.ts';
import { generation, seq, type Generation, type PartitionId, type Seq, type WallTime } from '../core/numbers.ts';
import type { LogKey } from '../ports/log.ts';
import type { Ports } from '../ports/ports.ts';
import { chunkBlobKey, chunkCollection, coordinatorLog, partitionLog, resultKey, spillKey } from './keys.ts';
import { openSavepointRequests } from './lifecycle/savepoint.ts';
import type { CoordinatorEntry } from './log/entries.ts';
import { openCoordinatorLog, openPartitionLog, type CoordinatorLog, type GenerationRef } from './log/logs.ts';
import { partitionsOf } from './position.ts';

/** `chunkKeys`: keys of a collection, ascending; for comparison with the lists of checkpoints, never a way to find state (8.1). */
export type SweepPorts = Pick<Ports, 'log' | 'control' | 'blob' | 'runtime' | 'codec'> & {
  readonly chunkKeys: (collection: string, page: Page) => readonly string[];
};

interface Page {
  readonly after: string;
  readonly limit: number;
}

export interface SweepRules {
  readonly now: WallTime;
  /** How old a checkpoint must be to be the boundary. */
  readonly ageMs: number;
}

export interface SweepPlan {
  /** Entries of `log` below `below`, never a head; in this order, a generation's coordinator log last: it says what the others are. */
  readonly logs: readonly { readonly log: LogKey; readonly below: Seq }[];
  readonly chunks: readonly { readonly collection: string; readonly key: string }[];
  /** To be removed before the entries that refer to them, or nobody would find them again. */
  readonly blobs: readonly string[];
}

/** How far one generation is swept. */
interface Reach {
  readonly ref: GenerationRef;
  readonly coordinator: Seq;
  readonly partitions: ReadonlyMap<PartitionId, Seq>;
  readonly keepsChunk: (key: string) => boolean;
}

type Checkpoint = Extract<CoordinatorEntry, { kind: 'CHECKPOINT' }>;

/** Checkpoints looked at on the way back: an hour of one a second is 3600. */
const WALK_MAX = 20_000;
const PAGE_BYTES = 1024 * 1024;
const PAGE_KEYS = 1000;

/** What can go now, of the running generation and of the closed ones before it; null while there is no boundary. */
export async function planSweep(ports: SweepPorts, job: GenerationRef, { now, ageMs }: SweepRules): Promise<SweepPlan | null> {
  checkAge(job, ageMs);
  const cutoff = now - ageMs;
  const current = await reachOfRunning(ports, job, cutoff);
  if (current === null) return null;
  // The boundary is older than `ageMs`, so the job has run in this generation for longer: `last-state` is never an older one (11.5).
  const closed = await closedBefore(ports, job, cutoff);
  const reaches = [...closed, current];
  return {
    logs: reaches.flatMap(logsOf),
    chunks: reaches.flatMap((reach) => chunksOf(ports, reach)),
    blobs: [...(await spillsOf(ports, reaches)), ...(await resultsOf(ports, reaches)), ...(await chunkObjectsOf(ports, reaches))],
  };
}

/** Row 56: a sweep that frees young numbers makes ghosts that G2 cannot tell. */
function checkAge({ settings }: GenerationRef, ageMs: number): void {
  if (ageMs >= settings.headMaxAgeMs) return;
  throw new SluiceError('OPTION_INVALID', {
    message: `a sweep after ${ageMs} ms would reopen sequence numbers within HEAD_MAX_AGE, ${settings.headMaxAgeMs} ms (G1, G2)`,
    hint: 'keep entries for longer; an hour is the default',
  });
}

async function reachOfRunning(ports: SweepPorts, job: GenerationRef, cutoff: number): Promise<Reach | null> {
  const log = openCoordinatorLog(ports, job);
  const head = (await log.head())?.entry;
  if (head === undefined) return null;
  const highest = await oldestExported(ports, job, head.checkpoints.at(-1)?.seq ?? seq(0));
  const listed = new Set<string>();
  const boundary = await walkBack(log, head, (checkpoint) => {
    for (const { key } of checkpoint.chunks) listed.add(key);
    // A checkpoint with pending sinks needs the FIRE before it (F14).
    return checkpoint.at <= cutoff && checkpoint.seq <= highest && checkpoint.pending.length === 0;
  });
  if (boundary === null) return null;
  return {
    ref: job,
    coordinator: boundary.seq,
    partitions: new Map(partitionsOf(boundary.position).map((p) => [p, boundary.position.cut[p]?.seq ?? seq(0)])),
    // A chunk of a position at or behind the boundary may belong to a checkpoint under way; below it no checkpoint can come in any more.
    keepsChunk: (key) => listed.has(key) || positionOf(key) >= boundary.seq,
  };
}

/** The oldest retained checkpoint, or an older one that a savepoint is still being exported from (11.2 step 4). */
async function oldestExported(ports: SweepPorts, job: GenerationRef, retained: Seq): Promise<number> {
  const requests = await openSavepointRequests(ports, job.id);
  return Math.min(retained, ...requests.flatMap((r) => r.checkpoint ?? []));
}

/** The newest checkpoint that `isBoundary` accepts; each CHECKPOINT points at the one before it. null if the chain does not lead to one. */
async function walkBack(log: CoordinatorLog, head: CoordinatorEntry, isBoundary: (c: Checkpoint) => boolean): Promise<Checkpoint | null> {
  let pointer = head.checkpoints[0];
  for (let step = 0; pointer !== undefined && step < WALK_MAX; step++) {
    const entry = await log.get(pointer.seq);
    if (entry?.kind !== 'CHECKPOINT' || entry.id !== pointer.id) return null;
    if (isBoundary(entry)) return entry;
    pointer = entry.checkpoints[1];
  }
  return null;
}

/** `<windowEnd>#<first key group>#<log position>` with a suffix, or for an object `…/<log position>-<sha>`. */
const positionOf = (key: string): number => Number.parseInt(key.slice(Math.max(key.lastIndexOf('#'), key.lastIndexOf('/')) + 1), 10);

/** Older generations that still have entries, and have been quiet. */
async function closedBefore(ports: SweepPorts, job: GenerationRef, cutoff: number): Promise<Reach[]> {
  const found: Reach[] = [];
  for (let g = job.g - 1; g >= 0; g--) {
    const ref = inGeneration(job, generation(g));
    const log = openCoordinatorLog(ports, ref);
    const head = (await log.head())?.entry;
    const isSwept = head === undefined || head.seq === 0 || (await log.get(seq(head.seq - 1))) === null;
    if (isSwept) continue;
    const reach = await reachOfClosed(ports, ref, head, cutoff);
    if (reach !== null) found.push(reach);
  }
  return found;
}

const inGeneration = ({ id, settings }: GenerationRef, g: Generation): GenerationRef => ({ id, settings, g });

/** All but the heads, once every head is old: zombies write to the logs of a closed generation, and G2 must hold for them too. */
async function reachOfClosed(ports: SweepPorts, ref: GenerationRef, head: CoordinatorEntry, cutoff: number): Promise<Reach | null> {
  if (head.kind !== 'CLOSE' || head.at > cutoff) return null;
  const partitions = new Map<PartitionId, Seq>();
  for (const p of await registeredPartitions(openCoordinatorLog(ports, ref), head)) {
    const last = (await openPartitionLog(ports, ref, p).head())?.entry;
    if (last === undefined) continue;
    if (last.at > cutoff) return null;
    partitions.set(p, last.seq);
  }
  return { ref, coordinator: head.seq, partitions, keepsChunk: () => false };
}

async function registeredPartitions(log: CoordinatorLog, head: CoordinatorEntry): Promise<ReadonlySet<PartitionId>> {
  const base = await log.get(head.checkpoints[0]?.seq ?? seq(0));
  const partitions = new Set(base?.kind === 'INIT' || base?.kind === 'CHECKPOINT' ? partitionsOf(base.position) : []);
  for await (const entry of entriesAfter(log, base?.seq ?? -1)) if (entry.kind === 'REG') partitions.add(entry.partition);
  return partitions;
}

async function* entriesAfter(log: CoordinatorLog, after: number): AsyncGenerator<CoordinatorEntry> {
  for (let last = after, more = true; more; ) {
    const page = await log.readAfter(last, PAGE_BYTES);
    yield* page.entries;
    last = page.entries.at(-1)?.seq ?? last;
    more = page.more;
  }
}

function logsOf({ ref, coordinator, partitions }: Reach): SweepPlan['logs'] {
  const ofPartitions = [...partitions].map(([p, below]) => ({ log: partitionLog(ref.id, ref.g, p), below }));
  return [...ofPartitions, { log: coordinatorLog(ref.id, ref.g), below: coordinator }];
}

function chunksOf(ports: SweepPorts, { ref, keepsChunk }: Reach): { collection: string; key: string }[] {
  const collection = chunkCollection(ref.id, ref.g);
  const found: { collection: string; key: string }[] = [];
  for (let after = '', more = true; more; ) {
    const keys = ports.chunkKeys(collection, { after, limit: PAGE_KEYS });
    for (const key of keys) if (!keepsChunk(key)) found.push({ collection, key });
    after = keys.at(-1) ?? after;
    more = keys.length === PAGE_KEYS;
  }
  return found;
}

/** Spilled payloads carry their sequence number in their name (W3): what nobody refers to goes as well. */
async function spillsOf(ports: Pick<SweepPorts, 'blob'>, reaches: readonly Reach[]): Promise<string[]> {
  const found: string[] = [];
  for (const { log, below } of reaches.flatMap(logsOf)) found.push(...(await objectsBelow(ports, spillKey(log, below, ''))));
  return found;
}

/** Results of FIREs below the boundary: every sink has confirmed them. */
async function resultsOf(ports: Pick<SweepPorts, 'blob'>, reaches: readonly Reach[]): Promise<string[]> {
  const found: string[] = [];
  for (const { ref, coordinator } of reaches) found.push(...(await objectsBelow(ports, resultKey(ref.id, ref.g, coordinator, ''))));
  return found;
}

async function chunkObjectsOf(ports: Pick<SweepPorts, 'blob'>, reaches: readonly Reach[]): Promise<string[]> {
  const found: string[] = [];
  for (const { ref, keepsChunk } of reaches) {
    const keys = await objectsBelow(ports, chunkBlobKey(ref.id, ref.g, Number.MAX_SAFE_INTEGER, ''));
    found.push(...keys.filter((key) => !keepsChunk(key)));
  }
  return found;
}

/** Keys in the folder of `end` that come before it. */
async function objectsBelow({ blob }: Pick<SweepPorts, 'blob'>, end: string): Promise<string[]> {
  const folder = end.slice(0, end.lastIndexOf('/') + 1);
  const found: string[] = [];
  for (let after = '', more = true; more; ) {
    const keys = (await blob.list(folder, { after, limit: PAGE_KEYS })).map((info) => info.key);
    found.push(...keys.filter((key) => key < end));
    after = keys.at(-1) ?? after;
    more = keys.length === PAGE_KEYS && after < end;
  }
  return found;
}
