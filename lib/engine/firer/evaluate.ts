/**
 * One step of the job: from the state and the entries of an interval to the rows of all windows that fire (protocol §6). A function of
 * logged inputs only (F7), so that a replay of FIRE f gives its stored result (F4); the state changes when the result is committed.
 */
import type { Dataflow, OperatorFlow, Path, Take } from '../../core/dataflow.ts';
import type { Key } from '../../core/key.ts';
import { eventTime, wallTime, type EventTime, type PartitionId, type Uid, type WallTime } from '../../core/numbers.ts';
import type { JsonValue } from '../../core/plan.ts';
import { STRING, type Row, type SqlType, type Value } from '../../core/types.ts';
import { encodeValue } from '../../core/value-codec.ts';
import { MAX_WATERMARK } from '../../core/watermark.ts';
import { openFold, type WindowFold } from '../../core/window/fold.ts';
import { openOperatorStep, type DueWindow, type OperatorStep } from '../../core/window/operator-step.ts';
import type { PaneColumns, Span } from '../../core/window/pane.ts';
import type { PaneResult } from '../../core/window/pane-result.ts';
import { assignProcessingTime } from '../../core/window/processing-time.ts';
import { fireTimeOf } from '../../core/window/slices.ts';
import { openWindowState, type WindowState } from '../../core/window/state.ts';
import type { Position } from '../position.ts';
import type { Segment } from '../writer/segment.ts';
import { progressAt, sourceWatermarks, watermarkOf, type Progress } from './progress.ts';
import type { TailEntry } from './tail.ts';

export type States = ReadonlyMap<Uid, WindowState>;

/** What a step does, before anything is done. */
export interface Evaluation {
  /** Encoded rows per sink uid; sinks without rows are left out. */
  readonly rows: Readonly<Record<string, readonly JsonValue[][]>>;
  /** Rows dropped as late in this step, per operator uid. */
  readonly late: Readonly<Record<string, number>>;
  /** Brings the state to the position after the step; once, when its FIRE is in the log. */
  commit(): void;
}

/** Repeats the step of a FIRE from what it logged. */
export function evaluate(dataflow: Dataflow, states: States, entries: readonly TailEntry[], before: Position, after: Position): Evaluation {
  const step = new Step(dataflow, states, before);
  takeEntries(step, entries, before, after.idle, Number.POSITIVE_INFINITY);
  step.fire(after);
  return step.result();
}

/**
 * Takes entries in, in order, and returns those that it took: of every partition an equal share of about `rowsMax` rows, up to the entry that
 * reaches it (F13). With `on-event` (E8) the watermark moves to the minimum before the first entry and then behind every segment, and windows
 * fire each time.
 */
export function takeEntries(step: Step, entries: readonly TailEntry[], before: Position, idle: readonly PartitionId[], rowsMax: number): TailEntry[] {
  // No FIRE has taken them.
  if (before.f === 0) step.takeValues(before.procTime);
  const { isOnEvent } = step.dataflow;
  const at = new Map(Object.entries(before.cut).map(([p, cut]) => [p as PartitionId, cut.watermark]));
  const idleSet = new Set(idle);
  const advance = (): void => {
    if (!isOnEvent) return;
    const sources = sourceWatermarks(step.dataflow, step.progress, at, idleSet);
    step.fire(progressAt(step.dataflow, step.progress, sources, before.procTime));
  };
  advance();
  return takeShares(step, entries, rowsMax, (entry) => {
    for (const segment of entry.segments) {
      step.take(segment, entry.at);
      at.set(entry.partition, segment.watermark);
      advance();
    }
    at.set(entry.partition, entry.watermark);
  });
}

/** A backlog of one partition keeps the others waiting no longer than its share takes. */
function takeShares(step: Step, entries: readonly TailEntry[], rowsMax: number, take: (entry: TailEntry) => void): TailEntry[] {
  const given = new Map(entries.map(({ partition }) => [partition, 0]));
  const share = rowsMax / given.size;
  return entries.filter((entry) => {
    const rows = given.get(entry.partition) ?? 0;
    if (rows >= share) return false;
    const before = step.rowCount;
    take(entry);
    given.set(entry.partition, rows + step.rowCount - before);
    return true;
  });
}

