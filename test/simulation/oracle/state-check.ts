/** State that the engine loads or exports, against the reference (I-DET, I-CUT). */
import type { OperatorFlow, StageFlow } from '../../../lib/core/dataflow.ts';
import type { SlicedWindow } from '../../../lib/core/plan.ts';
import { forEachPane, forEachSession, paneColumns, type Pane, type PaneColumns } from '../../../lib/core/window/pane.ts';
import type { Replica } from '../../../lib/engine/firer/replica.ts';
import type { Job } from '../../../lib/engine/job.ts';
import type { SavepointContent } from '../../../lib/savepoint/model.ts';
import { expectSame } from './expect.ts';
import { sumText, windowsOf, type WindowSum } from './reference-window.ts';
import type { ReferenceState } from './reference-job.ts';

/** I-DET: a cold load gives the state of the reference. */
export function checkReplica(job: Job, replica: Replica, expected: ReferenceState, what: string): void {
  for (const [i, stage] of job.dataflow.stages.entries()) {
    const state = replica.states.get(stage.uid);
    const columns = (state?.sliceEnds() ?? []).map((end) => paneColumns(end, state?.panesAt(end) ?? [], state?.aggregates ?? []));
    checkStage(stage, columns, expected, i, `I-DET: ${what}`);
  }
}

/** I-CUT: a savepoint holds the state of the reference at its cut. */
export function checkSavepoint(job: Job, content: SavepointContent, expected: ReferenceState): void {
  const what = `I-CUT: the savepoint at FIRE ${content.position.f} of generation ${content.generation}`;
  for (const [i, stage] of job.dataflow.stages.entries()) {
    const kept = [...content.operators, ...content.functions].find(({ uid }) => uid === stage.uid);
    checkStage(stage, kept?.panes ?? [], expected, i, what);
  }
}

function checkStage(stage: StageFlow, columns: readonly PaneColumns[], expected: ReferenceState, i: number, what: string): void {
  if (stage.kind === 'operator') return checkOperator(stage, columns, expected, i, what);
  const found = columns.flatMap(({ keys, accumulators }) => keys.map((key, k) => `${key} ${JSON.stringify(accumulators.map((column) => column[k] ?? null))}`));
  expectSame(found.sort(), expected.operators[i]?.open() ?? [], `${what}, ${stage.uid}`);
}

function checkOperator(operator: OperatorFlow, columns: readonly PaneColumns[], expected: ReferenceState, i: number, what: string): void {
  const { window, inOrder, allowedLatenessMs = 0 } = operator.node;
  // What waits to be put in order lives until it is given, and an instant without rows says what was.
  const cleanedUp = inOrder === true ? Number.NEGATIVE_INFINITY : (expected.operatorWatermarks[i] ?? 0) - allowedLatenessMs;
  const found = window.kind === 'unbounded' ? groups(operator, columns) : window.kind === 'session' ? sessions(operator, columns) : windowsOfSlices(operator, window, columns, cleanedUp);
  expectSame(found.filter(({ rows }) => rows > 0).map(sumText).sort(), expected.operators[i]?.open() ?? [], `${what}, ${operator.uid}`);
}

function groups(operator: OperatorFlow, columns: readonly PaneColumns[]): WindowSum[] {
  const found: WindowSum[] = [];
  for (const column of columns) {
    forEachPane(column, operator.aggregates, (key, rows, accumulators) => {
      found.push({ key: String(key), start: 0, end: 0, rows, amount: amountOf(operator, { rows, accumulators }) });
    });
  }
  return found;
}

function sessions(operator: OperatorFlow, columns: readonly PaneColumns[]): WindowSum[] {
  const found: WindowSum[] = [];
  for (const column of columns) {
    forEachSession(column, operator.aggregates, (key, session) => {
      const { start, end, rows } = session;
      found.push({ key: String(key), start, end, rows, amount: amountOf(operator, session) });
    });
  }
  return found;
}

/** The windows that live on, put together from their slices. */
function windowsOfSlices(operator: OperatorFlow, window: SlicedWindow, slices: readonly PaneColumns[], cleanedUp: number): WindowSum[] {
  const windows = new Map<string, WindowSum>();
  for (const slice of slices) {
    const live = windowsOf(window, slice.end - 1).filter(({ end }) => end - 1 > cleanedUp);
    // A slice without a live window must be gone (E6).
    const targets = live.length > 0 ? live : [{ start: Number.NaN, end: slice.end }];
    forEachPane(slice, operator.aggregates, (key, rows, accumulators) => {
      for (const { start, end } of targets) {
        const id = `${start}|${end}|${String(key)}`;
        const sum = windows.get(id);
        const amount = (sum?.amount ?? 0) + amountOf(operator, { rows, accumulators });
        windows.set(id, { key: String(key), start, end, rows: (sum?.rows ?? 0) + rows, amount });
      }
    });
  }
  return [...windows.values()];
}

/** The sum is the only aggregate with an accumulator. */
const amountOf = (operator: OperatorFlow, pane: Pane): number => Number(operator.aggregates[0]?.result(pane.accumulators[0] ?? null) ?? 0);
