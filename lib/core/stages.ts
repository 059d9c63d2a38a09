/** What the stages of a dataflow keep, and how rows get into them: windows and functions alike. */
import type { FunctionFlow, StageFlow } from './dataflow.ts';
import { assert } from './errors.ts';
import type { EventTime, PartitionId } from './numbers.ts';
import { PartitionedState } from './process/partitioned-state.ts';
import { openProcessState, type ProcessState } from './process/process-state.ts';
import { PartitionFold, RecordFold } from './process/record-fold.ts';
import type { Row } from './types.ts';
import { nextSegmentEnd, openFold } from './window/fold.ts';
import type { PaneColumns } from './window/pane.ts';
import { openWindowState, type WindowState } from './window/state.ts';

/** What a function keeps: by key, or by partition and key where writers run it. */
export type FunctionState = ProcessState | PartitionedState;

export type StageState = WindowState | FunctionState;

export const openStageState = (flow: StageFlow): StageState => (flow.kind === 'function' ? openFunctionState(flow) : openWindowState(flow.node, flow.aggregates));

export const isFunctionState = (state: StageState): state is FunctionState => state.kind === 'process' || state.kind === 'partitioned';

const openFunctionState = ({ prePartitioned, fn }: FunctionFlow): FunctionState => (prePartitioned ? new PartitionedState(fn.states) : openProcessState(fn.states));

/** Rows on their way into a stage. */
export interface RowFold {
  /** The row may be reused by the caller afterwards. */
  add(row: Row): void;
  columns(): PaneColumns[];
  /** Takes back what is added from here on; absent where nobody can. */
  mark?(): () => void;
  /** Rows that were left out as late (W8). */
  readonly late: number;
}

/** See `openFold`: functions get every row, whatever has fired. `origin`: the partition that the rows come from; absent for those of stages. */
export const openStageFold = (flow: StageFlow, fired?: EventTime, origin?: PartitionId): RowFold => (flow.kind === 'function' ? openRecordFold(flow, origin) : openFold(flow, fired, origin));

function openRecordFold({ uid, partitionKeyOf }: FunctionFlow, origin: PartitionId | undefined): RowFold {
  if (partitionKeyOf === null) return new RecordFold();
  assert(origin !== undefined, `${uid} has state of source partitions, and gets rows that come from none`);
  return new PartitionFold(partitionKeyOf(origin));
}

/** See `nextSegmentEnd`: a timer may stand anywhere. */
export const nextSegmentEndOf = (flow: StageFlow, watermark: EventTime): number => (flow.kind === 'function' ? watermark + 1 : nextSegmentEnd(flow, watermark));
