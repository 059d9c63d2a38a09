/** A process function with its state, step by step: what the firer does, without logs. */
import { eventTime, uid, wallTime } from '../../../lib/core/numbers.ts';
import type { NamedState } from '../../../lib/core/process/descriptor.ts';
import type { KeyContext, KeyedFunction, Outputs, Timer } from '../../../lib/core/process/keyed-function.ts';
import { openProcessState, type ProcessState } from '../../../lib/core/process/process-state.ts';
import { ProcessStep, type ProcessSpec } from '../../../lib/core/process/process-step.ts';
import { RecordFold } from '../../../lib/core/process/record-fold.ts';
import { Raw, type Row } from '../../../lib/core/types.ts';
import { MIN_WATERMARK } from '../../../lib/core/watermark.ts';
import { GROUPS, paneColumns, type PaneColumns } from '../../../lib/core/window/pane.ts';

export const VALUE: NamedState = { kind: 'value', name: 'seen', field: 'seen', version: 1, migrations: {} };

/** `[key, value, time, from]`. */
export type Record = readonly [key: unknown, value: unknown, time?: number | null, from?: number];

export function section(records: readonly Record[]): PaneColumns[] {
  const fold = new RecordFold();
  for (const [key, value, time = null, from = 0] of records) fold.add([new Raw(key), new Raw(value), time, from]);
  return structuredClone(fold.columns());
}

type Process = (value: unknown, context: KeyContext) => Outputs<unknown>;
type OnTimer = (timer: Timer, context: KeyContext) => Outputs<unknown>;

export const functionOf = (process: Process, onTimer?: OnTimer, states: readonly NamedState[] = [VALUE]): KeyedFunction => ({
  states,
  inputs: [process],
  sideOutputs: ['side'],
  ...(onTimer === undefined ? {} : { onTimer }),
});

/** What a step is given; times stay where nothing is said. */
export interface Given {
  readonly records?: readonly Record[];
  readonly watermark?: number;
  readonly procTime?: number;
}

export class Running {
  readonly #spec: ProcessSpec;
  state: ProcessState;
  watermark: number = MIN_WATERMARK;
  procTime = 0;

  constructor(fn: KeyedFunction, onFailure?: ProcessSpec['onFailure']) {
    this.#spec = { uid: uid('fn'), fn, ...(onFailure === undefined ? {} : { onFailure }) };
    this.state = openProcessState(fn.states);
  }

  open(procTime = this.procTime): ProcessStep {
    return new ProcessStep(this.#spec, this.state, eventTime(this.watermark), wallTime(procTime));
  }

  /** A whole step; its rows as `[output, value, time]`. */
  step({ records = [], watermark = this.watermark, procTime = this.procTime }: Given): unknown[] {
    const step = this.open(procTime);
    step.add(section(records));
    const rows = fire(step, watermark, procTime);
    step.commit();
    [this.watermark, this.procTime] = [watermark, procTime];
    return rows;
  }

  snapshot(): PaneColumns {
    return snapshotOf(this.state);
  }

  /** Goes on from what a checkpoint holds. */
  restart(): void {
    const saved = this.snapshot();
    this.state = openProcessState(this.#spec.fn.states);
    this.state.restore(saved);
  }
}

/** As a chunk holds it. */
export const snapshotOf = (state: ProcessState): PaneColumns => JSON.parse(JSON.stringify(paneColumns(GROUPS, state.panesAt(GROUPS), state.aggregates)));

export function fire(step: ProcessStep, watermark: number, procTime: number): unknown[] {
  const rows: Row[] = [];
  step.fire(eventTime(watermark), wallTime(procTime), (row) => rows.push(row));
  return rows.map(([output, value, time]) => [output, value instanceof Raw ? value.value : value, time]);
}

/** The value state of a context. */
export interface Seen {
  value(): unknown;
  update(value: unknown): void;
  clear(): void;
}

export function seenOf({ state }: KeyContext): Seen {
  const { seen } = state as { readonly seen: Seen };
  return seen;
}
