/** Stands in for `key-states.ts` until it is there: value states only, without TTL. */
import type { WallTime } from '../numbers.ts';
import type { JsonValue } from '../plan.ts';
import { decodeStored, encodeStored } from '../stored-value.ts';
import type { Cell } from './contents.ts';
import type { NamedState } from './descriptor.ts';

/** The states of one key in a step, over those that are committed. */
export interface KeyStates {
  readonly state: unknown;
  cells(): readonly Cell[];
  readonly isChanged: boolean;
  mark(): StatesMark;
  rollback(mark: StatesMark): void;
}

export type StatesMark = readonly Cell[];

export function openKeyStates(descriptors: readonly NamedState[], committed: readonly Cell[], now: WallTime): KeyStates {
  let cells = committed;
  const put = (s: number, json: JsonValue | null): void => {
    const ttl = descriptors[s]?.ttl === undefined ? {} : { at: now };
    cells = cells.with(s, { kind: 'single', item: json === null ? null : { json, ...ttl } });
  };
  const read = (s: number): unknown => {
    const cell = cells[s];
    return cell?.kind === 'single' && cell.item !== null ? decodeStored(cell.item.json) : null;
  };
  const state = Object.fromEntries(descriptors.map(({ field }, s) => [field, { value: () => read(s), update: (value: unknown) => put(s, encodeStored(value)), clear: () => put(s, null) }]));
  return {
    state,
    cells: () => cells,
    get isChanged() {
      return cells !== committed;
    },
    mark: () => cells,
    rollback: (mark) => void (cells = mark),
  };
}
