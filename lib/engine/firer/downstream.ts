/** Where the rows of a stage, or of VALUES, go: into the stages below, and to sinks. A row that something there fails on is left out everywhere (W10). */
import type { Dataflow, Path, StageFlow } from '../../core/dataflow.ts';
import type { Uid } from '../../core/numbers.ts';
import type { JsonValue } from '../../core/plan.ts';
import { openStageFold, type RowFold } from '../../core/stages.ts';
import type { Take } from '../../core/transforms.ts';
import type { Row } from '../../core/types.ts';
import type { Failures } from './failures.ts';
import type { EmitRow } from './step-output.ts';

/** Gives a row to the sinks; see `StageOutput.emit`. */
export type GiveRow = (row: Row, previous: Row | null, emit: EmitRow) => void;

export interface Origins {
  /** Of the node whose rows these are. */
  readonly uid: Uid;
  readonly paths: readonly Path[];
  readonly failures: Failures;
}

export class Downstream {
  /** What has come for the stages below. */
  readonly inputs: readonly Input[];
  readonly #uid: Uid;
  readonly #failures: Failures;
  readonly #toSinks: GiveRow;
  readonly #emit: EmitRow;
  /** Otherwise a step in which a row fails is gone as a whole. */
  readonly #leavesOut: boolean;

  constructor({ stages }: Dataflow, { uid, paths, failures }: Origins, toSinks: GiveRow, emit: EmitRow) {
    this.#uid = uid;
    this.#failures = failures;
    this.#toSinks = toSinks;
    this.#emit = emit;
    this.#leavesOut = failures.take !== undefined;
    this.inputs = paths.flatMap(({ into, to }) => stages.filter((flow) => flow.uid === to.uid).map((flow) => new Input(flow, into, this.#leavesOut)));
  }

  /** `previous`: what the row takes the place of. */
  give(row: Row, previous: Row | null): void {
    if (this.#leavesOut) this.#failures.guard(this.#uid, () => this.#giveWhole(row, previous));
    else this.#giveAll(row, previous, this.#emit);
  }

  #giveAll(row: Row, previous: Row | null, emit: EmitRow): void {
    for (const input of this.inputs) input.take(row);
    this.#toSinks(row, previous, emit);
  }

  /** All that comes of the row, or nothing. */
  #giveWhole(row: Row, previous: Row | null): void {
    const rows: (readonly [Uid, JsonValue[]])[] = [];
    for (const input of this.inputs) input.forget();
    this.#giveAll(row, previous, (sink, values) => void rows.push([sink, values]));
    const undo = this.inputs.map(({ fold }) => fold.mark?.());
    try {
      for (const input of this.inputs) input.flush();
    } catch (error) {
      for (const back of undo) back?.();
      throw error;
    }
    for (const [sink, values] of rows) this.#emit(sink, values);
  }
}

/** Rows on their way into a stage. */
class Input {
  readonly flow: StageFlow;
  readonly fold: RowFold;
  readonly take: Take;
  readonly #held: Row[] = [];

  /** `holds`: what is taken waits for `flush`. */
  constructor(flow: StageFlow, into: Path['into'], holds: boolean) {
    this.flow = flow;
    this.fold = openStageFold(flow);
    this.take = into(holds ? (row) => void this.#held.push([...row]) : (row) => this.fold.add(row));
  }

  /** What was held of a row that has failed. */
  forget(): void {
    this.#held.length = 0;
  }

  flush(): void {
    for (const row of this.#held) this.fold.add(row);
  }
}
