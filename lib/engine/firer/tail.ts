/** The tail: entries of the partition logs that were read but are not yet covered by a FIRE. */
import { SluiceError } from '../../core/errors.ts';
import { partsOf, type PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { hasPayload, type PartitionEntry } from '../log/entries.ts';
import { openPartitionLog, type GenerationRef } from '../log/logs.ts';
import { loadPayload } from '../log/payload.ts';
import { inParallel } from '../parallel.ts';
import type { PartitionCut, Position } from '../position.ts';
import { decodeSegments, type Segment } from '../writer/segment.ts';

/** An entry with its payload decoded. */
export type TailEntry = Omit<PartitionEntry, 'payload'> & {
  readonly partition: PartitionId;
  readonly segments: readonly Segment[];
  readonly bytes: number;
};

/**
 * The entries behind a position do not continue it (F2): the reader drops what it has and loads again; what then still does not fit is
 * LOG_TRUNCATED (T4).
 */
export class ChainBroken extends SluiceError {
  constructor(message: string) {
    super('LOG_TRUNCATED', { message, hint: 'resume the job from a savepoint' });
  }
}

/** Bytes of one page of a partition log, whose spilled entries are references. */
const PAGE_BYTES = 4 * 1024 * 1024;

export class Tail {
  readonly #entries = new Map<PartitionId, TailEntry[]>();
  /** Partitions that have more entries than were read (F13). */
  readonly #unread = new Set<PartitionId>();

  of(p: PartitionId): readonly TailEntry[] {
    return this.#entries.get(p) ?? [];
  }

  bytesOf(p: PartitionId): number {
    return this.of(p).reduce((sum, e) => sum + e.bytes, 0);
  }

  /** Some partition has more entries than its share of the bounds. */
  get isFull(): boolean {
    return this.#unread.size > 0;
  }

  /** The newest entry of `p` that was read; null if nothing lies behind the cut. */
  last(p: PartitionId): TailEntry | null {
    return this.of(p).at(-1) ?? null;
  }

  readToHead(p: PartitionId): boolean {
    return !this.#unread.has(p);
  }

  /** Entries in the order in which results depend on them: source, topic, partition, seq (F7). */
  ordered(): TailEntry[] {
    return [...this.#entries.keys()].sort(byPosition).flatMap((p) => this.of(p));
  }

  /** Entries up to `cut`, in order. */
  upTo(cut: Position['cut']): TailEntry[] {
    return this.ordered().filter((e) => e.seq <= (cut[e.partition]?.seq ?? -1));
  }

  add(entry: TailEntry): void {
    const entries = this.#entries.get(entry.partition);
    if (entries === undefined) this.#entries.set(entry.partition, [entry]);
    else entries.push(entry);
  }

  markUnread(p: PartitionId, more: boolean): void {
    if (more) this.#unread.add(p);
    else this.#unread.delete(p);
  }

  /** Forgets what a FIRE has covered. */
  dropUpTo(cut: Position['cut']): void {
    for (const [p, entries] of this.#entries) {
      const rest = entries.filter((e) => e.seq > (cut[p]?.seq ?? -1));
      this.#entries.set(p, rest);
    }
  }
}

/** Of what is read at once; a replay has none. */
export interface TailBounds {
  readonly entries: number;
  /** Of decoded payloads; the entry that reaches it is the last. */
  readonly bytes: number;
  /** Read no further than this cut, but all the way to it. */
  readonly upTo?: Position['cut'];
}

/**
 * Reads on behind the cut until the bounds are reached (F2, F13). Every partition has an equal share of them: a backlog of one must not
 * keep the others, and with them the watermark, from moving.
 */
export async function extendTail(
  ports: Pick<Ports, 'log' | 'blob' | 'runtime' | 'codec'>,
  job: GenerationRef,
  position: Position,
  tail: Tail,
  bounds: TailBounds,
): Promise<void> {
  const partitions = (Object.keys(position.cut) as PartitionId[]).sort(byPosition);
  const of = (bound: number): number => Math.max(1, Math.floor(bound / partitions.length));
  const share = { ...bounds, entries: of(bounds.entries), bytes: of(bounds.bytes) };
  await inParallel(partitions, async (p) => {
    const cut = position.cut[p];
    if (cut !== undefined) await extendPartition(ports, job, p, cut, tail, share);
  });
}

async function extendPartition(
  ports: Pick<Ports, 'log' | 'blob' | 'runtime' | 'codec'>,
  job: GenerationRef,
  p: PartitionId,
  cut: PartitionCut,
  tail: Tail,
  bounds: TailBounds,
): Promise<void> {
  const log = openPartitionLog(ports, job, p);
  let known: { seq: number; id: string } = tail.last(p) ?? cut;
  const end = bounds.upTo === undefined ? Infinity : (bounds.upTo[p]?.seq ?? -1);
  let bytes = tail.bytesOf(p);
  // Before every entry: spilled ones are small in a page, and large once they are decoded.
  const isFull = (): boolean => tail.of(p).length >= bounds.entries || bytes >= bounds.bytes;
  for (let more = known.seq < end; more; ) {
    if (isFull()) return tail.markUnread(p, true);
    const page = await log.readAfter(known.seq, Math.min(PAGE_BYTES, bounds.bytes));
    for (const entry of page.entries) {
      if (isFull()) return tail.markUnread(p, true);
      if (entry.seq !== known.seq + 1 || entry.prev !== known.id) {
        throw new ChainBroken(`${log.key}: entry ${entry.seq} does not follow ${known.seq} (${known.id})`);
      }
      // A page may reach beyond the cut; what a replay does not need is left to the bounds of the next FIRE.
      if (entry.seq > end) return tail.markUnread(p, true);
      const decoded = await decodeEntry(ports, p, entry);
      tail.add(decoded);
      bytes += decoded.bytes;
      known = entry;
    }
    more = page.more && known.seq < end;
    if (page.more && known.seq >= end) return tail.markUnread(p, true);
  }
  if (end !== Infinity && known.seq < end) throw new ChainBroken(`${log.key} ends at ${known.seq}, before ${end}`);
  tail.markUnread(p, false);
}

async function decodeEntry(ports: Pick<Ports, 'blob' | 'codec'>, partition: PartitionId, entry: PartitionEntry): Promise<TailEntry> {
  if (!hasPayload(entry)) return { ...entry, partition, segments: [], bytes: 0 };
  const bytes = await loadPayload(ports, entry.payload);
  const { payload: _, ...rest } = entry;
  return { ...rest, partition, segments: decodeSegments(bytes), bytes: bytes.length };
}

function byPosition(a: PartitionId, b: PartitionId): number {
  const [x, y] = [partsOf(a), partsOf(b)];
  return x.source - y.source || x.topic - y.topic || x.partition - y.partition;
}
