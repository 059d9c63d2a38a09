/** Writing and reading chunks: small ones as items with an expiry, large ones as objects named by position and content (protocol 8.2, C2-C6). */
import { SluiceError } from '../../core/errors.ts';
import type { Uid } from '../../core/numbers.ts';
import { isTimeless, type PaneColumns } from '../../core/window/pane.ts';
import type { Ports } from '../../ports/ports.ts';
import { chunkBlobKey, chunkCollection, chunkKey } from '../keys.ts';
import type { ChunkRef } from '../log/entries.ts';
import type { GenerationRef } from '../log/logs.ts';
import { inParallel } from '../parallel.ts';
import type { Settings } from '../settings.ts';
import { contentOf, decodeChunk, encodeChunk, estimateBytes, paneCount, type Buckets, type GroupRange } from './pack.ts';

type ChunkPorts = Pick<Ports, 'chunks' | 'blob' | 'runtime' | 'codec'>;

/** Suffixes tried under one key before giving up (C3). */
const SUFFIXES_MAX = 16;
const LIFETIME_MAX_MS = 400 * 24 * 3600 * 1000;

/** Where chunks of one window end are cut from, and the log position whose state they hold. */
export interface ChunkSource {
  readonly buckets: Buckets;
  readonly windowEnd: number;
  /** Part of every key, so that an older checkpoint never reads newer state (C3). */
  readonly position: number;
  /** What the checkpoint has left for items. */
  readonly budget: ItemBudget;
}

/** Bytes that may still become items; the rest become objects. */
export interface ItemBudget {
  bytes: number;
}

/** Writes the panes of a range, split where it is too large for one chunk (8.2). */
export async function writeRange(ports: ChunkPorts, job: GenerationRef, source: ChunkSource, groups: GroupRange): Promise<ChunkRef[]> {
  const { buckets, windowEnd } = source;
  const panes = paneCount(buckets, groups);
  if (panes === 0) return [];
  const { chunkInlineMax } = job.settings;
  const canSplit = groups[0] < groups[1];
  if (canSplit && estimateBytes(buckets, windowEnd, groups) > 1.5 * chunkInlineMax) return writeHalves(ports, job, source, groups);
  const bytes = encodeChunk(contentOf(buckets, windowEnd, groups));
  if (canSplit && bytes.length > chunkInlineMax) return writeHalves(ports, job, source, groups);
  const draft = { windowEnd, groups, sha: ports.codec.sha256(bytes), bytes: bytes.length, panes };
  if (bytes.length > Math.min(chunkInlineMax, source.budget.bytes)) return [await writeBlob(ports, job, draft, bytes, source.position)];
  source.budget.bytes -= bytes.length;
  return [await writeItem(ports, job, draft, bytes, source.position)];
}

async function writeHalves(ports: ChunkPorts, job: GenerationRef, source: ChunkSource, [lo, hi]: GroupRange): Promise<ChunkRef[]> {
  const middle = (lo + hi) >> 1;
  const low = await writeRange(ports, job, source, [lo, middle]);
  return [...low, ...(await writeRange(ports, job, source, [middle + 1, hi]))];
}

type ChunkDraft = Omit<ChunkRef, 'store' | 'key' | 'expiresAt'>;

/** C3: an existing chunk counts as written only if it is the same and lives long enough; its stored expiry is used. */
async function writeItem(ports: ChunkPorts, job: GenerationRef, draft: ChunkDraft, data: Uint8Array, position: number): Promise<ChunkRef> {
  const expiresAt = chunkExpiry(job.settings, draft.windowEnd, ports.runtime.now());
  const needed = requiredExpiry(job.settings, ports.runtime.now());
  for (let attempt = 0; attempt < SUFFIXES_MAX; attempt++) {
    const key = chunkKey(draft.windowEnd, draft.groups[0], position, attempt);
    const put = await ports.chunks.put(chunkCollection(job.id, job.g), key, { sha: draft.sha, data, expiresAt });
    if (put.kind === 'written') return { ...draft, store: 'chunks', key, expiresAt };
    if (put.sha === draft.sha && put.expiresAt >= needed) return { ...draft, store: 'chunks', key, expiresAt: put.expiresAt };
  }
  throw new SluiceError('CONTENTION', { message: `no free key for a chunk of window end ${draft.windowEnd}` });
}

/** An object that exists has the same bytes (I3); one with too little life left is put again (C4). */
async function writeBlob(ports: ChunkPorts, job: GenerationRef, draft: ChunkDraft, data: Uint8Array, position: number): Promise<ChunkRef> {
  const key = chunkBlobKey(job.id, job.g, position, draft.sha);
  // Before the put: its object is no younger, however late the answer comes (C3).
  const now = ports.runtime.now();
  const put = await ports.blob.put(key, data);
  if (job.settings.logTtlMs === Infinity) return { ...draft, store: 'blob', key, expiresAt: Number.MAX_SAFE_INTEGER };
  if (put.kind === 'created') return { ...draft, store: 'blob', key, expiresAt: seconds(now + job.settings.blobLifecycleMs) };
  const expiresAt = seconds(put.info.modifiedAt + job.settings.blobLifecycleMs);
  if (expiresAt >= requiredExpiry(job.settings, now)) return { ...draft, store: 'blob', key, expiresAt };
  await ports.blob.renew(key, data);
  return { ...draft, store: 'blob', key, expiresAt: seconds(now + job.settings.blobLifecycleMs) };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** C4: event time near wall time saves rewrites; event time years ago must not delete live state. */
export function chunkExpiry(settings: Settings, windowEnd: number, now: number): number {
  if (settings.logTtlMs === Infinity) return Number.MAX_SAFE_INTEGER;
  // Nobody knows when sessions end, what has no window never does, and rows to be put in order have many times: they are refreshed like every chunk that lives on (C5).
  const cleanup = isTimeless(windowEnd) ? 0 : windowEnd;
  const wanted = Math.max(cleanup + settings.chunkGraceMs, now + settings.chunkMinTtlMs);
  return seconds(Math.min(wanted, now + LIFETIME_MAX_MS));
}

/** C5: the expiry that a chunk needs to be listed by a checkpoint appended at `now`. */
export const requiredExpiry = (settings: Settings, now: number): number =>
  settings.logTtlMs === Infinity ? 0 : seconds(now + settings.chunkHorizonMs);

/** The panes of each chunk, in the order of `refs`; null for one that is gone or is another one (C6). */
export function readChunks(ports: ChunkPorts, job: GenerationRef, refs: readonly ChunkRef[]): Promise<(ChunkPanes | null)[]> {
  return inParallel(refs, (ref) => readChunk(ports, job, ref));
}

/** By operator and slice. */
type ChunkPanes = readonly (readonly [Uid, PaneColumns])[];

async function readChunk(ports: ChunkPorts, job: GenerationRef, ref: ChunkRef): Promise<ChunkPanes | null> {
  const data =
    ref.store === 'blob' ? await ports.blob.get(ref.key) : (await ports.chunks.get(chunkCollection(job.id, job.g), ref.key))?.data;
  if (data === null || data === undefined || ports.codec.sha256(data) !== ref.sha) return null;
  return decodeChunk(data);
}
