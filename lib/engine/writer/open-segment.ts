/** The segment that the rows of a batch go into: folds of stages, functions that run in the writer, and rows for sinks. */
import { assert } from '../../core/errors.ts';
import type { Dataflow, FunctionFlow, Path, SourceFlow } from '../../core/dataflow.ts';
import type { EventTime, PartitionId } from '../../core/numbers.ts';
import type { JsonValue } from '../../core/plan.ts';
import type { TimeReached } from '../../core/process/process-step.ts';
import { openStageFold, type RowFold } from '../../core/stages.ts';
import type { Take } from '../../core/transforms.ts';
import type { Row } from '../../core/types.ts';
import { encodeValue } from '../../core/value-codec.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import { Failures, placeOf, type StepJob } from '../firer/failures.ts';
import { watermarkOf, type Progress } from '../firer/progress.ts';
import { frameUpTo, FunctionRun, type FunctionFrame } from './function-run.ts';
import type { Segment } from './segment.ts';

/** Where the rows of a segment come from. */
export interface SegmentOrigin {
  /** The partition that they were read from, for what depends on their order; absent: there is one. */
  readonly origin?: PartitionId;
  /** Absent where no function of the source runs here. */
  readonly functions?: Functions;
}

/** Functions that run here (13.3). */
export interface Functions {
  readonly job: StepJob;
  readonly frame: FunctionFrame;
  /** About so many timers, or rows that they give, go into an entry (F13). */
  readonly rowsMax: number;
}

/** What an entry takes in where there is more: time goes no further than to `reached`. Functions that see less of it may do more: so it ends. */
export const functionsUpTo = ({ job, frame, rowsMax }: Functions, reached: TimeReached): Functions => ({ job, frame: frameUpTo(frame, reached), rowsMax: 2 * rowsMax });

export class OpenSegment {
  readonly #folds = new Map<string, RowFold>();
  readonly #runs: FunctionRun[] = [];
  readonly #rows: Record<string, JsonValue[][]> = {};
  readonly #failures: Failures | null;
  readonly #consumers: readonly Take[];
  readonly #failed: readonly Take[];
  readonly #functions: Functions | undefined;

  constructor(dataflow: Dataflow, source: SourceFlow, fired: Progress | null, { origin, functions }: SegmentOrigin) {
    this.#functions = functions;
    this.#failures = functions === undefined ? null : new Failures(functions.job, functions.frame.after.procTime, (sink, row) => void (this.#rows[sink] ??= []).push(row));
    if (this.#failures !== null && origin !== undefined) this.#failures.place = placeOf(dataflow, origin);
    this.#consumers = source.paths.map((path) => this.#consumer(dataflow, path, fired, origin));
    this.#failed = dataflow.failedRecords.map((path) => this.#rowsOf(dataflow, path));
  }

  /** Says that the rows of another record come. */
  beginRecord(): void {
    for (const run of this.#runs) run.beginRecord();
  }

  add(row: Row): void {
    for (const consume of this.#consumers) consume(row);
  }

  /** Behind a row that it fails on: nothing of its record stays in the state of functions. Of what else the segment holds, part of it may be there. */
  undoRecord(): void {
    for (const run of this.#runs) run.undoRecord();
  }

  fail(row: Row): void {
    for (const consume of this.#failed) consume(row);
  }

  /** Calls the timers of functions, before the segment is closed: what they give goes into it. Returns how far time may go instead, where there is too much (F13). */
  fire(): TimeReached | null {
    for (const run of this.#runs) {
      const reached = run.fire(this.#functions?.rowsMax ?? Infinity);
      if (reached !== null) return reached;
    }
    return null;
  }

  close(watermark: EventTime): Segment {
    const functionTime = this.#functions?.frame.after;
    const changes = Object.fromEntries(this.#runs.map((run) => [run.uid, run.changes()]));
    const folds = [...this.#folds];
    const sections = Object.fromEntries(folds.map(([uid, fold]) => [uid, fold.columns()]));
    const late = Object.fromEntries(folds.flatMap(([uid, fold]) => (fold.late > 0 ? [[uid, fold.late]] : [])));
    const failed = this.#failures?.counts ?? {};
    return { watermark, late, sections, rows: this.#rows, ...(functionTime && { functionTime, changes }), ...(Object.keys(failed).length > 0 && { failed }) };
  }

  commit(): void {
    for (const run of this.#runs) run.commit();
  }

  #consumer(dataflow: Dataflow, path: Path, fired: Progress | null, origin: PartitionId | undefined): Take {
    const flow = dataflow.stages.find(({ uid }) => uid === path.to.uid);
    if (flow === undefined) return this.#rowsOf(dataflow, path);
    if (flow.kind === 'function' && flow.prePartitioned) return this.#runOf(path, flow, (below) => this.#consumer(dataflow, below, fired, origin));
    const fold = this.#folds.get(flow.uid) ?? openStageFold(flow, fired === null ? MIN_WATERMARK : watermarkOf(flow, fired), origin);
    this.#folds.set(flow.uid, fold);
    return path.into((row) => fold.add(row));
  }

  #runOf(path: Path, flow: FunctionFlow, consumerOf: (below: Path) => Take): Take {
    assert(this.#functions !== undefined && this.#failures !== null, `${flow.uid} runs in the writer of its partition`);
    const open = (functions: Functions, failures: Failures): FunctionRun =>
      new FunctionRun(flow, { ...functions.frame, call: functions.job.dataflow.call }, failures, { consumers: flow.paths.map(consumerOf), mark: () => this.#markRows() });
    const run = this.#runs.find(({ uid }) => uid === flow.uid) ?? open(this.#functions, this.#failures);
    if (!this.#runs.includes(run)) this.#runs.push(run);
    return path.into((row) => run.add(row));
  }

  /** Returns what takes back the rows that come from here on. */
  #markRows(): () => void {
    const before = new Map(Object.entries(this.#rows).map(([sink, { length }]) => [sink, length]));
    return () => {
      for (const [sink, rows] of Object.entries(this.#rows)) rows.length = before.get(sink) ?? 0;
    };
  }

  /** Rows that go to a sink as they are. */
  #rowsOf(dataflow: Dataflow, { into, to }: Path): Take {
    const columns = dataflow.sinks.find((sink) => sink.uid === to.uid)?.columns ?? [];
    return into((row) => void (this.#rows[to.uid] ??= []).push(columns.map((c, i) => encodeValue(c.type, row[i] ?? null))));
  }
}
