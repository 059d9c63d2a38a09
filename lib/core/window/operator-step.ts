/**
 * One step of one window operator, as an overlay over its state: rows are taken in, windows fire, and nothing of it touches the state
 * before `commit`. So a step can be computed, thrown away and computed again (protocol F3, F4, F7).
 */
import type { EventTime } from '../numbers.ts';
import { EagerStep } from './eager-step.ts';
import type { PaneColumns } from './pane.ts';
import type { EmitResult, StepSpec } from './pane-result.ts';
import { GroupStep } from './group-step.ts';
import { LimitStep } from './limit-step.ts';
import { SessionStep } from './session-step.ts';
import { SliceStep } from './slice-step.ts';
import { SortStep } from './sort-step.ts';
import type { WindowState } from './state.ts';

/** A window end that fires, and how many rows it gives at most. */
export interface DueWindow {
  readonly end: EventTime;
  readonly rows: number;
}

export interface OperatorStep {
  /** Takes in what a segment holds for the operator, judged by the watermark so far; returns the rows dropped as late (E4, E5). */
  add(section: readonly PaneColumns[]): number;
  /** Rows that the next `fire` gives whatever the watermark is, at most; one as large as many counts as many (F13). */
  readonly pending: number;
  /** What `fire(watermark)` would emit because windows end, in time order (F13). */
  due(watermark: EventTime): DueWindow[];
  /** Moves the watermark and emits all windows that fire with it, by end, then by key (E2). */
  fire(watermark: EventTime, emit: EmitResult): void;
  /** Brings the state to the end of the step. */
  commit(): void;
}

/** `watermark` is that of the operator before the step. */
export function openOperatorStep(spec: StepSpec, state: WindowState, watermark: EventTime): OperatorStep {
  const { limit, inOrder, earlyFire } = spec.node;
  if (state.kind === 'groups') return limit === undefined ? new GroupStep(spec, state) : new LimitStep(spec, state, limit);
  if (state.kind === 'sessions') return new SessionStep(spec, state, watermark);
  if (inOrder === true) return new SortStep(spec, state, watermark);
  return earlyFire === true ? new EagerStep(spec, state, watermark) : new SliceStep(spec, state, watermark);
}
