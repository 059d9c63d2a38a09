/**
 * Panes: the accumulators of one (operator, slice or session, key). Writers fold rows into panes of one batch, the firer merges those
 * into the panes of the state; between them, and in checkpoints, panes travel as columns.
 */
import type { Accumulator, Aggregate } from '../aggregates/aggregate.ts';
import { withKey } from '../aggregates/failed-aggregate.ts';
import type { Key } from '../key.ts';
import type { JsonValue } from '../plan.ts';

/** How what a pane holds is stored: all that checkpoints and savepoints need of it. */
export type StoredForm<A = Accumulator> = Pick<Aggregate<A>, 'encode' | 'decode'>;

export interface Pane {
  /** Rows folded in; always kept, so that late rows can be counted (E5). */
  rows: number;
  readonly accumulators: Accumulator[];
}

/** Shared by all panes that only count rows: most of them, and there are many. Never written to. */
export const NO_ACCUMULATORS: Accumulator[] = [];

/** The "slice end" under which sessions are kept: they lie in no slice. */
export const SESSIONS = Number.MAX_SAFE_INTEGER;

/** The "slice end" under which results without a window are kept. */
export const GROUPS = SESSIONS - 1;

/** The "slice end" under which checkpoints keep rows that wait to be put in order: each of their instants is a slice. */
export const INSTANTS = GROUPS - 1;

/** Whether nobody knows when panes under this slice end go: those of sessions, those that stay for ever, and those of many times. */
export const isTimeless = (end: number): boolean => end >= INSTANTS;

/** [start, end) of a session or an instant, epoch ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Panes of one slice as columns: `keys[i]`, `rows[i]` and `accumulators[a][i]` belong together. */
export interface PaneColumns {
  /** End of the slice, epoch ms; `SESSIONS` for sessions, `GROUPS` without a window. */
  readonly end: number;
  readonly keys: readonly Key[];
  readonly rows: readonly number[];
  /** One column per aggregate with an accumulator, as `Aggregate.encode` writes it. */
  readonly accumulators: readonly (readonly JsonValue[])[];
  /** Sessions and `INSTANTS` only: `spans[i]` is [start, end) of pane i; a key may occur several times. */
  readonly spans?: readonly (readonly [start: number, end: number])[];
}

export function paneColumns(end: number, panes: Iterable<readonly [Key, Pane & Partial<Span>]>, aggregates: readonly StoredForm[]): PaneColumns {
  const keys: Key[] = [];
  const rows: number[] = [];
  const accumulators: JsonValue[][] = aggregates.map(() => []);
  const spans: [number, number][] = [];
  for (const [key, pane] of panes) {
    keys.push(key);
    rows.push(pane.rows);
    try {
      for (let a = 0; a < aggregates.length; a++) accumulators[a]?.push(aggregates[a]?.encode(pane.accumulators[a]) ?? null);
    } catch (error) {
      throw withKey(error, key);
    }
    if (pane.start !== undefined && pane.end !== undefined) spans.push([pane.start, pane.end]);
  }
  return end === SESSIONS || end === INSTANTS ? { end, keys, rows, accumulators, spans } : { end, keys, rows, accumulators };
}

/** The inverse of `paneColumns`: calls `visit` for every pane, in the order of the columns; `i` is its place. What it throws names the key. */
export function forEachPane(
  columns: PaneColumns,
  aggregates: readonly StoredForm[],
  visit: (key: Key, rows: number, accumulators: Accumulator[], i: number) => void,
): void {
  const { keys, rows } = columns;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? null;
    try {
      visit(key, rows[i] ?? 0, aggregates.length === 0 ? NO_ACCUMULATORS : accumulatorsAt(columns, aggregates, i), i);
    } catch (error) {
      throw withKey(error, key);
    }
  }
}

function accumulatorsAt(columns: PaneColumns, aggregates: readonly StoredForm[], i: number): Accumulator[] {
  return aggregates.map((aggregate, a) => aggregate.decode(columns.accumulators[a]?.[i] ?? null));
}

/** Calls `visit` for every session in the columns, in their order: the list order that E4 merges in. */
export function forEachSession(columns: PaneColumns, aggregates: readonly StoredForm[], visit: (key: Key, session: Pane & Span) => void): void {
  forEachPane(columns, aggregates, (key, rows, accumulators, i) => {
    const [start, end] = columns.spans?.[i] ?? [0, 0];
    visit(key, { start, end, rows, accumulators });
  });
}

/** Rows in all panes of the columns. */
export function rowCount(columns: PaneColumns): number {
  return columns.rows.reduce((a, b) => a + b, 0);
}

/** A pane as a step makes its own, of what is stored or of nothing: `absorbInto` may write to what its accumulators hold. */
export function ownPane(pane: Pane | null, aggregates: readonly Aggregate[]): Pane {
  const own: Pane = { rows: 0, accumulators: aggregates.map(({ zero }) => zero) };
  if (pane !== null) absorbInto(own, pane.rows, pane.accumulators, aggregates);
  return own;
}

/** As `mergeInto`, into a pane that nobody else holds: what is there is not copied. */
export function absorbInto(own: Pane, rows: number, accumulators: readonly Accumulator[], aggregates: readonly Aggregate[]): void {
  own.rows += rows;
  for (let a = 0; a < aggregates.length; a++) {
    const aggregate = aggregates[a];
    if (aggregate === undefined) continue;
    const [mine, more] = [own.accumulators[a], accumulators[a]];
    own.accumulators[a] = aggregate.absorb === undefined ? aggregate.merge(mine, more) : aggregate.absorb(mine, more);
  }
}

/** Merges one pane into another, in place. */
export function mergeInto(pane: Pane, rows: number, accumulators: readonly Accumulator[], aggregates: readonly Aggregate[]): void {
  pane.rows += rows;
  for (let a = 0; a < aggregates.length; a++) {
    const aggregate = aggregates[a];
    if (aggregate) pane.accumulators[a] = aggregate.merge(pane.accumulators[a], accumulators[a]);
  }
}
