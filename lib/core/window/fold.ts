/** Folding the rows of one batch into partial aggregates: the writer's part of a windowed aggregation, once per record. */
import type { Aggregate } from '../aggregates/aggregate.ts';
import { NO_ORIGIN } from '../aggregates/origins.ts';
import type { Feed } from '../aggregates/states.ts';
import type { KeyCodec } from '../key.ts';
import type { EventTime } from '../numbers.ts';
import type { WindowAggregateNode } from '../plan.ts';
import type { Row } from '../types.ts';
import type { PaneColumns } from './pane.ts';
import { MIN_WATERMARK } from '../watermark.ts';
import { EagerFold } from './eager-fold.ts';
import { GroupFold } from './group-fold.ts';
import { ProcessingTimeFold } from './processing-time.ts';
import { SessionFold } from './session-fold.ts';
import { SliceFold } from './slice-fold.ts';
import { nextSliceFire } from './slices.ts';

export interface FoldSpec {
  readonly node: WindowAggregateNode;
  readonly keys: KeyCodec;
  readonly aggregates: readonly Aggregate[];
  /** Input column of aggregate i. */
  readonly arguments: readonly number[];
  /** What aggregate i takes of a row, where that is more than a column that is not NULL. */
  readonly feeds?: readonly Feed[];
}

export interface WindowFold {
  /** The row may be reused by the caller afterwards. Its row time is not null. */
  add(row: Row): void;
  /** What was folded: one set of columns per slice, in time order; one for all sessions. */
  columns(): PaneColumns[];
  /** Rows that were left out because every window they belong to has been cleaned up (W8). */
  readonly late: number;
}

/**
 * `fired`: a watermark that the operator has reached, however long ago (W8). The firer will judge by one that is at least as large, so
 * what is late by this one is late. Never for sessions: a row that is late alone may join one that is not; nor for what is put in order, where the
 * watermark does not tell what is late. `origin`: where the rows come from.
 */
export function openFold(given: FoldSpec, fired: EventTime = MIN_WATERMARK, origin: string = NO_ORIGIN): WindowFold {
  const spec = { ...given, aggregates: given.aggregates.map((aggregate) => aggregate.from?.(origin) ?? aggregate) };
  const { window, timeColumn, inOrder } = spec.node;
  if (window.kind === 'unbounded') return new GroupFold(spec);
  if (timeColumn === null) return new ProcessingTimeFold(spec);
  if (window.kind === 'session') return new SessionFold(spec, window, timeColumn);
  return spec.node.earlyFire === true ? new EagerFold(spec, window, timeColumn, fired) : new SliceFold(spec, window, timeColumn, inOrder === true ? MIN_WATERMARK : fired);
}

/** E8: the watermark at which a segment closes, so that the rows behind it are judged by what has fired and been cleaned up before them. */
export function nextSegmentEnd({ node }: FoldSpec, watermark: EventTime): number {
  const { window, timeColumn, inOrder, allowedLatenessMs = 0 } = node;
  if (timeColumn === null || window.kind === 'unbounded') return Number.POSITIVE_INFINITY;
  // Any growth may end a session, or hand on what came late.
  if (window.kind === 'session' || inOrder === true) return watermark + 1;
  // Every row that comes late changes a result, and each change is told.
  return allowedLatenessMs > 0 ? watermark : nextSliceFire(window, watermark);
}
