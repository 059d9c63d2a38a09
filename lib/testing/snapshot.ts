/** Snapshots of a harness: what a savepoint keeps of a process function, by the rules of savepoints (protocol V1, V4). */
import { decodeWatermark, encodeWatermark } from '../core/watermark.ts';
import { uid as uidOf, wallTime, type EventTime, type WallTime } from '../core/numbers.ts';
import type { Plan, ProcessNode } from '../core/plan.ts';
import { NO_CODE } from '../core/process/code.ts';
import { specOf } from '../core/process/declare.ts';
import type { KeyedFunction } from '../core/process/keyed-function.ts';
import type { SourcePartition } from '../core/process/partition-function.ts';
import { partitionOf } from '../core/process/partition-key.ts';
import { ProcessState } from '../core/process/process-state.ts';
import { PROCESS_OUTPUT } from '../core/process/rows.ts';
import { paneColumns, type PaneColumns } from '../core/window/pane.ts';
import { restorePartitions } from '../engine/lifecycle/restored-functions.ts';
import { assertCompatible, compareState } from '../savepoint/compatibility.ts';
import { evolveFunction } from '../savepoint/evolve-functions.ts';
import { statesDeclaredIn } from '../savepoint/function-compatibility.ts';

/** Plain JSON: it may be kept in a file, for the tests of the next version. */
export interface HarnessSnapshot {
  /** The function, as a plan says it: names, kinds, versions and TTLs of its states. */
  readonly node: ProcessNode;
  readonly panes: readonly PaneColumns[];
  /** Epoch ms; null before the first. */
  readonly watermark: number | null;
  /** Epoch ms. */
  readonly processingTime: number;
}

/** What of a harness is restored. */
export interface Held {
  readonly state: ProcessState;
  readonly watermark: EventTime;
  readonly processingTime: WallTime;
}

export interface RestoreOptions {
  /** State that the function has no place for is dropped (`--allow-non-restored-state`). */
  readonly allowNonRestored?: boolean;
}

/** What a restore is told. */
interface Restoring extends RestoreOptions {
  /** The source partitions that there are now; absent: those of the snapshot. */
  readonly partitions?: readonly SourcePartition[];
}

export function snapshotOf(fn: KeyedFunction, { state, watermark, processingTime }: Held): HarnessSnapshot {
  const panes = state.sliceEnds().map((end) => paneColumns(end, state.panesAt(end), state.aggregates));
  return { node: nodeOf(fn), panes, watermark: encodeWatermark(watermark), processingTime };
}

/** What the function makes of a snapshot. Throws STATE_INCOMPATIBLE, and FUNCTION_THREW or STATE_VALUE_INVALID from migrations and schemas. */
export function restored(fn: KeyedFunction, snapshot: HarnessSnapshot, { allowNonRestored = false, partitions }: Restoring): Held {
  const node = nodeOf(fn);
  const declared = statesDeclaredIn({ ...NO_CODE, functions: new Map([[UID, fn]]) });
  assertCompatible(compareState(planOf(snapshot.node), planOf(node), declared), { allowNonRestored });
  const processingTime = wallTime(snapshot.processingTime);
  const state = new ProcessState(fn.states);
  const from = { uid: UID, node: snapshot.node, panes: snapshot.panes };
  const panes = evolveFunction(from, { node, states: fn.states }, { now: processingTime, shiftMs: 0 });
  if (node.scope === undefined) for (const columns of panes) state.merge(columns);
  else restorePartitions({ uid: UID, node, fn }, state, { panes, partitions: partitions ?? panes.flatMap(({ keys }) => keys.map(partitionOf)), now: processingTime });
  return { state, watermark: decodeWatermark(snapshot.watermark), processingTime };
}

/** Of the function of a harness; that is what its errors call it. */
export const UID = uidOf('function');

const nodeOf = (fn: KeyedFunction): ProcessNode => ({
  kind: 'process',
  uid: UID,
  input: uidOf('input'),
  ...(fn.initialize !== undefined && { scope: 'partition' }),
  states: fn.states.map((state) => specOf(state.name, state)),
  columns: PROCESS_OUTPUT,
});

const planOf = (node: ProcessNode): Plan => ({ formatVersion: 1, name: 'harness', sql: '', nodes: [node], options: {} });
