/**
 * Aggregates as the smallest algebra that works: zero, add, merge, result. A writer adds rows, the firer merges what writers added, and
 * nobody ever needs the rows again.
 */
import type { AggregateCall, Expression, JsonValue } from '../plan.ts';
import type { SqlType, Value } from '../types.ts';

/** What an aggregate remembers of the rows of a pane. Only the aggregate it belongs to looks inside. */
export type Accumulator = unknown;

/** The algebra of one aggregate call. */
export interface Aggregate<A = Accumulator> {
  /** Of no rows. Never written to. */
  readonly zero: A;
  /**
   * The accumulator with one more value; of a call with several arguments, the list of their values. It may write to `acc` and return it:
   * whoever adds has made it by adding to zero, and nobody else holds it.
   */
  add(acc: A, value: Value): A;
  /** Of the rows of both, those of `a` before those of `b`. Writes to neither. */
  merge(a: A, b: A): A;
  /**
   * As `merge`, but it may write to `own`, which is zero or came from here, and keeps nothing of `b` that it would write to. Absent where merging
   * copies nothing that grows.
   */
  absorb?(own: A, b: A): A;
  result(acc: A): Value;
  /** The type as which accumulators are stored; of AVG that of the sum. */
  readonly stored: SqlType;
  /** Readable JSON, lossless; also the form in savepoints. */
  encode(acc: A): JsonValue;
  decode(json: JsonValue): A;
  /** NULL is a value for it like any other; otherwise NULLs are never added. */
  readonly takesNull?: true;
  /** The order of the values makes no difference at all, as it does for sums of DOUBLE. */
  readonly commutes?: true;
  /** Merging may throw, or not come back: it is done before anything counts on its result. */
  readonly mayFail?: true;
  /** Set if the order of rows matters: the same aggregate, adding rows of this origin (`origins.ts`). */
  from?(origin: string): Aggregate<A>;
}

/** An argument, as far as types depend on it. */
export interface Argument {
  readonly expression: Expression;
  readonly nullable: boolean;
  /** It is the row time of a table, for messages. */
  readonly isRowTime?: boolean;
}

/** What an aggregate function takes and gives. */
export interface AggregateSignature {
  /** The types that the arguments are cast to implicitly; null for one that is a parameter. */
  readonly args: readonly (SqlType | null)[];
  readonly type: SqlType;
  /** Whether the result may be NULL; with FILTER, `if-argument` always may. */
  readonly nullable: 'never' | 'always' | 'if-argument';
  /** Constants that the accumulators depend on. */
  readonly parameters?: readonly JsonValue[];
}

export interface AggregateFunction {
  /** Upper case. */
  readonly name: string;
  /** The signature for these arguments, or the reason why there is none, in Flink's words. */
  resolve(args: readonly Argument[]): AggregateSignature | string;
  open(call: AggregateCall): Aggregate;
  /** Flink cannot merge it, so that only windows of one slice take it; the class that its message names. */
  readonly unmergeable?: string;
}
