/** Folding the rows of one batch into partial aggregates: the writer's part of a windowed aggregation, once per record. */
import type { Aggregate } from '../aggregate.ts';
import type { KeyCodec } from '../key.ts';
import type { EventTime } from '../numbers.ts';
import type { WindowAggregateNode } from '../plan.ts';
import type { Row } from '../types.ts';
import type { PaneColumns } from './pane.ts';
import { SessionFold } from './session-fold.ts';
import { SliceFold } from './slice-fold.ts';
import { nextSliceFire } from './slices.ts';

export interface FoldSpec {
  readonly node: WindowAggregateNode;
  readonly keys: KeyCodec;
  readonly aggregates: readonly Aggregate[];
  /** Input column of aggregate i. */
  readonly arguments: readonly number[];
}

export interface WindowFold {
  /** The row may be reused by the caller afterwards. Its time column is not null. */
  add(row: Row): void;
  /** What was folded: one set of columns per slice, in time order; one for all sessions. */
  columns(): PaneColumns[];
}

export function openFold(spec: FoldSpec): WindowFold {
  const { window } = spec.node;
  return window.kind === 'session' ? new SessionFold(spec, window) : new SliceFold(spec, window);
}

/** E8: the watermark at which a segment closes, so that the rows behind it are judged by what has fired before them. */
export function nextSegmentEnd({ node }: FoldSpec, watermark: EventTime): number {
  // Any growth may end a session.
  return node.window.kind === 'session' ? watermark + 1 : nextSliceFire(node.window, watermark);
}
