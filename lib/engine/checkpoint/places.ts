/**
 * Under which window end a checkpoint keeps what (protocol 8.2): a slice under its own, sessions and groups under that of theirs. Rows that wait to be put in
 * order lie together, however many instants they have: what is packed is bounded by bytes, and there may be an instant for each millisecond.
 */
import type { Key } from '../../core/key.ts';
import type { Uid } from '../../core/numbers.ts';
import { INSTANTS, type PaneColumns } from '../../core/window/pane.ts';
import type { StageState } from '../../core/stages.ts';
import type { StatePane } from '../../core/window/state.ts';

export type PaneEntry = readonly [Key, StatePane];

const isOfInstants = (state: StageState): boolean => state.kind === 'slices' && state.inOrder;

/** The window ends under which a state is kept. */
export function placesOf(state: StageState): number[] {
  const ends = state.sliceEnds();
  return isOfInstants(state) && ends.length > 0 ? [INSTANTS] : ends;
}

/** Key groups at a place with panes that were added, changed or removed since they were marked clean. */
export function dirtyOf(state: StageState, place: number): ReadonlySet<number> {
  if (state.kind !== 'slices' || !state.inOrder) return state.dirtyAt(place);
  return place === INSTANTS ? state.dirtyGroups() : new Set();
}

/** The panes at a place; those of an instant have its span. */
export function* panesOf(state: StageState, place: number): Generator<PaneEntry> {
  if (!isOfInstants(state)) yield* state.panesAt(place);
  else if (place === INSTANTS) {
    for (const end of state.sliceEnds()) for (const [key, pane] of state.panesAt(end)) yield [key, { ...pane, start: end - 1, end }];
  }
}

/** What a chunk holds of an operator, as columns of the slices that it was packed from. */
export function slicesIn(uid: Uid, columns: PaneColumns): (readonly [Uid, PaneColumns])[] {
  const { end: place, keys, rows, accumulators, spans = [] } = columns;
  if (place !== INSTANTS) return [[uid, columns]];
  const ofEnd = Map.groupBy(keys.keys(), (i) => spans[i]?.[1] ?? 0);
  return [...ofEnd].map(([end, at]) => {
    const pick = <T>(column: readonly T[]): T[] => at.flatMap((i) => column.slice(i, i + 1));
    return [uid, { end, keys: pick(keys), rows: pick(rows), accumulators: accumulators.map(pick) }];
  });
}
