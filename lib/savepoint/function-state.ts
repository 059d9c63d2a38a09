/** The states of a process function as a savepoint names and writes them: each declared one, and the timers, has files of its own (protocol 14.2). */
import type { JsonValue, ProcessNode, StateKind, StateSpec } from '../core/plan.ts';
import type { TimeDomain } from '../core/process/keyed-function.ts';
import { RAW, typeText } from '../core/types.ts';
import { cellField, timeField } from './cell-field.ts';
import { storedField } from './field.ts';
import { isObject } from './pane-fields.ts';

/** What a state is made of; the values are JSON, as the program stores them. */
export interface FunctionSchema {
  readonly key: readonly { readonly name: string; readonly type: string }[];
  readonly kind: StateKind | 'timers';
  /** Of the values (V4); timers have none. */
  readonly version: number | null;
  readonly ttlMs: number | null;
}

/** A column of `FunctionState.panes` as lines. */
export interface StateField {
  /** In lines and files; unique within the function. */
  readonly name: string;
  readonly schema: FunctionSchema;
  /** The cell of a key that has no line. */
  readonly empty: JsonValue;
  isEmpty(cell: JsonValue): boolean;
  /** How many lines a cell has. */
  lines(cell: JsonValue): number;
  /** The `value` of each line of a cell, in pieces. */
  write(cell: JsonValue): Iterable<Iterable<string>>;
  /** The cell with one more line; undefined where that does not fit. `before`: of the lines so far, undefined at the first. */
  read(value: unknown, before: JsonValue | undefined): JsonValue | undefined;
}

/** Name of the key of a stream of a program (`KEYED_ROW`). */
export const KEY = 'key';

const KEY_SCHEMA = [{ name: KEY, type: typeText(RAW) }];

/** In the order of `FunctionState.panes`. */
export const stateFields = (node: ProcessNode): readonly StateField[] => [...node.states.map(stateField), timersField(timersName(node))];

/** `timers`, unless a state is called that. */
export function timersName({ states }: ProcessNode): string {
  const isTaken = (name: string): boolean => states.some((state) => state.name === name);
  let free = 'timers';
  for (let n = 2; isTaken(free); n++) free = `timers_${n}`;
  return free;
}

function stateField(state: StateSpec): StateField {
  const { empty, isEmpty, write, read } = cellField(state);
  return {
    name: state.name,
    schema: { key: KEY_SCHEMA, kind: state.kind, version: state.version, ttlMs: state.ttl?.ttlMs ?? null },
    empty,
    isEmpty,
    lines: (cell) => (isEmpty(cell) ? 0 : 1),
    write: (cell) => (isEmpty(cell) ? [] : [write(cell)]),
    read: (value, before) => (before === undefined ? read(value) : undefined),
  };
}

const DOMAINS: readonly TimeDomain[] = ['event', 'processing'];

/** A line per timer. */
function timersField(name: string): StateField {
  return {
    name,
    schema: { key: KEY_SCHEMA, kind: 'timers', version: null, ttlMs: null },
    empty: [[], []],
    isEmpty: (cell) => timesIn(cell).every((times) => times.length === 0),
    lines: (cell) => timesIn(cell).reduce((n, times) => n + times.length, 0),
    write: (cell) => timesIn(cell).flatMap((times, i) => times.map((time) => [`{"time":${timeField.write(time)},"domain":${storedField.write(DOMAINS[i] ?? null)}}`])),
    read: (value, before = [[], []]) => (isObject(value) && isTimes(before) ? withTimer(before, timeField.read(value['time']), DOMAINS.findIndex((domain) => domain === value['domain'])) : undefined),
  };
}

/** Of event time, then of processing time. */
type Times = readonly [event: number[], processing: number[]];

/** What `withTimer` has made so far, which is nobody else's: it is not looked through for each line. */
const isTimes = (json: JsonValue): json is Times => isList(json) && json.length === DOMAINS.length && json.every(isList);

/** Of event time, then of processing time. */
const timesIn = (cell: JsonValue): readonly (readonly number[])[] => listOf(cell).map((times) => listOf(times).filter((time) => typeof time === 'number'));

const listOf = (json: JsonValue): readonly JsonValue[] => (isList(json) ? json : []);

const isList = (json: JsonValue): json is readonly JsonValue[] => Array.isArray(json);

/** In order, each once. Lines come in the order of their times, mostly: a key may have very many. */
function withTimer(times: Times, time: JsonValue | undefined, domain: number): Times | undefined {
  const of = times[domain];
  if (typeof time !== 'number' || of === undefined) return undefined;
  const last = of.at(-1);
  if (last === undefined || last < time) {
    of.push(time);
    return times;
  }
  if (of.includes(time)) return undefined;
  of.splice(of.findIndex((other) => other > time), 0, time);
  return times;
}
