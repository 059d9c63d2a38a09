/** The result of the whole input at once, as a batch GROUP BY gives it: what a job must come to where no row can be late (I-BATCH). */
import type { SessionWindow, SlicedWindow } from '../../../lib/core/plan.ts';
import { sumText, windowsOf, type Bounds, type ReferenceRow, type WindowSum } from './reference-window.ts';

/** Rows `<start>|<end>|<key>|<rows>|<sum>`, sorted. */
export function batchResult(spec: SlicedWindow | SessionWindow, rows: readonly ReferenceRow[]): string[] {
  const windows = new Map<string, WindowSum>();
  for (const row of rows) {
    const bounds = spec.kind === 'session' ? [sessionOf(spec.gapMs, row, rows)] : windowsOf(spec, row.time);
    for (const { start, end } of bounds) {
      const id = `${start}|${end}|${row.key}`;
      const sum = windows.get(id);
      windows.set(id, { key: row.key, start, end, rows: (sum?.rows ?? 0) + 1, amount: (sum?.amount ?? 0) + row.amount });
    }
  }
  return [...windows.values()].map(sumText).sort();
}

/** The session of a row: as long as there is another row of its key within the gap, on either side. */
function sessionOf(gapMs: number, { key, time }: ReferenceRow, rows: readonly ReferenceRow[]): Bounds {
  const times = rows.filter((r) => r.key === key).map((r) => r.time).sort((a, b) => a - b);
  let [first, last] = [time, time];
  for (const t of times) if (t > last && t - last <= gapMs) last = t;
  for (const t of times.reverse()) if (t < first && first - t <= gapMs) first = t;
  return { start: first, end: last + gapMs };
}
