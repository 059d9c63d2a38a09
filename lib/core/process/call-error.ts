/** What calls of functions fail with, as errors that name the function and the key. */
import { SluiceError } from '../errors.ts';
import { errorText, thrownText } from '../error-text.ts';
import { keyText, type Key } from '../key.ts';
import type { Uid } from '../numbers.ts';

/** What is called, and for which key. */
export interface Called {
  readonly uid: Uid;
  readonly key: Key;
}

/** FUNCTION_THREW, which says what has happened. */
export const functionThrew = ({ uid, key }: Called, what: string, cause?: unknown): SluiceError =>
  new SluiceError('FUNCTION_THREW', { message: failedOn({ uid, key }, what), cause, details: { uid, key } });

/** What a call has thrown, as an error of kind `data`; throws what is of another kind. */
export function callError(called: Called, thrown: unknown): SluiceError {
  if (!(thrown instanceof SluiceError)) return functionThrew(called, thrownText(thrown), thrown);
  if (thrown.kind !== 'data') throw thrown;
  return thrown.code === 'STATE_VALUE_INVALID' ? placed(called, thrown) : thrown;
}

/** What a state or output refuses knows neither function nor key. */
function placed({ uid, key }: Called, error: SluiceError): SluiceError {
  const { code, message, hint, details } = error;
  return new SluiceError(code, { message: failedOn({ uid, key }, message), cause: error, details: { ...details, uid, key }, ...(hint !== undefined && { hint }) });
}

const failedOn = ({ uid, key }: Called, what: string): string => errorText(`the process function at ${uid} failed on key ${keyText(key)}: ${what}`);
