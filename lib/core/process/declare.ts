/** States as a program declares them: `{ total: valueState({ initial: 0 }), seen: mapState<string, number>({ ttl: { ttl: '1 h' } }) }`. */
import { parseDuration } from '../duration.ts';
import { SluiceError } from '../errors.ts';
import type { StateSpec, TtlSpec } from '../plan.ts';
import { encodeStored } from '../stored-value.ts';
import type { AggregateFunction } from './aggregate-function.ts';
import type { AggregatingState, AnyDescriptor, Declared, ListState, MapState, Migration, NamedState, ReducingState, StateDescriptor, ValueState } from './descriptor.ts';
import { checkOf, type StandardSchema } from './standard-schema.ts';

/** Flink's StateTtlConfig. */
export interface TtlOptions {
  /** Milliseconds, or a text as `1 h`, `30 min`. */
  readonly ttl: number | string;
  /** What sets the time anew; `on-create-and-write` where nothing is said. */
  readonly update?: TtlSpec['update'];
  /** What a read gives behind the time; `never-return-expired` where nothing is said. */
  readonly visibility?: TtlSpec['visibility'];
}

export interface StateOptions<T> {
  /** By which the next program finds the state again; the name of the field where nothing is said. */
  readonly name?: string;
  readonly ttl?: TtlOptions;
  /** Of the values, from 1; a program that keeps others than the one before it counts on. */
  readonly version?: number;
  /** `migrations[v]` makes a value of version v + 1 of one of version v. */
  readonly migrations?: Readonly<Record<number, TypedMigration>>;
  /** Checks what a savepoint restores. Any Standard Schema (zod, valibot, arktype …) that answers at once. */
  readonly schema?: StandardSchema<T>;
}

/** A `Migration` that says what it takes: only the program knows what it has stored. */
type TypedMigration = { migrate(value: unknown): unknown }['migrate'];

export interface ValueStateOptions<T> extends StateOptions<T> {
  /** What `value()` gives where there is none. */
  readonly initial?: T;
}

/** One value per key. JOB_DEFINITION for options that make no sense, as in all these functions. */
export function valueState<T>(options: ValueStateOptions<T> & { readonly initial: T }): Declared<ValueState<T>>;
export function valueState<T>(options?: StateOptions<T>): Declared<ValueState<T | null>>;
export function valueState<T>(options: ValueStateOptions<T> = {}): Declared<ValueState<T>> {
  const { initial } = options;
  // Refused here rather than at the first read.
  if (initial !== undefined) encodeStored(initial);
  return { kind: 'value', ...baseOf(options), ...(initial === undefined ? {} : { initial }) };
}

/** A list per key. */
export const listState = <T>(options: StateOptions<T> = {}): Declared<ListState<T>> => ({ kind: 'list', ...baseOf(options) });

/** A map per key; version, migrations and schema are those of its values. */
export const mapState = <K, V>(options: StateOptions<V> = {}): Declared<MapState<K, V>> => ({ kind: 'map', ...baseOf(options) });

export interface ReducingStateOptions<T> extends StateOptions<T> {
  /** Flink's ReduceFunction. It may change and return what it is given. */
  reduce(a: T, b: T): T;
}

/** What all values of a key were reduced to. */
export function reducingState<T>(options: ReducingStateOptions<T>): Declared<ReducingState<T>> {
  const { reduce }: { reduce(a: unknown, b: unknown): unknown } = options;
  return { kind: 'reducing', ...baseOf(options), reduce };
}

export interface AggregatingStateOptions<In, Acc, Out> extends StateOptions<Acc> {
  readonly aggregate: AggregateFunction<In, Acc, Out>;
}

/** What all values of a key were aggregated to; version, migrations and schema are those of the accumulator. */
export const aggregatingState = <In, Acc, Out>(options: AggregatingStateOptions<In, Acc, Out>): Declared<AggregatingState<In, Out>> => ({
  kind: 'aggregating',
  ...baseOf(options),
  aggregate: options.aggregate,
});

type Base = Pick<StateDescriptor, 'name' | 'ttl' | 'version' | 'migrations' | 'check'>;

function baseOf<T>({ name, ttl, version = 1, migrations = {}, schema }: StateOptions<T>): Base {
  if (!Number.isSafeInteger(version) || version < 1) throw refused(`the version of a state is ${version}`, 'count from 1');
  return {
    version,
    migrations: checkedMigrations(migrations, version),
    ...(name === undefined ? {} : { name }),
    ...(ttl === undefined ? {} : { ttl: ttlOf(ttl) }),
    ...(schema === undefined ? {} : { check: checkOf(schema) }),
  };
}

function checkedMigrations(migrations: Readonly<Record<number, Migration>>, version: number): Readonly<Record<number, Migration>> {
  const behind = Object.keys(migrations).find((from) => !(Number(from) >= 1 && Number(from) < version));
  if (behind === undefined) return migrations;
  throw refused(`a state of version ${version} has a migration from version ${behind}`, 'a migration leads from its version to the next, at most to that of the state');
}

function ttlOf({ ttl, update = 'on-create-and-write', visibility = 'never-return-expired' }: TtlOptions): TtlSpec {
  const ttlMs = typeof ttl === 'number' ? ttl : parseDuration(ttl);
  if (ttlMs === null || !Number.isSafeInteger(ttlMs) || ttlMs < 1) throw refused(`the TTL of a state is ${ttl}`, 'write milliseconds, or a text as `1 h`');
  return { ttlMs, update, visibility };
}

/** Also part of file names in savepoints. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** Under this name savepoints keep the timers. */
const TIMERS = 'timers';

/** The states of a function with their names. JOB_DEFINITION for a name that is none, or that two have. */
export function namedStates(declared: Readonly<Record<string, AnyDescriptor>>): readonly NamedState[] {
  const states = Object.entries(declared).map(([field, descriptor]) => ({ ...descriptor, field, name: descriptor.name ?? field }));
  const fields = new Map<string, string>();
  for (const { name, field } of states) {
    if (!NAME.test(name) || name === TIMERS) throw refused(`a state cannot have the name ${name}`, 'use up to 64 letters, digits, - and _; `timers` is taken');
    const other = fields.get(name);
    if (other !== undefined) throw refused(`the states ${other} and ${field} have one name, ${name}`, 'give one of them another `name`');
    fields.set(name, field);
  }
  return states;
}

/** As the plan has it. */
export function specOf(name: string, { kind, version, ttl, redistribution }: AnyDescriptor): StateSpec {
  return { name, kind, version, ...(ttl === undefined ? {} : { ttl }), ...(redistribution === undefined ? {} : { redistribution }) };
}

const refused = (message: string, hint: string): SluiceError => new SluiceError('JOB_DEFINITION', { message, hint });
