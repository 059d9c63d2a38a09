/** A stage within a step: what it takes in, how far it may go, and what it gives. Windows and functions differ in no more than this. */
import type { Dataflow, FunctionFlow, OperatorFlow, StageFlow } from '../../core/dataflow.ts';
import { eventTime, wallTime, type EventTime, type PartitionId, type WallTime } from '../../core/numbers.ts';
import type { ProcessStep } from '../../core/process/process-step.ts';
import type { FunctionTime } from '../../core/process/partitioned-state.ts';
import { watchOnce, type Watchdog } from '../../core/process/watchdog.ts';
import { isFunctionState, openStageState, type StageState } from '../../core/stages.ts';
import type { Row } from '../../core/types.ts';
import { openOperatorStep, type DueWindow, type OperatorStep } from '../../core/window/operator-step.ts';
import type { PaneColumns } from '../../core/window/pane.ts';
import { assignProcessingTime } from '../../core/window/processing-time.ts';
import { fireTimeOf } from '../../core/window/slices.ts';
import type { WindowState } from '../../core/window/state.ts';
import { assert } from '../../core/errors.ts';
import type { Segment } from '../writer/segment.ts';
import type { Failures } from './failures.ts';
import { openFunctionStep } from './function-step.ts';
import { PartitionedStage } from './partitioned-stage.ts';
import { watermarkOf, type Progress } from './progress.ts';
import { WindowResults } from './window-results.ts';

/** `previous`: what a window has given before, if it fires again. */
export type EmitResultRow = (row: Row, previous: Row | null) => void;

/** How far a step may go in either time. */
export interface Reach {
  readonly eventTime: EventTime;
  readonly procTime: WallTime;
}

/** Where a section comes from. */
export interface SectionOrigin {
  /** When its entry was written. */
  readonly at: WallTime;
  /** Of the step so far. */
  readonly progress: Progress;
  /** Null for what other stages give. */
  readonly partition: PartitionId | null;
  /** See `Segment`. */
  readonly functionTime?: FunctionTime | undefined;
  /** See `Segment`. */
  readonly changes?: Segment['changes'];
}

export interface Stage {
  readonly flow: StageFlow;
  /** Rows that the next `fire` gives whatever the progress is, at most (F13). */
  readonly pending: number;
  /** The program has run, so that its state, or what it has seen of the time, is another. */
  readonly hasRun: boolean;
  /** Takes in a section; returns the rows dropped as late. */
  add(section: readonly PaneColumns[], origin: SectionOrigin): number;
  /** How far it may go on its way to `to` so that about `rowsMax` rows leave (F13); nothing where all may. */
  reachWithin(rowsMax: number, to: Progress): Partial<Reach>;
  /** Returns null; or how far it may go so that about `rowsMax` rows leave, where that was not to be foreseen: then nothing of the step holds. */
  fire(to: Progress, emit: EmitResultRow, rowsMax: number): Partial<Reach> | null;
  /** Brings the state to the end of the step. */
  commit(): void;
}

/** What the stages of a step have in common. */
export interface StepFrame {
  readonly clock: Dataflow['clock'];
  /** The processing time that the step will have come to. */
  readonly at: WallTime;
  readonly failures: Failures;
  /** Null where no function of a program runs. */
  readonly watchdog: Watchdog | null;
}

/** A stage as a step begins. */
export function openStage(flow: StageFlow, given: StageState | undefined, before: Progress, frame: StepFrame): Stage {
  const state = given ?? openStageState(flow);
  const watermark = watermarkOf(flow, before);
  if (flow.kind === 'function') {
    assert(isFunctionState(state), `${flow.uid} is a function`);
    if (state.kind === 'partitioned') return new PartitionedStage(flow, state, { ...frame, watermark });
    return new FunctionStage(flow, openFunctionStep(flow, state, { ...frame, watermark }), before.procTime);
  }
  assert(!isFunctionState(state), `${flow.uid} is a window`);
  return new WindowStage(flow, state, watermark, frame);
}

class WindowStage implements Stage {
  readonly flow: OperatorFlow;
  readonly hasRun = false;
  readonly #clock: Dataflow['clock'];
  readonly #watchdog: Watchdog | null;
  readonly #failures: Failures;
  readonly #callsCode: boolean;
  readonly #results: WindowResults;
  readonly #step: OperatorStep;

