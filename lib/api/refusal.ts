/** What a program defines and cannot run. */
import { SluiceError } from '../core/errors.ts';

/** `where` names the operator as the program does; `hint` says what to write instead. */
export function refuse(where: string, what: string, hint: string): never {
  throw new SluiceError('JOB_DEFINITION', { message: `${where}: ${what}`, hint });
}
