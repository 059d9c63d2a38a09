/**
 * Panes: the accumulators of one (operator, slice, key). Writers fold rows into panes of one batch, the firer merges those into the
 * panes of the state; between them, and in checkpoints, panes travel as columns.
 */
import type { Accumulator, Aggregate } from './aggregate.ts';
import type { Key } from './key.ts';
import type { JsonValue } from './plan.ts';

export interface Pane {
  /** Rows folded in; always kept, so that late rows can be counted (E5). */
  rows: number;
  readonly accumulators: Accumulator[];
}

/** Shared by all panes that only count rows: most of them, and there are many. Never written to. */
export const NO_ACCUMULATORS: Accumulator[] = [];

/** Panes of one slice as columns: `keys[i]`, `rows[i]` and `accumulators[a][i]` belong together. */
export interface PaneColumns {
  /** End of the slice, epoch ms. */
  readonly end: number;
  readonly keys: readonly Key[];
  readonly rows: readonly number[];
  /** One column per aggregate with an accumulator, as `Aggregate.encode` writes it. */
  readonly accumulators: readonly (readonly JsonValue[])[];
}

export function paneColumns(end: number, panes: Iterable<readonly [Key, Pane]>, aggregates: readonly Aggregate[]): PaneColumns {
  const keys: Key[] = [];
  const rows: number[] = [];
  const accumulators: JsonValue[][] = aggregates.map(() => []);
  for (const [key, pane] of panes) {
    keys.push(key);
    rows.push(pane.rows);
    for (let a = 0; a < aggregates.length; a++) accumulators[a]?.push(aggregates[a]?.encode(pane.accumulators[a] ?? null) ?? null);
  }
  return { end, keys, rows, accumulators };
}

/** The inverse of `paneColumns`: calls `visit` for every pane, in the order of the columns. */
export function forEachPane(
  columns: PaneColumns,
  aggregates: readonly Aggregate[],
  visit: (key: Key, rows: number, accumulators: Accumulator[]) => void,
): void {
  const { keys, rows } = columns;
  for (let i = 0; i < keys.length; i++) {
    visit(keys[i] ?? null, rows[i] ?? 0, aggregates.length === 0 ? NO_ACCUMULATORS : accumulatorsAt(columns, aggregates, i));
  }
}

function accumulatorsAt(columns: PaneColumns, aggregates: readonly Aggregate[], i: number): Accumulator[] {
  return aggregates.map((aggregate, a) => aggregate.decode(columns.accumulators[a]?.[i] ?? null));
}

/** Rows in all panes of the columns. */
export function rowCount(columns: PaneColumns): number {
  return columns.rows.reduce((a, b) => a + b, 0);
}

/** Merges one pane into another, in place. */
export function mergeInto(pane: Pane, rows: number, accumulators: readonly Accumulator[], aggregates: readonly Aggregate[]): void {
  pane.rows += rows;
  for (let a = 0; a < aggregates.length; a++) {
    const aggregate = aggregates[a];
    if (aggregate) pane.accumulators[a] = aggregate.merge(pane.accumulators[a] ?? null, accumulators[a] ?? null);
  }
}
