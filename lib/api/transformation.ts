/**
 * What a program has called so far (Flink's Transformation): a node of the plan to be, whose uid and inputs are known when the whole job is. Uids that the
 * program does not give are made when all are known that it does.
 */
import { assert } from '../core/errors.ts';
import type { Uid } from '../core/numbers.ts';
import type { PlanNode } from '../core/plan.ts';
import type { Column } from '../core/types.ts';
import type { ProgramAggregate } from '../core/process/aggregate-function.ts';
import type { DecodeRecord, TransformRow } from '../core/process/code.ts';
import type { KeyedFunction } from '../core/process/keyed-function.ts';

export interface Transformation {
  /** As the program gives it; null: it follows from `suffix` and the uid of the first input. */
  readonly uid: string | null;
  readonly suffix: string;
  readonly inputs: readonly Transformation[];
  /** Its rows have event time, and the watermark follows them. */
  readonly isTimed: boolean;
  /** What the program calls it, if it keeps state: the state is lost when its uid changes. */
  readonly stateful?: string;
  readonly build: (uid: Uid, inputs: readonly Uid[]) => Built;
}

/** A node, and what the program runs under its uid. */
export interface Built {
  readonly node: PlanNode;
  readonly decoder?: DecodeRecord;
  readonly transform?: TransformRow;
  readonly fn?: KeyedFunction;
  readonly aggregate?: ProgramAggregate;
}

/** The only input. */
export function inputOf([input]: readonly Uid[]): Uid {
  assert(input !== undefined, 'a transformation of a stream has an input');
  return input;
}

/** The rows of all inputs, which have the same columns. */
export const unionOf = (inputs: readonly Transformation[], columns: readonly Column[]): Transformation => ({
  uid: null,
  suffix: 'union',
  inputs,
  isTimed: inputs.every(({ isTimed }) => isTimed),
  build: (uid, of) => ({ node: { kind: 'union', uid, inputs: of, columns } }),
});
