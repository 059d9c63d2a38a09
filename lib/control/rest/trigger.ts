/** Operations that are triggered over HTTP, and asked about until they are completed: Flink's bodies. */
import type { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { refused, type Refusal } from './refusal.ts';
import type { Rest } from './route.ts';
import { hex32, object, oneOf, type Of } from './shape.ts';
import type { Outcome, Triggered } from './triggered.ts';

export const TRIGGERED = object({ 'request-id': hex32 });
export const STATUS = object({ id: oneOf('IN_PROGRESS', 'COMPLETED') });

/** `given`: the trigger id that the client has chosen. */
type Given = string | null | undefined;

export async function trigger<O extends { readonly job: JobId | null }, T>({ plane }: Rest, operations: Triggered<O, T>, operation: O, given: Given): Promise<Of<typeof TRIGGERED> | Refusal> {
  const id = given ?? plane.runtime.randomHex(16);
  const isBegun = await operations.begin({ job: operation.job, trigger: id }, operation);
  return isBegun ? { 'request-id': id } : refused(503, 'Too many operations are under way. Repeat this one when some of them have ended.');
}

interface OperationStatus<O> {
  readonly status: Of<typeof STATUS>;
  readonly operation: O | null;
}

/** To Flink a failure is a completion, too. */
export function statusOf<T, D, F>(outcome: Outcome<T>, done: (result: T) => D, failed: (error: SluiceError | null) => F): OperationStatus<D | F> {
  switch (outcome.kind) {
    case 'in-progress':
      return { status: { id: 'IN_PROGRESS' }, operation: null };
    case 'done':
      return { status: { id: 'COMPLETED' }, operation: done(outcome.result) };
    case 'failed':
      return { status: { id: 'COMPLETED' }, operation: failed(outcome.error) };
  }
}
