/** Keyed states as a program declares them (Flink's StateDescriptors), and what its functions do with them (Flink's State interfaces). */
import type { AggregateFunction } from './aggregate-function.ts';
import type { Redistribution, StateKind, TtlSpec } from '../plan.ts';

/** One value per key. */
export interface ValueState<T> {
  /** The value, or what the descriptor gives by default; null without. */
  value(): T;
  /** null clears it, as in Flink. */
  update(value: T): void;
  clear(): void;
}

/** A list per key, in the order of the adds. What it gives is a copy. */
export interface ListState<T> {
  /** Empty where nothing was added. */
  get(): T[];
  add(value: T): void;
  addAll(values: Iterable<T>): void;
  /** Takes the place of the whole list; an empty one clears it. */
  update(values: Iterable<T>): void;
  clear(): void;
}

/** A map per key; entries are read and written one by one, and come in the order of their keys (`entry-key.ts`). */
export interface MapState<K, V> {
  /** null where there is no entry. */
  get(key: K): V | null;
  put(key: K, value: V): void;
  putAll(entries: Iterable<readonly [K, V]>): void;
  remove(key: K): void;
  contains(key: K): boolean;
  entries(): IterableIterator<[K, V]>;
  keys(): IterableIterator<K>;
  values(): IterableIterator<V>;
  isEmpty(): boolean;
  clear(): void;
}

/** What all values added so far were reduced to. */
export interface ReducingState<T> {
  /** null before the first. */
  get(): T | null;
  add(value: T): void;
  clear(): void;
}

/** The result of all values added so far. */
export interface AggregatingState<In, Out> {
  /** null before the first. */
  get(): Out | null;
  add(value: In): void;
  clear(): void;
}

/** From a value as an older version of the program has stored it (V4) to one of the next version. */
export type Migration = (value: unknown) => unknown;

interface DescriptorBase {
  readonly kind: StateKind;
  /** Absent: the name under which the function declares it. */
  readonly name?: string;
  readonly ttl?: TtlSpec;
  /** From 1; that of the values that the program writes. */
  readonly version: number;
  /** `migrations[v]` takes a value of version v to version v + 1: of a value, an element, the value of an entry, or an accumulator. */
  readonly migrations: Readonly<Record<number, Migration>>;
  /** Checks, and completes, a value that a savepoint restores; it throws STATE_VALUE_INVALID. Absent: values are taken as they are. */
  readonly check?: (value: unknown) => unknown;
}

export type StateDescriptor = DescriptorBase &
  (
    | { readonly kind: 'value'; readonly initial?: unknown }
    | { readonly kind: 'list' }
    | { readonly kind: 'map' }
    | { readonly kind: 'reducing'; readonly reduce: (a: unknown, b: unknown) => unknown }
    | { readonly kind: 'aggregating'; readonly aggregate: AggregateFunction<unknown, unknown, unknown> }
  );

/** A descriptor, be it of keys or of source partitions. */
export type AnyDescriptor = StateDescriptor & { readonly redistribution?: Redistribution };

/** A descriptor with the names of its state (`namedStates`). */
export type NamedState = AnyDescriptor & {
  /** By which the next program finds it again, and savepoints call it. */
  readonly name: string;
  /** Under which the function declares it, and finds it in its context. */
  readonly field: string;
};

/** A descriptor that knows which state its functions get: `StateOf` reads it. */
export type Declared<State> = StateDescriptor & { readonly state?: (state: State) => void };

/** The states of a function by the names under which it declares them. */
export type StatesOf<D> = { readonly [Name in keyof D]: D[Name] extends { readonly state?: (state: infer State) => void } ? State : never };
