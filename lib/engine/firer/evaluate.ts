/**
 * One step of the job: from the state and the entries of an interval to the rows of all windows that fire (protocol §6). Pure and a
 * function of logged inputs only (F7), so that a replay of FIRE f gives its stored result (F4).
 */
import type { Dataflow, OperatorFlow, Path } from '../../core/dataflow.ts';
import { sortKeys, type Key } from '../../core/key.ts';
import { eventTime, type EventTime, type Uid } from '../../core/numbers.ts';
import { forEachPane, mergeInto, rowCount, type Pane, type PaneColumns } from '../../core/pane.ts';
import type { JsonValue } from '../../core/plan.ts';
import { encodeValue } from '../../core/value-codec.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { WindowState } from '../../core/window-state.ts';
import { fireTimeOf, isLate, windowStartOf } from '../../core/window.ts';
import type { Position } from '../position.ts';
import type { TailEntry } from './tail.ts';

export type States = ReadonlyMap<Uid, WindowState>;

/** What a step does, before anything is done. */
export interface Evaluation {
  /** Encoded rows per sink uid; sinks without rows are left out. */
  readonly rows: Readonly<Record<string, readonly JsonValue[][]>>;
  /** Rows dropped as late in this step, per operator uid. */
  readonly late: Readonly<Record<string, number>>;
  /** Slices that fire and leave the state, per operator uid (E6). */
  readonly fired: Readonly<Record<string, readonly number[]>>;
}

/** The watermark that an operator sees at a position (F5). */
export function watermarkOf(operator: OperatorFlow, position: Position): EventTime {
  const own = position.operatorWatermarks[operator.uid];
  return own ?? position.watermarks[operator.sources[0] ?? 0] ?? MIN_WATERMARK;
}

export function evaluate(dataflow: Dataflow, states: States, entries: readonly TailEntry[], before: Position, after: Position): Evaluation {
  const rows: Record<string, JsonValue[][]> = statelessRows(entries);
  const late: Record<string, number> = {};
  const fired: Record<string, number[]> = {};
  for (const operator of dataflow.operators) {
    const was = watermarkOf(operator, before);
    const { live, dropped } = splitLate(operator, entries, was);
    if (dropped > 0) late[operator.uid] = dropped;
    const state = states.get(operator.uid);
    const due = dueSlices(state, live, watermarkOf(operator, after));
    if (due.length > 0) fired[operator.uid] = due;
    for (const end of due) emitSlice(dataflow, operator, end, panesOf(operator, state, live, end), rows);
  }
  return { rows: withoutEmpty(rows), late, fired };
}

/** Brings the state to the position after the step. */
export function applyStep(dataflow: Dataflow, states: States, entries: readonly TailEntry[], before: Position, result: Evaluation): void {
  for (const operator of dataflow.operators) {
    const state = states.get(operator.uid);
    const fired = new Set(result.fired[operator.uid] ?? []);
    const { live } = splitLate(operator, entries, watermarkOf(operator, before));
    for (const columns of live) if (!fired.has(columns.end)) state?.merge(columns);
    for (const end of fired) state?.purge(end);
  }
}

/** Slices with a pane that fire when the watermark is `watermark`, in time order. */
export function dueSlices(state: WindowState | undefined, live: readonly PaneColumns[], watermark: EventTime): number[] {
  const ends = new Set(state?.sliceEnds() ?? []);
  for (const columns of live) if (columns.keys.length > 0) ends.add(columns.end);
  return [...ends].filter((end) => fireTimeOf(eventTime(end)) <= watermark).sort((a, b) => a - b);
}

/** E4: what an operator takes in of the entries, judged by its watermark before the step, and the rows it drops. */
export function splitLate(operator: OperatorFlow, entries: readonly TailEntry[], watermark: EventTime): { live: PaneColumns[]; dropped: number } {
  const live: PaneColumns[] = [];
  let dropped = 0;
  for (const entry of entries) {
    for (const segment of entry.segments) {
      dropped += segment.late[operator.uid] ?? 0;
      for (const columns of segment.sections[operator.uid] ?? []) {
        if (isLate(eventTime(columns.end), watermark)) dropped += rowCount(columns);
        else live.push(columns);
      }
    }
  }
  return { live, dropped };
}

/** The panes of a slice at the end of the interval, without touching the state. */
function panesOf(operator: OperatorFlow, state: WindowState | undefined, live: readonly PaneColumns[], end: number): Map<Key, Pane> {
  const panes = new Map<Key, Pane>(state?.slice(end)?.panes);
  const own = new Set<Key>();
  for (const columns of live) {
    if (columns.end !== end) continue;
    forEachPane(columns, operator.aggregates, (key, rows, accumulators) => {
      const pane = panes.get(key);
      if (pane === undefined) {
        panes.set(key, { rows, accumulators });
        own.add(key);
        return;
      }
      const mine = own.has(key) ? pane : { rows: pane.rows, accumulators: pane.accumulators.slice() };
      mergeInto(mine, rows, accumulators, operator.aggregates);
      panes.set(key, mine);
      own.add(key);
    });
  }
  return panes;
}

/** E2: one row per key of the window that ends with the slice, in key order. */
function emitSlice(dataflow: Dataflow, operator: OperatorFlow, end: number, panes: Map<Key, Pane>, rows: Record<string, JsonValue[][]>): void {
  const start = windowStartOf(operator.node.window, eventTime(end));
  const outputs = operator.paths.map((path) => ({ path, rows: (rows[path.to.uid] ??= []), columns: columnsOf(dataflow, path) }));
  for (const key of sortKeys([...panes.keys()])) {
    const pane = panes.get(key);
    if (pane === undefined) continue;
    const results = operator.aggregates.map((aggregate, a) => aggregate.result(pane.accumulators[a] ?? null));
    const row = operator.rowOf(operator.keys.valuesOf(key), pane.rows, results, start, end);
    for (const output of outputs) {
      const out = output.path.transform(row);
      if (out !== null) output.rows.push(output.columns.map((c, i) => encodeValue(c.type, out[i] ?? null)));
    }
  }
}

const columnsOf = (dataflow: Dataflow, path: Path) => dataflow.sinks.find((s) => s.uid === path.to.uid)?.columns ?? [];

function statelessRows(entries: readonly TailEntry[]): Record<string, JsonValue[][]> {
  const rows: Record<string, JsonValue[][]> = {};
  for (const entry of entries) {
    for (const segment of entry.segments) {
      for (const [sink, more] of Object.entries(segment.rows)) for (const row of more) (rows[sink] ??= []).push(row);
    }
  }
  return rows;
}

const withoutEmpty = <T>(rows: Record<string, T[]>): Record<string, T[]> =>
  Object.fromEntries(Object.entries(rows).filter(([, list]) => list.length > 0));