/** A step under way: what it has taken in and fired so far. */
export class Step {
  readonly dataflow: Dataflow;
  #progress: Progress;
  readonly #operators: ReadonlyMap<OperatorFlow, OperatorStep>;
  readonly #outputs: ReadonlyMap<OperatorFlow, readonly Output[]>;
  readonly #rows: Record<string, JsonValue[][]> = {};
  readonly #late: Record<string, number> = {};
  #rowCount = 0;

  constructor(dataflow: Dataflow, states: States, before: Progress) {
    this.dataflow = dataflow;
    this.#progress = before;
    this.#outputs = new Map(dataflow.operators.map((o) => [o, o.paths.flatMap((path) => outputOf(dataflow, path))]));
    this.#operators = new Map(
      dataflow.operators.map((o) => {
        const state = states.get(o.uid) ?? openWindowState(o.node, o.aggregates);
        return [o, openOperatorStep(o, state, watermarkOf(o, before))];
      }),
    );
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Rows emitted so far, for all sinks, and those that the next `fire` gives in any case. */
  get rowCount(): number {
    let rows = this.#rowCount;
    for (const step of this.#operators.values()) rows += step.pending;
    return rows;
  }

  /** `at`: when the entry of the segment was written. */
  take(segment: Segment, at: WallTime): void {
    for (const [sink, rows] of Object.entries(segment.rows)) for (const row of rows) this.#emit(sink, row);
    for (const [operator, step] of this.#operators) {
      const { uid } = operator;
      this.#countLate(operator, (segment.late[uid] ?? 0) + step.add(this.#placed(operator, segment.sections[uid] ?? [], at)));
    }
  }

  /** Takes in the rows that the plan has; `at` is the start of the job. */
  takeValues(at: WallTime): void {
    this.dataflow.clock.now = at;
    for (const { rows, paths } of this.dataflow.values) {
      const inputs = this.#inputsOf(paths);
      const outputs = paths.flatMap((path) => outputOf(this.dataflow, path));
      for (const row of rows()) {
        for (const input of inputs) input.take(row);
        for (const { sink, encode } of outputs) for (const encoded of encode(row)) this.#emit(sink, encoded);
      }
      for (const input of inputs) this.#addFired(input, at);
    }
  }

  /** How far every operator may go on its way to `to` so that it fires whole windows of about `rowsMax` rows in all (F13). */
  reachWithin(rowsMax: number, to: Progress): Reach {
    const reach = { eventTime: MAX_WATERMARK, procTime: to.procTime };
    for (const [operator, step] of this.#operators) {
      const end = lastWithin(step.due(watermarkOf(operator, to)), rowsMax);
      if (end === null) continue;
      if (operator.node.timeColumn === null) reach.procTime = wallTime(Math.min(reach.procTime, fireTimeOf(operator.node.window, end)));
      else reach.eventTime = eventTime(Math.min(reach.eventTime, fireTimeOf(operator.node.window, end)));
    }
    return reach;
  }

  /** In the order of the plan: what fires goes into the operators below before they fire themselves. */
  fire(to: Progress): void {
    this.dataflow.clock.now = to.procTime;
    for (const [operator, step] of this.#operators) {
      const inputs = this.#inputsOf(operator.paths);
      this.dataflow.clock.watermark = watermarkOf(operator, to);
      step.fire(watermarkOf(operator, to), (window, key, result, before) => {
        const row = rowOf(operator, window, key, result);
        for (const input of inputs) input.take(row);
        this.#emitResult(operator, row, before === null ? null : rowOf(operator, window, key, before));
      });
      for (const input of inputs) this.#addFired(input, to.procTime);
    }
    this.#progress = to;
  }

  #inputsOf(paths: readonly Path[]): Input[] {
    return paths.flatMap(({ into, to }) => {
      const below = this.dataflow.operators.find(({ uid }) => uid === to.uid);
      if (below === undefined) return [];
      const fold = openFold(below);
      return [{ operator: below, fold, take: into((row) => fold.add(row)) }];
    });
  }

