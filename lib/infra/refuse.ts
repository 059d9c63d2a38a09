/** Mistakes in the definition of a platform or job: thrown while it is made, so that nothing is deployed. */
import { Token } from 'aws-cdk-lib';
import { SluiceError } from '../core/errors.ts';

export interface Refusal {
  /** Path of the construct. */
  readonly at: string;
  /** What is wrong. */
  readonly what: string;
  readonly got: unknown;
  readonly allowed: string;
  /** What to do; one sentence. */
  readonly fix: string;
}

/** OPTION_INVALID with the value got and the values allowed. */
export function refused({ at, what, got, allowed, fix }: Refusal): SluiceError {
  const message = `${at}: ${what}\n  got:     ${typeof got === 'string' ? got : JSON.stringify(got)}\n  allowed: ${allowed}`;
  return new SluiceError('OPTION_INVALID', { message, hint: fix, details: { at } });
}

/** Checks a value that is known at synthesis; what only CloudFormation will know is not checked. */
export function check<T>(value: T, isAllowed: (value: T) => boolean, refusal: Omit<Refusal, 'got'>): void {
  if (!Token.isUnresolved(value) && !isAllowed(value)) throw refused({ ...refusal, got: value });
}
