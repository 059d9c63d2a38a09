/**
 * The state of a function that writers run (protocol 13.3, stateful partition mode): that of each source partition for itself, since only what a partition's
 * log says changes it. In checkpoints and savepoints a key is named together with its partition.
 */
import type { Key } from '../key.ts';
import type { EventTime, WallTime } from '../numbers.ts';
import { Raw } from '../types.ts';
import { GROUPS, paneColumns, type PaneColumns, type StoredForm } from '../window/pane.ts';
import type { KeyedState, StatePane } from '../window/state.ts';
import { changed, type KeyChange } from './changes.ts';
import type { StateDescriptor } from './descriptor.ts';
import type { TimeDomain } from './keyed-function.ts';
import { comparePartitions, partitionKey, partitionOf } from './partition-key.ts';
import { openProcessState, type ProcessState } from './process-state.ts';
import { RECORD_KEYS } from './record-fold.ts';
import { combinedSize, type StateSize } from './state-size.ts';

/** The time that the functions of a partition have come to: what they see, and up to which their timers have fired. */
export interface FunctionTime {
  readonly watermark: EventTime;
  readonly procTime: WallTime;
}

export class PartitionedState implements KeyedState {
  readonly kind = 'partitioned';
  readonly aggregates: readonly StoredForm[];
  readonly #descriptors: readonly StateDescriptor[];
  readonly #only: Key | null;
  readonly #partitions = new Map<Key, ProcessState>();

  /** `only`: what belongs to other partitions is left out (`partitionKey`). */
  constructor(descriptors: readonly StateDescriptor[], only: Key | null = null) {
    this.#descriptors = descriptors;
    this.#only = only;
    this.aggregates = openProcessState(descriptors).aggregates;
  }

  /** The state of a partition. */
  of(partition: Key): ProcessState {
    const known = this.#partitions.get(partition);
    if (known !== undefined) return known;
    const state = openProcessState(this.#descriptors);
    this.#partitions.set(partition, state);
    return state;
  }

  /** What a partition has, for a copy that goes its own way from here. */
  copyOf(partition: Key): PartitionedState {
    const copy = new PartitionedState(this.#descriptors, partition);
    copy.of(partition).restore(paneColumns(GROUPS, this.of(partition).panesAt(GROUPS), this.aggregates));
    return copy;
  }

  /** Those that have state. */
  partitions(): Key[] {
    return [...this.#partitions.keys()].sort((a, b) => comparePartitions(partitionOf(a), partitionOf(b)));
  }

  /** Takes over what an entry of the partition's log says of its keys, and drops what has left by then, as its writer did. */
  apply(partition: Key, changes: readonly KeyChange[], { procTime }: FunctionTime): void {
    const state = this.of(partition);
    for (const change of changes) state.put(change[0], changed(this.#descriptors, state.contentsOf(change[0]), change), procTime);
    state.cleanUp(procTime);
  }

  /** Another partition that holds the key; null without one. */
  rivalOf(partition: Key, key: Key): Key {
    for (const [other, state] of this.#partitions) if (other !== partition && state.contentsOf(key) !== null) return other;
    return null;
  }

  /** The earliest timer of a domain in all partitions; null without any. */
  nextTimer(domain: TimeDomain): number | null {
    const times = this.#states().flatMap((state) => state.nextTimer(domain) ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** As those of `ProcessState`: for people who ask. */
  timerCount(domain: TimeDomain): number {
    return this.#states().reduce((sum, state) => sum + state.timerCount(domain), 0);
  }

  sizes(): StateSize[] {
    const sizes = this.#states().map((state) => state.sizes());
    return this.#descriptors.map((_, s) => combinedSize(sizes.flatMap((of) => of[s] ?? [])));
  }

  sliceEnds(): number[] {
    return this.paneCount() === 0 ? [] : [GROUPS];
  }

  paneCount(): number {
    return this.#states().reduce((sum, state) => sum + state.paneCount(), 0);
  }

  *panesAt(sliceEnd: number): Generator<readonly [Key, StatePane]> {
    for (const [partition, state] of this.#partitions) {
      for (const [key, pane] of state.panesAt(sliceEnd)) yield [keyWithin(partition, key), pane];
    }
  }

  dirtyAt(sliceEnd: number): ReadonlySet<number> {
    return new Set(this.#states().flatMap((state) => [...state.dirtyAt(sliceEnd)]));
  }

  markClean(): void {
    for (const state of this.#states()) state.markClean();
  }

  merge(columns: PaneColumns): void {
    for (const [partition, own] of this.#split(columns)) this.of(partition).merge(own);
  }

  restore(columns: PaneColumns): void {
    for (const [partition, own] of this.#split(columns)) this.of(partition).restore(own);
  }

  nextWindowEnd(watermark: EventTime): EventTime | null {
    const ends = this.#states().flatMap((state) => state.nextWindowEnd(watermark) ?? []);
    return ends.reduce<EventTime | null>((first, end) => (first === null || end < first ? end : first), null);
  }

  #states(): ProcessState[] {
    return [...this.#partitions.values()];
  }

  /** The columns of each partition, with the keys that they have in it. */
  #split({ end, keys, rows, accumulators }: PaneColumns): Map<Key, PaneColumns> {
    const named = keys.map(parted);
    const places = Map.groupBy(named.keys(), (i) => named[i]?.partition ?? null);
    if (this.#only !== null) for (const partition of places.keys()) if (partition !== this.#only) places.delete(partition);
    const pick = <T>(column: readonly T[], at: readonly number[]): T[] => at.flatMap((i) => column.slice(i, i + 1));
    return new Map([...places].map(([partition, at]) => [partition, { end, keys: at.map((i) => named[i]?.key ?? null), rows: pick(rows, at), accumulators: accumulators.map((column) => pick(column, at)) }]));
  }
}

/** The columns as those of a function over keys, whatever partition they come from. */
export const withoutPartitions = (columns: PaneColumns): PaneColumns => ({ ...columns, keys: columns.keys.map((key) => parted(key).key) });

/** A key as checkpoints and savepoints name it: `{source, topic, partition, key}`. */
function keyWithin(partition: Key, key: Key): Key {
  const [raw = null] = RECORD_KEYS.valuesOf(key);
  return RECORD_KEYS.keyOf([new Raw({ ...partitionOf(partition), key: raw instanceof Raw ? raw.value : raw })]);
}

/** The inverse; STORE_CORRUPT for a key that names no partition. */
function parted(composite: Key): { readonly partition: Key; readonly key: Key } {
  const [raw] = RECORD_KEYS.valuesOf(composite);
  const named = raw instanceof Raw ? raw.value : null;
  const key = typeof named === 'object' && named !== null && 'key' in named ? named.key : null;
  const { source, topic, partition } = partitionOf(composite);
  return { partition: partitionKey({ source, topic, partition }), key: RECORD_KEYS.keyOf([key === null ? null : new Raw(key)]) };
}
