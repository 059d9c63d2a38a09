/**
 * The reference of window operators: naive, per row, with none of the engine's code for panes, slices or late rows. Written from Flink's
 * rules (protocol E2-E6): a row belongs to windows, a window fires once the watermark reaches its last millisecond.
 */
import type { SlicedWindow } from '../../../lib/core/plan.ts';
import type { SourcePartition } from '../../../lib/core/process/partition-function.ts';
import type { FailedRow, RowOrigin } from './reference-letters.ts';
import type { LoggedTime } from './reference-within.ts';

export interface ReferenceRow {
  readonly key: string;
  readonly amount: number;
  readonly time: number;
  /** Which of several inputs it came by. */
  readonly from?: number;
  /** Of records. */
  readonly partition?: SourcePartition;
  readonly origin?: RowOrigin;
}

export interface ReferenceOperator {
  /** Rows that were in no live window. */
  readonly late: number;
  /** Calls of a function that failed, since the job began. */
  readonly failed?: number;
  /** Takes a row in, judged by the watermark that the operator has seen. */
  add(row: ReferenceRow, watermark: number): void;
  /** Rows `<start>|<end>|<key>|<rows>|<sum>` of the windows, or timers, that fire when the watermark is `watermark` and processing time `procTime`. */
  fire(watermark: number, procTime: number): string[];
  /** Of functions that run in the writer: what an entry has taken in, and the time that it came to. */
  takeEntry?(partition: SourcePartition, rows: readonly ReferenceRow[], time: LoggedTime): string[];
  /** Windows that live on, sorted; groups without a window do for ever, with 0 as their end. */
  open(): string[];
  /** A step begins, whose processing time this is. */
  begin?(procTime: number): void;
  /** Rows for the side output, since it was last asked. */
  sides?(): string[];
  /** Calls that failed, since it was last asked. */
  failures?(): FailedRow[];
  /** What has still to fire; absent: all that is open. */
  waiting?(): string[];
  /** A step is over: what has expired is gone. */
  cleanUp?(procTime: number): void;
  /** The time of a stop does not count (V7): whatever TTL counts from is so much later. */
  delay?(ms: number): void;
  /** The job is restored, with these partitions of its sources. */
  restore?(partitions: readonly SourcePartition[]): void;
  copy(): ReferenceOperator;
}

export interface WindowSum {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly amount: number;
}

export const sumText = ({ start, end, key, rows, amount }: WindowSum): string => `${start}|${end}|${key}|${rows}|${amount}`;

interface Pane extends WindowSum {
  /** Something came in since the window last fired. */
  readonly isNews: boolean;
}

/** TUMBLE, HOP and CUMULATE: a row is added to every window that contains it and lives. */
export class ReferenceWindows implements ReferenceOperator {
  late = 0;
  readonly #spec: SlicedWindow;
  readonly #latenessMs: number;
  #panes = new Map<string, Pane>();

  constructor(spec: SlicedWindow, latenessMs: number) {
    this.#spec = spec;
    this.#latenessMs = latenessMs;
  }

  copy(): ReferenceWindows {
    const copy = new ReferenceWindows(this.#spec, this.#latenessMs);
    copy.late = this.late;
    copy.#panes = new Map(this.#panes);
    return copy;
  }

  add({ key, time, amount }: ReferenceRow, watermark: number): void {
    const live = windowsOf(this.#spec, time).filter(({ end }) => end - 1 + this.#latenessMs > watermark);
    if (live.length === 0) this.late++;
    for (const { start, end } of live) {
      const id = `${start}|${end}|${key}`;
      const pane = this.#panes.get(id);
      this.#panes.set(id, { key, start, end, rows: (pane?.rows ?? 0) + 1, amount: (pane?.amount ?? 0) + amount, isNews: true });
    }
  }

  fire(watermark: number): string[] {
    const rows: string[] = [];
    for (const [id, pane] of this.#panes) {
      if (pane.end - 1 > watermark) continue;
      if (pane.isNews) rows.push(sumText(pane));
      if (pane.end - 1 + this.#latenessMs <= watermark) this.#panes.delete(id);
      else this.#panes.set(id, { ...pane, isNews: false });
    }
    return rows;
  }

  open(): string[] {
    return [...this.#panes.values()].map(sumText).sort();
  }
}

/** SESSION: a row is a window of its own that merges with every one of its key that it meets, if only at an end. */
export class ReferenceSessions implements ReferenceOperator {
  late = 0;
  readonly #gapMs: number;
  #sessions: readonly WindowSum[] = [];

  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  copy(): ReferenceSessions {
    const copy = new ReferenceSessions(this.#gapMs);
    copy.late = this.late;
    copy.#sessions = this.#sessions;
    return copy;
  }

  add({ key, time, amount }: ReferenceRow, watermark: number): void {
    const own = { key, start: time, end: time + this.#gapMs, rows: 1, amount };
    const meets = (s: WindowSum): boolean => s.key === key && s.start <= own.end && own.start <= s.end;
    const merged = this.#sessions.filter(meets).reduce(join, own);
    if (merged.end - 1 <= watermark) this.late++;
    else this.#sessions = [...this.#sessions.filter((s) => !meets(s)), merged];
  }

  fire(watermark: number): string[] {
    const due = this.#sessions.filter((s) => s.end - 1 <= watermark);
    this.#sessions = this.#sessions.filter((s) => s.end - 1 > watermark);
    return due.map(sumText);
  }

  open(): string[] {
    return this.#sessions.map(sumText).sort();
  }
}

const join = (a: WindowSum, b: WindowSum): WindowSum => ({
  key: a.key,
  start: Math.min(a.start, b.start),
  end: Math.max(a.end, b.end),
  rows: a.rows + b.rows,
  amount: a.amount + b.amount,
});

export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** The windows that contain a time. */
export function windowsOf(spec: SlicedWindow, time: number): Bounds[] {
  switch (spec.kind) {
    case 'tumble':
      return [boundsFrom(startBefore(time, spec.sizeMs, spec.offsetMs), spec.sizeMs)];
    case 'hop': {
      const windows: Bounds[] = [];
      for (let start = startBefore(time, spec.slideMs, spec.offsetMs); start + spec.sizeMs > time; start -= spec.slideMs) {
        windows.push(boundsFrom(start, spec.sizeMs));
      }
      return windows;
    }
    case 'cumulate': {
      const start = startBefore(time, spec.sizeMs, spec.offsetMs);
      const windows: Bounds[] = [];
      for (let end = start + spec.stepMs; end <= start + spec.sizeMs; end += spec.stepMs) if (end > time) windows.push({ start, end });
      return windows;
    }
  }
}

const startBefore = (time: number, size: number, offset: number): number => Math.floor((time - offset) / size) * size + offset;
const boundsFrom = (start: number, size: number): Bounds => ({ start, end: start + size });
