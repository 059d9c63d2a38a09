/** The instances of a function over source partitions in a step: made when their partition has its first record, and snapshotted at the end. */
import { assert } from '../errors.ts';
import type { Key } from '../key.ts';
import type { JsonValue } from '../plan.ts';
import { decodeStored } from '../stored-value.ts';
import type { KeyContext, KeyedFunction } from './keyed-function.ts';
import type { KeyMark, OpenKey } from './open-key.ts';
import { INITIALIZED_FIELD } from './operator-state.ts';
import type { PartitionInstance } from './partition-function.ts';
import { partitionOf } from './partition-key.ts';
import { HeldValueState } from './value-state.ts';

/** An event that an instance has taken. */
export interface TakenEvent {
  /** As it is stored: the function may have changed what it got. */
  readonly value: JsonValue;
  readonly context: KeyContext;
}

interface Opened {
  readonly open: OpenKey;
  instance: PartitionInstance;
  isRestored: boolean;
  /** The states that the instance was made from. */
  mark: KeyMark;
  /** Has taken events since. */
  isDirty: boolean;
  /** Those, if they are kept. */
  taken: TakenEvent[];
}

export class PartitionInstances {
  readonly #initialize: NonNullable<KeyedFunction['initialize']>;
  readonly #opened = new Map<Key, Opened>();

  constructor(initialize: NonNullable<KeyedFunction['initialize']>) {
    this.#initialize = initialize;
  }

  /** The instance of a partition. Throws what `initialize` throws. */
  of(open: OpenKey): PartitionInstance {
    const opened = this.#opened.get(open.key) ?? this.#make(open, markerOf(open).value() !== null);
    opened.isDirty = true;
    return opened.instance;
  }

  /** Makes the instance of a partition that was restored, which sees it before the first record, as in Flink. */
  restore(open: OpenKey): void {
    this.#make(open, true).isDirty = true;
  }

  /** An event that `redo` would have to repeat. */
  keep(open: OpenKey, event: TakenEvent): void {
    this.#opened.get(open.key)?.taken.push(event);
  }

  /**
   * Gives the partition another instance, which has seen all but the event that the former one has failed on: nobody can take back what that has done in
   * memory (W10). It is snapshotted, so that an event is repeated once, however many fail.
   */
  redo(open: OpenKey): void {
    const opened = this.#opened.get(open.key);
    if (opened === undefined) return;
    open.rollback(opened.mark);
    opened.instance = this.#instance(open, opened.isRestored);
    for (const { value, context } of opened.taken) repeat(opened.instance, value, context);
    opened.isDirty = true;
    this.#snapshot(opened);
  }

  /** Of those that have been made. */
  keys(): Iterable<Key> {
    return this.#opened.keys();
  }

  /** Of an instance that has taken events since the last time. */
  snapshot(key: Key): void {
    const opened = this.#opened.get(key);
    if (opened !== undefined) this.#snapshot(opened);
  }

  #make(open: OpenKey, isRestored: boolean): Opened {
    const mark = open.mark();
    const opened = { open, instance: this.#instance(open, isRestored), isRestored, mark, isDirty: false, taken: [] };
    this.#opened.set(open.key, opened);
    return opened;
  }

  #instance(open: OpenKey, isRestored: boolean): PartitionInstance {
    const marker = markerOf(open);
    if (marker.value() === null) marker.update(true);
    return this.#initialize({ state: open.state, isRestored, partition: partitionOf(open.key) });
  }

  #snapshot(opened: Opened): void {
    if (!opened.isDirty) return;
    opened.instance.snapshot?.();
    opened.isDirty = false;
    opened.isRestored = true;
    opened.taken = [];
    opened.mark = opened.open.mark();
  }
}

function markerOf(open: OpenKey): HeldValueState {
  const marker = open.state[INITIALIZED_FIELD];
  assert(marker instanceof HeldValueState, 'a function over partitions marks those that it has seen');
  return marker;
}

/** What it gives was given the first time. */
function repeat(instance: PartitionInstance, value: JsonValue, context: KeyContext): void {
  const outputs = instance.onEvent(decodeStored(value), { ...context, output: () => {} });
  if (outputs === undefined) return;
  for (const _ of outputs);
}
