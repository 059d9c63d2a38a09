/** F13: what one FIRE may take. */
import type { Position } from '../../../lib/engine/position.ts';
import type { Shape } from '../shape.ts';
import { violate } from '../violation.ts';

export interface FireBounds {
  readonly entries: number;
  /** Whole window ends are taken until there are so many rows. */
  readonly rows: number;
}

/** What a FIRE has taken. */
export interface Taken {
  readonly before: Position | null;
  readonly after: Position;
  /** Rows per sink, `start|end|…`. */
  readonly rows: readonly (readonly string[])[];
  /** A watermark is below that of F5. */
  readonly isHeldBack: boolean;
}

export function checkBounds({ before, after, rows, isHeldBack }: Taken, bounds: FireBounds, shape: Shape, at: string): void {
  const cuts = Object.entries(after.cut);
  const entries = cuts.reduce((n, [p, cut]) => n + cut.seq - (Object.entries(before?.cut ?? {}).find(([q]) => q === p)?.[1].seq ?? 0), 0);
  violate(entries > Math.max(bounds.entries, cuts.length), `I-LIVE: ${at} takes ${entries} entries (F13)`);
  violate(isHeldBack && bounds.rows === Infinity, `I-WM: ${at}: a watermark is held back without a bound (F13)`);
  // Timers count as rows, whatever they give.
  const hasFunctions = shape.operators.some(({ kind }) => kind === 'function');
  violate(isHeldBack && !hasFunctions && rows.every((list) => list.length === 0), `I-WM: ${at}: a watermark is held back for no row (F13)`);
  // With on-event, and without a window, whole entries are taken; updates of windows that have fired are no window ends.
  const isPlain = shape.sources.every((s) => !s.isOnEvent) && shape.operators.every((o) => o.kind === 'window' && o.latenessMs === 0 && o.window.kind !== 'unbounded');
  if (isPlain) for (const list of rows) violate(withoutLastEnd(list) >= bounds.rows, `I-LIVE: ${at} takes ${list.length} rows (F13)`);
}

function withoutLastEnd(rows: readonly string[]): number {
  const ends = rows.map((row) => Number(row.split('|')[1]));
  const last = ends.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return ends.filter((end) => end < last).length;
}
