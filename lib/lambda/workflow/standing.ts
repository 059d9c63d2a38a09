/** Where CTRL says that an operation stands, whoever has moved it (protocol §11). */
import type { Failure, JobControl, Operation } from '../../engine/lifecycle/job-control.ts';
import type { Phase, StepName } from '../../workflows/tasks.ts';

export type Standing =
  | { readonly kind: 'under-way'; readonly operation: Operation }
  /** A stop that failed has become a resume. */
  | { readonly kind: 'compensating'; readonly cause: Failure }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Never recorded, or so long ago that CTRL has forgotten it. */
  | { readonly kind: 'unknown' };

const STEPS: Readonly<Record<Operation['kind'], readonly StepName[]>> = {
  create: ['fence', 'start', 'attach'],
  resume: ['close', 'fence', 'start', 'attach'],
  stop: ['freeze', 'barrier', 'export', 'detach'],
  cancel: ['close', 'detach'],
};

export function standingOf(control: JobControl, phase: Phase, request: string): Standing {
  const { operation, last } = control;
  if (operation !== null && isMeant(operation, phase, request)) {
    const isCompensation = operation.kind === 'resume' && operation.cause !== undefined;
    return isCompensation ? { kind: 'compensating', cause: operation.cause } : { kind: 'under-way', operation };
  }
  if (last !== null && isMeant(last, phase, request)) return last.failure === null ? { kind: 'done' } : { kind: 'failed', failure: last.failure };
  return hasLeftTraces(control, phase, request) ? { kind: 'done' } : { kind: 'unknown' };
}

export const isBehind = ({ kind, step }: Operation, other: StepName): boolean => STEPS[kind].indexOf(step) > STEPS[kind].indexOf(other);

/** Whoever cancels a job that is being cancelled joins in. */
const isMeant = ({ id, kind }: { readonly id: string; readonly kind: Operation['kind'] }, phase: Phase, request: string): boolean =>
  id === request || (phase === 'cancel' && kind === 'cancel');

/** What other operations have followed since. */
function hasLeftTraces({ savepoints, createdBy, begun }: JobControl, phase: Phase, request: string): boolean {
  if (phase === 'create') return createdBy === request && begun !== null;
  return phase === 'stop' && savepoints.some(({ trigger }) => trigger === request);
}
