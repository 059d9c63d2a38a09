/**
 * Cuts records of several partitions into events. Pure: it knows neither clock nor broker. An event is cut when there are `batchSize` records, when
 * no more bytes fit, or when its oldest record has waited for the window. A partition is in one event at a time, so that it stays in order.
 */
import { EventText, type EncodedRecord, type Origin, type PartitionSlice } from './event-text.ts';

export interface BatchLimits {
  /** Records. */
  readonly batchSize: number;
  readonly windowMs: number;
  readonly payloadBytesMax: number;
}

export interface EventBatch {
  readonly slices: readonly PartitionSlice[];
  /** Null where there is nothing to invoke a function with. */
  readonly payload: string | null;
  /** First offset behind the batch, by partition. */
  readonly next: ReadonlyMap<number, number>;
}

export interface CutOptions {
  /** Smaller than the limit. */
  readonly batchSize?: number;
  /** Not yet those whose window is over: more records of other partitions are about to come. */
  readonly onlyFull?: boolean;
}

/** Records that wait, all partitions together: a bound on memory, and enough to cut the next events at once. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** Events of one partition that may wait. */
const EVENTS_AHEAD = 2;

interface Waiting {
  /** From `taken` on. */
  records: EncodedRecord[];
  taken: number;
  bytes: number;
  /** When the oldest of them came, ms of the caller's clock. */
  since: number;
}

export class Batcher {
  readonly #limits: BatchLimits;
  readonly #text: EventText;
  #waiting = new Map<number, Waiting>();
  readonly #busy = new Set<number>();
  #bytes = 0;

  constructor(origin: Origin, limits: BatchLimits) {
    this.#limits = limits;
    this.#text = new EventText(origin);
  }

  /** Largest record that fits into an event of its own, bytes of JSON. */
  recordBytesMax(partition: number): number {
    return this.#limits.payloadBytesMax - this.#text.bytes - this.#text.bytesOf(partition) + 1;
  }

  /** Forgets what waits. A partition whose event is under way stays closed until that ends. */
  reset(): void {
    this.#waiting = new Map();
    this.#bytes = 0;
  }

  add(partition: number, records: readonly EncodedRecord[], now: number): void {
    const waiting = this.#waiting.get(partition) ?? { records: [], taken: 0, bytes: 0, since: now };
    if (isDrained(waiting)) waiting.since = now;
    if (waiting.taken > 0) waiting.records = waiting.records.slice(waiting.taken);
    waiting.taken = 0;
    for (const record of records) waiting.records.push(record);
    this.#count(waiting, bytesOf(records));
    this.#waiting.set(partition, waiting);
  }

  hasRoom(partition: number): boolean {
    const waiting = this.#waiting.get(partition);
    if (waiting === undefined || isDrained(waiting)) return true;
    const { batchSize, payloadBytesMax } = this.#limits;
    const count = waiting.records.length - waiting.taken;
    return count < EVENTS_AHEAD * batchSize && waiting.bytes < EVENTS_AHEAD * payloadBytesMax && this.#bytes < WAITING_BYTES_MAX;
  }

  /** The next event, if one is due; its partitions are closed until `end`. */
  cut(now: number, { batchSize = this.#limits.batchSize, onlyFull = false }: CutOptions = {}): EventBatch | null {
    const free = [...this.#waiting].filter(([partition, waiting]) => !this.#busy.has(partition) && !isDrained(waiting)).sort(([, a], [, b]) => a.since - b.since);
    const oldest = free[0]?.[1].since;
    if (oldest === undefined) return null;
    const { slices, isFull } = this.#fill(free, batchSize);
    if (!isFull && (onlyFull || now - oldest < this.#limits.windowMs)) return null;
    for (const slice of slices) this.#take(slice, now);
    return { slices, payload: this.#text.of(slices), next: nextOf(slices) };
  }

  /** The same records as one event for each partition; the partitions stay closed until each of them ends. */
  split({ slices }: EventBatch): EventBatch[] {
    return slices.map((slice) => ({ slices: [slice], payload: this.#text.of([slice]), next: nextOf([slice]) }));
  }

  /** The batch is over: its partitions may be in events again. */
  end({ slices }: EventBatch): void {
    for (const { partition } of slices) this.#busy.delete(partition);
  }

  /** The batch is over, and its records wait again, to be cut differently. */
  putBack(batch: EventBatch, now: number): void {
    this.end(batch);
    for (const { partition, records } of batch.slices) {
      const behind = this.#waiting.get(partition);
      const waiting = { records: [...records, ...(behind?.records.slice(behind.taken) ?? [])], taken: 0, bytes: behind?.bytes ?? 0, since: now };
      this.#count(waiting, bytesOf(records));
      this.#waiting.set(partition, waiting);
    }
  }

  /** As many records as fit, the partitions that have waited longest first. */
  #fill(free: readonly (readonly [number, Waiting])[], batchSize: number): { slices: PartitionSlice[]; isFull: boolean } {
    const slices: PartitionSlice[] = [];
    let room = batchSize;
    // The first partition has no comma before it.
    let bytes = this.#limits.payloadBytesMax - this.#text.bytes + 1;
    for (const [partition, waiting] of free) {
      const fit = fitOf(waiting, room, bytes - this.#text.bytesOf(partition));
      if (fit.count > 0) slices.push({ partition, records: waiting.records.slice(waiting.taken, waiting.taken + fit.count) });
      room -= fit.count;
      bytes -= this.#text.bytesOf(partition) + fit.bytes;
      if (room === 0 || fit.isCutShort) return { slices, isFull: true };
    }
    return { slices, isFull: false };
  }

  #take({ partition, records }: PartitionSlice, now: number): void {
    const waiting = this.#waiting.get(partition);
    if (waiting === undefined) return;
    waiting.taken += records.length;
    waiting.since = now;
    this.#count(waiting, -bytesOf(records));
    if (isDrained(waiting)) this.#waiting.delete(partition);
    this.#busy.add(partition);
  }

  #count(waiting: Waiting, bytes: number): void {
    waiting.bytes += bytes;
    this.#bytes += bytes;
  }
}

/** How many records from `taken` on fit into `room` records and `bytes` bytes. */
function fitOf({ records, taken }: Waiting, room: number, bytes: number): { count: number; bytes: number; isCutShort: boolean } {
  let used = 0;
  let count = 0;
  for (; count < room && taken + count < records.length; count++) {
    const { bytes: size } = records[taken + count] ?? { bytes: 0 };
    const more = size === 0 || used === 0 ? size : size + 1;
    if (used + more > bytes) return { count, bytes: used, isCutShort: true };
    used += more;
  }
  return { count, bytes: used, isCutShort: false };
}

const isDrained = ({ records, taken }: Waiting): boolean => taken >= records.length;
const bytesOf = (records: readonly EncodedRecord[]): number => records.reduce((sum, record) => sum + record.bytes, 0);
const nextOf = (slices: readonly PartitionSlice[]): Map<number, number> =>
  new Map(slices.map(({ partition, records }) => [partition, (records.at(-1)?.offset ?? -1) + 1]));
