/** States of source partitions as a program declares them (Flink's OperatorStateStore): `{ held: operatorListState<Payment>() }`. */
import { SluiceError } from '../errors.ts';
import type { Redistribution } from '../plan.ts';
import { listState, namedStates, valueState, type StateOptions } from './declare.ts';
import type { AnyDescriptor, Declared, ListState, NamedState } from './descriptor.ts';

/** Nothing of a partition expires. */
export type OperatorStateOptions<T> = Omit<StateOptions<T>, 'ttl'>;

/** A state that functions over keys do not take. */
export type DeclaredOperator<T> = Declared<ListState<T>> & { readonly redistribution: Redistribution };

/** A list per partition. At a restore each stays with its partition; those of partitions that are gone are dealt out to the others (Flink's getListState). */
export const operatorListState = <T>(options: OperatorStateOptions<T> = {}): DeclaredOperator<T> => ({ ...listState<T>(options), redistribution: 'list' });

/** A list per partition. At a restore each partition gets the lists of all, one behind the other (Flink's getUnionListState). */
export const operatorUnionState = <T>(options: OperatorStateOptions<T> = {}): DeclaredOperator<T> => ({ ...listState<T>(options), redistribution: 'union' });

/** Says of a partition that it has had an instance, also one that keeps nothing. */
const INITIALIZED = 'initialized';
/** No field of a program collides with it: this one holds a name that no state may have. */
export const INITIALIZED_FIELD = '.initialized';

const MARKER: NamedState = { ...valueState<boolean>(), name: INITIALIZED, field: INITIALIZED_FIELD };

/** The states of a function over partitions. JOB_DEFINITION for names as `namedStates` has it, and for `initialized`. */
export function operatorStates(declared: Readonly<Record<string, AnyDescriptor>>): readonly NamedState[] {
  const states = namedStates(declared);
  if (states.some(({ name }) => name === INITIALIZED)) {
    throw new SluiceError('JOB_DEFINITION', { message: `a state over partitions cannot have the name ${INITIALIZED}`, hint: 'choose another one: savepoints say under it which partitions have been seen' });
  }
  return [...states, MARKER];
}
