/**
 * One step of the job: from the state and the entries of an interval to the rows of all windows that fire (protocol §6). A function of
 * logged inputs only (F7), so that a replay of FIRE f gives its stored result (F4); the state changes when the result is committed.
 */
import type { Dataflow, StageFlow } from '../../core/dataflow.ts';
import { eventTime, wallTime, type PartitionId, type Uid, type WallTime } from '../../core/numbers.ts';
import type { JsonValue } from '../../core/plan.ts';
import { unwatched, watchEach, type Watchdog } from '../../core/process/watchdog.ts';
import type { StageState } from '../../core/stages.ts';
import { MAX_WATERMARK } from '../../core/watermark.ts';
import type { Position } from '../position.ts';
import type { Segment } from '../writer/segment.ts';
import { Downstream, type GiveRow } from './downstream.ts';
import { Failures, type Origin, type StepJob } from './failures.ts';
import { progressAt, sourceWatermarks, type Progress } from './progress.ts';
import { openStage, type Reach, type Stage } from './stage.ts';
import { emitRow, outputsOf, StageOutput } from './step-output.ts';
import type { TailEntry } from './tail.ts';

export type States = ReadonlyMap<Uid, StageState>;

/** What a step does, before anything is done. */
export interface Evaluation {
  /** Encoded rows per sink uid; sinks without rows are left out. */
  readonly rows: Readonly<Record<string, readonly JsonValue[][]>>;
  /** Rows dropped as late in this step, per operator uid. */
  readonly late: Readonly<Record<string, number>>;
  /** Rows that functions of the program failed on and that were left out, per uid of the stage at which, or behind which, that was (W10). */
  readonly failed: Readonly<Record<string, number>>;
  /** Functions of the program have run. */
  readonly hasRun: boolean;
  /** Brings the state to the position after the step; once, when its FIRE is in the log. */
  commit(): void;
}

/** Repeats the step of a FIRE from what it logged. */
export function evaluate(job: StepJob, states: States, entries: readonly TailEntry[], before: Position, after: Position, watchdog: Watchdog | null): Evaluation {
  const step = new Step(job, states, before, after.procTime, watchdog);
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
      step.take(segment, entry.at, entry);
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
  readonly #watchdog: Watchdog;
  #progress: Progress;
  readonly #failures: Failures;
  readonly #stages: ReadonlyMap<StageFlow, Stage>;
  readonly #outputs: ReadonlyMap<StageFlow, StageOutput>;
  readonly #rows: Record<string, JsonValue[][]> = {};
  readonly #late: Record<string, number> = {};
  #rowCount = 0;

  /** `at`: the processing time that the step will have come to, which functions see. */
  constructor(job: StepJob, states: States, before: Progress, at: WallTime, watchdog: Watchdog | null = null) {
    const { dataflow } = job;
    this.dataflow = dataflow;
    this.#watchdog = watchdog ?? unwatched(dataflow.call);
    this.#progress = before;
    this.#failures = new Failures(job, at, this.#emit);
    this.#outputs = new Map(dataflow.stages.map((flow) => [flow, new StageOutput(dataflow, flow)]));
    const frame = { clock: dataflow.clock, at, failures: this.#failures, watchdog };
    this.#stages = new Map(dataflow.stages.map((flow) => [flow, openStage(flow, states.get(flow.uid), before, frame)]));
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Rows emitted so far, for all sinks, and those that the next `fire` gives in any case. */
  get rowCount(): number {
    let rows = this.#rowCount;
    for (const stage of this.#stages.values()) rows += stage.pending;
    return rows;
  }

  /** `at`: when the entry of the segment was written; `origin`: that entry, for failures. */
  take(segment: Segment, at: WallTime, origin: Origin | null = null): void {
    this.#failures.origin = origin;
    for (const [sink, rows] of Object.entries(segment.rows)) for (const row of rows) this.#emit(sink, row);
    this.#failures.count(segment.failed ?? {});
    const from = { at, progress: this.#progress, partition: origin?.partition ?? null, functionTime: segment.functionTime, changes: segment.changes };
    for (const [{ uid }, stage] of this.#stages) this.#countLate(uid, (segment.late[uid] ?? 0) + stage.add(segment.sections[uid] ?? [], from));
    this.#failures.origin = null;
  }

  /** Takes in the rows that the plan has; `at` is the start of the job. */
  takeValues(at: WallTime): void {
    this.dataflow.clock.now = at;
    for (const { uid, rows, paths } of this.dataflow.values) {
      const outputs = outputsOf(this.dataflow, paths);
      const below = this.#below({ uid, paths }, (row, _previous, emit) => emitRow(outputs, row, emit));
      watchEach(this.#watchdog, rows, (rowOf) => this.#failures.guard(uid, () => below.give(rowOf(), null)));
      this.#addFired(below, at);
    }
  }

  /** How far every stage may go on its way to `to` so that it fires whole windows, or timers, of about `rowsMax` rows in all (F13). */
  reachWithin(rowsMax: number, to: Progress): Reach {
    const ofStages = [...this.#stages.values()].map((stage) => stage.reachWithin(rowsMax, to));
    return {
      eventTime: eventTime(Math.min(MAX_WATERMARK, ...ofStages.map((reach) => reach.eventTime ?? MAX_WATERMARK))),
      procTime: wallTime(Math.min(to.procTime, ...ofStages.map((reach) => reach.procTime ?? to.procTime))),
    };
  }

  /** In the order of the plan: what a stage gives goes into those below before they fire themselves. Where it returns how far to go instead, nothing of the step holds. */
  fire(to: Progress, rowsMax = Infinity): Partial<Reach> | null {
    this.dataflow.clock.now = to.procTime;
    for (const [flow, stage] of this.#stages) {
      const output = this.#outputs.get(flow);
      const below = this.#below(flow, (row, previous, emit) => output?.emit(row, previous, emit));
      const reach = stage.fire(to, (row, previous) => below.give(row, previous), rowsMax);
      if (reach !== null) return reach;
      this.#addFired(below, to.procTime);
    }
    this.#progress = to;
    return null;
  }

  result(): Evaluation {
    const stages = [...this.#stages.values()];
    return {
      rows: Object.fromEntries(Object.entries(this.#rows).filter(([, list]) => list.length > 0)),
      late: this.#late,
      failed: this.#failures.counts,
      hasRun: stages.some(({ hasRun }) => hasRun),
      commit: () => {
        for (const stage of stages) stage.commit();
      },
    };
  }

  #below({ uid, paths }: Pick<StageFlow, 'uid' | 'paths'>, toSinks: GiveRow): Downstream {
    return new Downstream(this.dataflow, { uid, paths, failures: this.#failures }, toSinks, this.#emit);
  }

  #addFired({ inputs }: Downstream, at: WallTime): void {
    for (const { flow, fold } of inputs) this.#countLate(flow.uid, this.#stages.get(flow)?.add(fold.columns(), { at, progress: this.#progress, partition: null }) ?? 0);
  }

  #countLate(uid: Uid, rows: number): void {
    if (rows > 0) this.#late[uid] = (this.#late[uid] ?? 0) + rows;
  }

  readonly #emit = (sink: string, row: JsonValue[]): void => {
    (this.#rows[sink] ??= []).push(row);
    this.#rowCount++;
  };
}
