/** What a key holds, as plain values that tests can compare. */
import type { Key } from '../core/key.ts';
import type { StatesOf, NamedState } from '../core/process/descriptor.ts';
import { openKeyStates, type StateHandle } from '../core/process/key-states.ts';
import type { Held } from './snapshot.ts';

/** The values of the states, under the names by which the function declares them: `{ total: 12, seen: new Map([['a', 1]]), last: null }`. */
export type HeldValues<D> = { readonly [Name in keyof D]: HeldValue<StatesOf<D>[Name]> };

type HeldValue<State> = State extends { value(): infer T }
  ? T
  : State extends { entries(): IterableIterator<[infer K, infer V]> }
    ? Map<K, V>
    : State extends { get(): infer T }
      ? T
      : never;

/** As a function would read them now; reading does not renew a TTL. */
export function heldValues(states: readonly NamedState[], { state, processingTime }: Pick<Held, 'state' | 'processingTime'>, key: Key): Readonly<Record<string, unknown>> {
  const opened = openKeyStates(states, state.contentsOf(key)?.cells ?? null, processingTime);
  return Object.fromEntries(Object.entries(opened.state).map(([field, handle]) => [field, heldValue(handle)]));
}

function heldValue(handle: StateHandle): unknown {
  if ('value' in handle) return handle.value();
  if ('entries' in handle) return new Map(handle.entries());
  return handle.get();
}
