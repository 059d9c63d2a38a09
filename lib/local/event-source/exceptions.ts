/** Refusals as Lambda's API names them. */
import { isError, SluiceError } from '../../core/errors.ts';

/** Lambda's exceptions, with the HTTP status that it answers. */
export const EXCEPTIONS = {
  InvalidParameterValueException: 400,
  ResourceNotFoundException: 404,
  ResourceConflictException: 409,
  ResourceInUseException: 400,
} as const;

export type ExceptionName = keyof typeof EXCEPTIONS;

/** `message` says what, where and why: it is all that users of Lambda's API are shown. */
export function refusal(exception: ExceptionName, message: string): SluiceError {
  return new SluiceError('EVENT_SOURCE_REFUSED', { message: `${exception}: ${message}`, details: { exception, message } });
}

/** Null where the error is no refusal. */
export function exceptionOf(error: unknown): { readonly name: ExceptionName; readonly message: string } | null {
  if (!isError(error, 'EVENT_SOURCE_REFUSED')) return null;
  const { exception, message } = error.details;
  return isExceptionName(exception) ? { name: exception, message: String(message) } : null;
}

const isExceptionName = (name: unknown): name is ExceptionName => typeof name === 'string' && Object.hasOwn(EXCEPTIONS, name);
