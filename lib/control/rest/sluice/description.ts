/** The shape of a job in full: what `sluice describe --json` gives, bounded for a page, with its plan and what it costs. */
import { double, flag, integer, list, mapOf, nullable, object, oneOf, optional, text } from '../shape.ts';
import { DEAD_LETTERS, FAILURE, FIRE_ERROR, JOB_FIELDS, OPERATION, RECORD_ERROR, SINK_ERROR } from './words.ts';

export const PARTITION = object({
  id: text,
  topic: text,
  partition: integer,
  next: integer,
  end: nullable(integer),
  lag: nullable(integer),
  watermark: nullable(integer),
  idle: flag,
  /** When the newest records came into the log, as far as that is known. */
  dataAt: nullable(integer),
  /** Holds the watermark of its source back. */
  isHolder: flag,
  skipped: integer,
  deadLetters: integer,
  ahead: integer,
  lost: integer,
  entries: integer,
});

const SOURCE = object({
  uid: text,
  table: text,
  watermark: nullable(integer),
  holder: nullable(text),
  partitionCount: integer,
  idleCount: integer,
  /** Of all partitions whose end is known. */
  lag: nullable(integer),
  /** The first ones, and the holder. */
  partitions: list(PARTITION),
});

const WINDOW = object({
  /** `sessions`: all of the operator as one. */
  kind: oneOf('window', 'sessions'),
  start: integer,
  end: integer,
  entries: integer,
  time: oneOf('event', 'processing'),
  /** It fires when the watermark is there, or the clock; of sessions, the first one. */
  firesAt: integer,
  /** Since its start, by the clock. */
  age: integer,
});

const STATE_USE = object({ name: text, kind: text, entries: integer, bytes: integer, oldestAt: nullable(integer), monthlyUsd: nullable(double) });
const TIMERS = object({ count: integer, earliest: nullable(integer) });

const OPERATOR = object({
  uid: text,
  kind: oneOf('window', 'function'),
  entries: integer,
  windowCount: integer,
  /** The oldest ones. */
  windows: list(WINDOW),
  lateRows: integer,
  failedRows: integer,
  states: list(STATE_USE),
  timers: nullable(object({ event: TIMERS, processing: TIMERS })),
});

const STATE = object({
  sources: list(SOURCE),
  operators: list(OPERATOR),
  stateBytes: integer,
  growth: nullable(object({ from: integer, to: integer, entries: integer, bytes: integer })),
  entries: integer,
  checkpoints: list(object({ seq: integer, at: integer, bytes: nullable(integer) })),
  resumableUntil: nullable(integer),
});

/** Nodes in topological order; `inputs` are uids. `lines`: what EXPLAIN says, the first one is the head. */
export const PLAN_GRAPH = object({
  name: text,
  nodes: list(object({ uid: text, kind: text, name: text, lines: list(text), inputs: list(text) })),
});

const COSTS = object({
  currency: oneOf('USD'),
  /** Since the generation began. */
  soFar: double,
  /** Of keeping what the newest checkpoint holds; null without one. */
  statePerMonth: nullable(double),
  /** By what was written so far. Null while that is less than a minute. */
  perMonth: nullable(double),
  assumptions: list(text),
});

export const JOB = object({
  ...JOB_FIELDS,
  now: integer,
  generation: integer,
  failure: nullable(FAILURE),
  /** Why the state cannot be read. */
  unreadable: nullable(FAILURE),
  recordErrors: list(RECORD_ERROR),
  fireError: nullable(FIRE_ERROR),
  deadLetters: nullable(DEAD_LETTERS),
  sinkErrors: list(SINK_ERROR),
  operation: nullable(OPERATION),
  /** Jobs that it was forked from. */
  lineage: list(text),
  restored: nullable(object({ from: text, dropped: list(text) })),
  savepoints: list(object({ path: text, trigger: text, at: integer, drained: flag, bytes: integer })),
  /** Null before the job has begun, and where it is unreadable. */
  state: nullable(STATE),
  plan: nullable(PLAN_GRAPH),
  options: mapOf(text),
  /** Null where the store costs nothing. */
  costs: nullable(COSTS),
  /** What offsets and lag count: bytes where one of the sources is of files, or of embedded topics. */
  offsets: oneOf('records', 'bytes'),
  sql: optional(text),
});