  #addFired({ operator, fold }: Input, at: WallTime): void {
    this.#countLate(operator, this.#operators.get(operator)?.add(this.#placed(operator, fold.columns(), at)) ?? 0);
  }

  #countLate({ uid }: OperatorFlow, rows: number): void {
    if (rows > 0) this.#late[uid] = (this.#late[uid] ?? 0) + rows;
  }

  result(): Evaluation {
    const rows = Object.fromEntries(Object.entries(this.#rows).filter(([, list]) => list.length > 0));
    return {
      rows,
      late: this.#late,
      commit: () => {
        for (const step of this.#operators.values()) step.commit();
      },
    };
  }

  #placed({ node }: OperatorFlow, section: readonly PaneColumns[], at: WallTime): readonly PaneColumns[] {
    const { window } = node;
    if (node.timeColumn !== null || window.kind === 'unbounded') return section;
    return section.map((columns) => assignProcessingTime(window, columns, at, this.#progress.procTime));
  }

  /** A window that fires again gives rows only where the result has changed, as in Flink's AggregateWindowOperator and GroupAggFunction. */
  #emitResult(operator: OperatorFlow, row: Row, previous: Row | null): void {
    if (operator.node.changelog === true) return this.#emitChange(operator, row, previous);
    for (const output of this.#outputs.get(operator) ?? []) {
      const encoded = output.encode(row);
      if (previous !== null && JSON.stringify(encoded) === JSON.stringify(output.encode(previous))) continue;
      for (const values of encoded) this.#emit(output.sink, values);
    }
  }

  #emitChange(operator: OperatorFlow, row: Row, previous: Row | null): void {
    for (const change of changesOf(operator, row, previous)) {
      for (const output of this.#outputs.get(operator) ?? []) for (const values of output.encode(change)) this.#emit(output.sink, values);
    }
  }

  #emit(sink: string, row: JsonValue[]): void {
    (this.#rows[sink] ??= []).push(row);
    this.#rowCount++;
  }
}

/** How far a step may go in either time; MAX and the step's own processing time where nothing bounds it. */
export interface Reach {
  readonly eventTime: EventTime;
  readonly procTime: WallTime;
}

/** The last window end with which `rowsMax` is reached; null if that is the last one that is due anyway. */
function lastWithin(due: readonly DueWindow[], rowsMax: number): EventTime | null {
  let rows = 0;
  const last = due.findIndex((window) => (rows += window.rows) >= rowsMax);
  return last < 0 || last === due.length - 1 ? null : (due[last]?.end ?? null);
}

/** What happens to a result, as rows that end with their RowKind; nothing where it stays what it was. */
function changesOf({ node: { columns } }: OperatorFlow, row: Row, previous: Row | null): Row[] {
  if (previous === null) return [[...row, '+I']];
  const isSame = row.every((value, i) => isSameValue(columns[i]?.type ?? STRING, value, previous[i] ?? null));
  return isSame ? [] : [[...previous, '-U'], [...row, '+U']];
}

/** What differs does so at first sight, mostly: texts and lists that have grown are not looked through. */
function isSameValue(type: SqlType, a: Value, b: Value): boolean {
  if (a === null || b === null || typeof a === 'string') return a === b;
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  return JSON.stringify(encodeValue(type, a)) === JSON.stringify(encodeValue(type, b));
}

/** Encodes a list once: what a change takes back is what the one before gave. */
function encoderOf(type: SqlType): (value: Value) => JsonValue {
  const known = new WeakMap<object, JsonValue>();
  return (value) => {
    if (value === null || typeof value !== 'object') return encodeValue(type, value);
    const encoded = known.get(value) ?? encodeValue(type, value);
    known.set(value, encoded);
    return encoded;
  };
}

/** Where the rows of an operator become input of another one. */
interface Input {
  readonly operator: OperatorFlow;
  readonly fold: WindowFold;
  readonly take: Take;
}

/** What becomes of an operator's rows on the way to a sink. */
interface Output {
  readonly sink: Uid;
  readonly encode: (row: Row) => JsonValue[][];
}

function outputOf({ sinks }: Dataflow, { into, to }: Path): Output[] {
  const sink = sinks.find(({ uid }) => uid === to.uid);
  if (sink === undefined) return [];
  let rows: JsonValue[][] = [];
  const encoders = sink.columns.map(({ type }) => encoderOf(type));
  const take = into((row) => void rows.push(encoders.map((encodeColumn, i) => encodeColumn(row[i] ?? null))));
  const encode = (row: Row): JsonValue[][] => {
    rows = [];
    take(row);
    return rows;
  };
  return [{ sink: sink.uid, encode }];
}

function rowOf(operator: OperatorFlow, { start, end }: Span, key: Key, { rows, values }: PaneResult): Row {
  return operator.rowOf(operator.keys.valuesOf(key), rows, values, start, end);
}