  constructor(flow: OperatorFlow, state: WindowState, watermark: EventTime, { clock, failures, watchdog }: StepFrame) {
    this.flow = flow;
    this.#clock = clock;
    this.#watchdog = watchdog;
    this.#failures = failures;
    this.#callsCode = flow.aggregates.some(({ mayFail }) => mayFail === true);
    this.#results = new WindowResults(flow.resultsOf);
    this.#step = openOperatorStep({ ...flow, resultsOf: this.#results.of }, state, watermark);
  }

  get pending(): number {
    return this.#step.pending;
  }

  add(section: readonly PaneColumns[], { at, progress: { procTime } }: SectionOrigin): number {
    const { window, timeColumn } = this.flow.node;
    if (section.length === 0) return 0;
    const isAssigned = timeColumn !== null || window.kind === 'unbounded';
    const assigned = isAssigned ? section : section.map((columns) => assignProcessingTime(window, columns, at, procTime));
    return this.#watch(this.#callsCode, () => this.#step.add(assigned));
  }

  reachWithin(rowsMax: number, to: Progress): Partial<Reach> {
    const { window, timeColumn } = this.flow.node;
    const end = lastWithin(this.#step.due(watermarkOf(this.flow, to)), rowsMax);
    if (end === null) return {};
    return timeColumn === null ? { procTime: wallTime(fireTimeOf(window, end)) } : { eventTime: fireTimeOf(window, end) };
  }

  fire(to: Progress, emit: EmitResultRow): null {
    const { keys, rowOf } = this.flow;
    const watermark = watermarkOf(this.flow, to);
    this.#clock.watermark = watermark;
    const fire = (): void =>
      this.#step.fire(watermark, ({ start, end }, key, result, before) => {
        const failure = this.#results.failureOf(result.values);
        if (failure !== null) return this.#failures.fail(this.flow.uid, { error: failure.of(key), key });
        const values = keys.valuesOf(key);
        const hasPrevious = before !== null && this.#results.failureOf(before.values) === null;
        const previous = hasPrevious ? rowOf(values, before.rows, before.values, start, end) : null;
        emit(rowOf(values, result.rows, result.values, start, end), previous);
      });
    // What is behind may be code of the program, too. Most segments end no window.
    this.#watch(this.#watchdog !== null && (this.pending > 0 || this.#step.due(watermark).length > 0), fire);
    return null;
  }

  commit(): void {
    this.#step.commit();
  }

  #watch<T>(runsCode: boolean, work: () => T): T {
    return watchOnce(runsCode ? this.#watchdog : null, work);
  }
}

/** Its timers stand for windows that end. */
class FunctionStage implements Stage {
  readonly flow: FunctionFlow;
  readonly #step: ProcessStep;
  /** The processing time of the last FIRE. */
  readonly #since: WallTime;

  constructor(flow: FunctionFlow, step: ProcessStep, since: WallTime) {
    this.flow = flow;
    this.#step = step;
    this.#since = since;
  }

  get pending(): number {
    return this.#step.pending;
  }

  get hasRun(): boolean {
    return this.#step.hasRun;
  }

  /** Nothing is ever late: the function judges for itself. */
  add(section: readonly PaneColumns[]): number {
    this.#step.add(section);
    return 0;
  }

  reachWithin(rowsMax: number, to: Progress): Partial<Reach> {
    const event = lastWithin(this.#step.due(watermarkOf(this.flow, to)), rowsMax);
    const processing = lastWithin(this.#step.dueProcessing(to.procTime), rowsMax);
    return { ...(event !== null && { eventTime: event }), ...(processing !== null && { procTime: wallTime(processing) }) };
  }

  fire(to: Progress, emit: EmitResultRow, rowsMax: number): Partial<Reach> | null {
    return this.#step.fire(watermarkOf(this.flow, to), to.procTime, (row) => emit(row, null), { rows: rowsMax, procTime: this.#since });
  }

  commit(): void {
    this.#step.commit();
  }
}

/** The last window end with which `rowsMax` is reached; null if that is the last one that is due anyway. */
function lastWithin(due: readonly DueWindow[], rowsMax: number): EventTime | null {
  let rows = 0;
  const last = due.findIndex((window) => (rows += window.rows) >= rowsMax);
  return last < 0 || last === due.length - 1 ? null : eventTime(due[last]?.end ?? 0);
}
