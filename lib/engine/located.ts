/**
 * Where in the program a function has thrown, for people. Not in dead letters: rows are the same in every replay (protocol F4), and where a stack overflows, for
 * one, is not.
 */
import { errorText } from '../core/error-text.ts';
import { isError, SluiceError } from '../core/errors.ts';
import type { Job } from './job.ts';

/** `FUNCTION_THREW` with `at src/job.ts:12:7`, and `at` among its details; any other error, and one whose place nobody knows, as it is. */
export function located(error: unknown, { dataflow }: Pick<Job, 'dataflow'>): unknown {
  return isError(error) ? locatedFailure(error, dataflow.positionOf) : error;
}

/** The same of an error of Sluice; once is enough. */
export function locatedFailure(error: SluiceError, positionOf: Job['dataflow']['positionOf']): SluiceError {
  const isOpen = error.code === 'FUNCTION_THREW' && error.details['at'] === undefined;
  const at = isOpen ? positionOf(error.cause) : null;
  if (at === null) return error;
  const { code, message, hint, cause, details } = error;
  return new SluiceError(code, { message: errorText(`${message} (at ${at})`), cause, details: { ...details, at }, ...(hint !== undefined && { hint }) });
}
