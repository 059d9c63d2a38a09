/** The states of one key while a function runs: what it does lies over the cells that were there, which stay as they are. */
import { assert } from '../errors.ts';
import type { WallTime } from '../numbers.ts';
import { HeldAggregatingState } from './aggregating-state.ts';
import { emptyCell } from './cells.ts';
import type { Cell, KeyContents } from './contents.ts';
import type { AggregatingState, ListState, MapState, NamedState, ReducingState, ValueState } from './descriptor.ts';
import { HeldEntries } from './held-entries.ts';
import { HeldItem } from './held-item.ts';
import { HeldList } from './held-list.ts';
import type { Held } from './held.ts';
import { HeldListState } from './list-state.ts';
import { HeldMapState } from './map-state.ts';
import { HeldReducingState } from './reducing-state.ts';
import { lifetimeOf } from './ttl.ts';
import { HeldValueState } from './value-state.ts';

/** A state as a function finds it. */
export type StateHandle =
  | ValueState<unknown>
  | ListState<unknown>
  | MapState<unknown, unknown>
  | ReducingState<unknown>
  | AggregatingState<unknown, unknown>;

/** What the states held at some moment. A rollback to it voids the marks made since. */
export type Mark = readonly (() => void)[];

export class KeyStates {
  /** By the fields under which the function declares them. */
  readonly state: Readonly<Record<string, StateHandle>>;
  readonly #held: readonly Held[];

  constructor(descriptors: readonly NamedState[], cells: KeyContents['cells'] | null, now: WallTime) {
    const state: Record<string, StateHandle> = {};
    const held: Held[] = [];
    for (const [i, descriptor] of descriptors.entries()) {
      const [one, handle] = open(descriptor, cells?.[i] ?? emptyCell(descriptor.kind), now);
      held.push(one);
      state[descriptor.field] = handle;
    }
    this.state = state;
    this.#held = held;
  }

  /** Something was written, removed, or had its time renewed. */
  get isChanged(): boolean {
    for (const one of this.#held) if (one.isChanged) return true;
    return false;
  }

  /** What is held now, in the order of the descriptors; the very cell that was given where nothing changed. */
  cells(): readonly Cell[] {
    return this.#held.map((one) => one.cell());
  }

  mark(): Mark {
    return this.#held.map((one) => one.undo());
  }

  /** As if nothing had happened since the mark: a function that throws leaves no trace (W10). */
  rollback(mark: Mark): void {
    for (const undo of mark) undo();
  }
}

/** `contents`: null for a key that holds nothing. `now`: the `procTime` of the step (V7). */
export const openKeyStates = (descriptors: readonly NamedState[], contents: KeyContents['cells'] | null, now: WallTime): KeyStates => new KeyStates(descriptors, contents, now);

function open(descriptor: NamedState, cell: Cell, now: WallTime): readonly [Held, StateHandle] {
  const lifetime = lifetimeOf(descriptor.ttl, now);
  if (descriptor.kind === 'list') {
    assert(cell.kind === 'list', 'a list state holds a list');
    const held = new HeldList(cell, lifetime);
    return [held, new HeldListState(held)];
  }
  if (descriptor.kind === 'map') {
    assert(cell.kind === 'map', 'a map state holds a map');
    const held = new HeldEntries(cell, lifetime);
    return [held, new HeldMapState(held)];
  }
  assert(cell.kind === 'single', `a ${descriptor.kind} state holds a single item`);
  const held = new HeldItem(cell, lifetime);
  return [held, singleState(descriptor, held)];
}

function singleState(descriptor: NamedState & { readonly kind: 'value' | 'reducing' | 'aggregating' }, held: HeldItem): StateHandle {
  switch (descriptor.kind) {
    case 'value':
      return new HeldValueState(held, descriptor.initial);
    case 'reducing':
      return new HeldReducingState(held, descriptor.reduce);
    case 'aggregating':
      return new HeldAggregatingState(held, descriptor.aggregate);
  }
}
