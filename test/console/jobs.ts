/** A job as the server tells of it: one source of some partitions, one window of a minute. */
import type { Job, OpenWindow, Operator, Partition, Source } from '../../lib/console/types.js';

const TEN = Date.UTC(2026, 2, 14, 10);
/** `10:02:30` of a day */
export const at = (minutes: number, seconds = 0): number => TEN + (minutes * 60 + seconds) * 1000;

export const NOW = at(10);

export const partition = (n: number, change: Partial<Partition> = {}): Partition => ({
  id: `0-${n}`,
  topic: 'clicks',
  partition: n,
  next: 10,
  end: 10,
  lag: 0,
  watermark: at(4),
  idle: false,
  dataAt: NOW - 1000,
  isHolder: false,
  skipped: 0,
  deadLetters: 0,
  ahead: 0,
  lost: 0,
  entries: 3,
  ...change,
});

/** The holder is the one that says so. */
export const source = (partitions: readonly Partition[], change: Partial<Source> = {}): Source => {
  const holder = partitions.find(({ isHolder }) => isHolder) ?? null;
  return {
    uid: 'clicks',
    table: 'clicks',
    watermark: holder?.watermark ?? null,
    holder: holder?.id ?? null,
    partitionCount: partitions.length,
    idleCount: partitions.filter(({ idle }) => idle).length,
    lag: 0,
    partitions,
    ...change,
  };
};

export const window = (start: number, change: Partial<OpenWindow> = {}): OpenWindow => ({ kind: 'window', start, end: start + 60_000, entries: 2, time: 'event', firesAt: start + 59_999, age: NOW - start, ...change });

export const operator = (windows: readonly OpenWindow[], change: Partial<Operator> = {}): Operator => ({
  uid: 'per-minute',
  kind: 'window',
  entries: windows.length,
  windowCount: windows.length,
  windows,
  lateRows: 0,
  failedRows: 0,
  states: [],
  timers: null,
  ...change,
});

export const job = (sources: readonly Source[], operators: readonly Operator[], change: Partial<Job> = {}): Job => ({
  id: '0'.repeat(32),
  name: 'clicks per minute',
  status: 'RUNNING',
  isEnded: false,
  startedAt: at(0),
  changedAt: at(0),
  now: NOW,
  generation: 1,
  failure: null,
  unreadable: null,
  recordErrors: [],
  fireError: null,
  deadLetters: null,
  sinkErrors: [],
  operation: null,
  lineage: [],
  restored: null,
  savepoints: [],
  state: { sources, operators, stateBytes: 0, growth: null, entries: 0, checkpoints: [], resumableUntil: null },
  plan: null,
  options: {},
  costs: null,
  offsets: 'records',
  ...change,
});
