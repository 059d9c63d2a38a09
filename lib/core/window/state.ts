/**
 * The keyed state of one windowed aggregation, as the firer holds it (backend `hashmap`). It changes only when a step is committed, and
 * knows which key groups changed since they were last checkpointed.
 */
import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Key } from '../key.ts';
import type { EventTime } from '../numbers.ts';
import type { WindowAggregateNode } from '../plan.ts';
import type { Pane, PaneColumns, Span, StoredForm } from './pane.ts';
import { GroupState } from './group-state.ts';
import { SessionState } from './session-state.ts';
import { SliceState } from './slice-state.ts';

/** A pane of the state; it knows its key group, so that nothing hashes a key twice. Sessions have their span, and instants in a checkpoint. */
export interface StatePane extends Pane, Partial<Span> {
  readonly group: number;
}

/** What checkpoints and savepoints need of a state, whatever its windows are. */
export interface KeyedState {
  readonly aggregates: readonly StoredForm[];
  paneCount(): number;
  /** Slice ends that hold panes, in time order; `SESSIONS` for sessions, `GROUPS` without a window. */
  sliceEnds(): number[];
  panesAt(sliceEnd: number): Iterable<readonly [Key, StatePane]>;
  /** Key groups with panes that were added, changed or removed since they were marked clean. */
  dirtyAt(sliceEnd: number): ReadonlySet<number>;
  /** A checkpoint of exactly this state is in the log (C2). */
  markClean(): void;
  /** Takes panes in as new; they are dirty. */
  merge(columns: PaneColumns): void;
  /** Loads panes that a checkpoint already holds: they are clean. */
  restore(columns: PaneColumns): void;
  /** The earliest window end that has not fired when the watermark is `watermark`; null without state. */
  nextWindowEnd(watermark: EventTime): EventTime | null;
}

export type WindowState = SliceState | SessionState | GroupState;

export function openWindowState(node: Pick<WindowAggregateNode, 'window' | 'inOrder'>, aggregates: readonly Aggregate[]): WindowState {
  const { window, inOrder } = node;
  if (window.kind === 'unbounded') return new GroupState(aggregates);
  return window.kind === 'session' ? new SessionState(window, aggregates) : new SliceState(window, aggregates, inOrder);
}
