/** Folding rows each of which gives the results of its windows at once: every row stays a pane of its own, in the order of the rows. */
import type { EventTime } from '../numbers.ts';
import type { SlicedWindow } from '../plan.ts';
import type { Row } from '../types.ts';
import type { FoldSpec, WindowFold } from './fold.ts';
import type { PaneColumns } from './pane.ts';
import { SliceFold } from './slice-fold.ts';

export class EagerFold implements WindowFold {
  readonly #open: () => SliceFold;
  readonly #columns: PaneColumns[] = [];
  late = 0;

  constructor(spec: FoldSpec, window: SlicedWindow, timeColumn: number, fired: EventTime) {
    this.#open = () => new SliceFold(spec, window, timeColumn, fired);
  }

  add(row: Row): void {
    const fold = this.#open();
    fold.add(row);
    this.#columns.push(...fold.columns());
    this.late += fold.late;
  }

  columns(): PaneColumns[] {
    return this.#columns;
  }
}
