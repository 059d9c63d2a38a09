/**
 * What windows mean, said as plainly as possible: every row is put into every window that it belongs to by its time alone, and every group of
 * every window is computed from its rows. No slices, no watermarks, no merging; it holds where no row is late.
 */
export interface ModelRow {
  readonly k: string | null;
  readonly n: number | null;
  readonly v: number | null;
  /** ms. */
  readonly t: number;
}

export type ModelWindow =
  | { readonly kind: 'tumble'; readonly sizeMs: number; readonly offsetMs: number }
  | { readonly kind: 'hop'; readonly sizeMs: number; readonly slideMs: number; readonly offsetMs: number }
  | { readonly kind: 'cumulate'; readonly sizeMs: number; readonly stepMs: number; readonly offsetMs: number }
  | { readonly kind: 'session'; readonly gapMs: number };

export type ModelKey = 'k' | 'n';

interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** start, end, k, n, GROUPING(k, n), COUNT(*), COUNT(v), SUM(v), MIN(v), MAX(v) of each group, as texts, in no order. */
export function modelResults(rows: readonly ModelRow[], window: ModelWindow, sets: readonly (readonly ModelKey[])[]): string[] {
  return sets.flatMap((set) => [...Map.groupBy(rows, (row) => JSON.stringify(set.map((key) => row[key]))).values()].flatMap((group) => groupResults(group, window, set)));
}

function groupResults(group: readonly ModelRow[], window: ModelWindow, set: readonly ModelKey[]): string[] {
  const bounds = window.kind === 'session' ? sessionsOf(group, window.gapMs) : windowsOf(group, window);
  return bounds.map(({ start, end, rows }) => {
    const [first] = rows;
    const values = rows.flatMap(({ v }) => v ?? []);
    const key = (name: ModelKey): string | number | null => (set.includes(name) ? (first?.[name] ?? null) : null);
    const bits = (set.includes('k') ? 0 : 2) + (set.includes('n') ? 0 : 1);
    const extremes = values.length === 0 ? [null, null, null] : [values.reduce((a, b) => a + b), Math.min(...values), Math.max(...values)];
    return [start, end, key('k'), key('n'), bits, rows.length, values.length, ...extremes].join();
  });
}

interface Filled extends Bounds {
  readonly rows: readonly ModelRow[];
}

function windowsOf(rows: readonly ModelRow[], window: Exclude<ModelWindow, { kind: 'session' }>): Filled[] {
  const placed = rows.flatMap((row) => boundsAt(row.t, window).map((bounds) => ({ row, bounds })));
  return [...Map.groupBy(placed, ({ bounds }) => `${bounds.start} ${bounds.end}`).values()].flatMap((of) => {
    const [first] = of;
    return first === undefined ? [] : [{ ...first.bounds, rows: of.map(({ row }) => row) }];
  });
}

function boundsAt(t: number, window: Exclude<ModelWindow, { kind: 'session' }>): Bounds[] {
  const alignedTo = (ms: number): number => Math.floor((t - window.offsetMs) / ms) * ms + window.offsetMs;
  const { sizeMs } = window;
  switch (window.kind) {
    case 'tumble':
      return [{ start: alignedTo(sizeMs), end: alignedTo(sizeMs) + sizeMs }];
    case 'hop': {
      const starts = Array.from({ length: Math.ceil(sizeMs / window.slideMs) }, (_, i) => alignedTo(window.slideMs) - i * window.slideMs);
      return starts.filter((start) => start + sizeMs > t).map((start) => ({ start, end: start + sizeMs }));
    }
    case 'cumulate': {
      const start = alignedTo(sizeMs);
      const ends = Array.from({ length: sizeMs / window.stepMs }, (_, i) => start + (i + 1) * window.stepMs);
      return ends.filter((end) => end > t).map((end) => ({ start, end }));
    }
  }
}

/** Rows in time order belong to one session as long as each comes no later than the gap behind the one before. */
function sessionsOf(group: readonly ModelRow[], gapMs: number): Filled[] {
  const sessions: ModelRow[][] = [];
  for (const row of [...group].sort((a, b) => a.t - b.t)) {
    const last = sessions.at(-1);
    if (last === undefined || row.t - (last.at(-1)?.t ?? 0) > gapMs) sessions.push([row]);
    else last.push(row);
  }
  return sessions.map((rows) => ({ start: rows[0]?.t ?? 0, end: (rows.at(-1)?.t ?? 0) + gapMs, rows }));
}
