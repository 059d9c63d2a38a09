/** Variables of a function's environment. An empty one is absent. */
import { SluiceError } from '../core/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export function variable(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined || value === '' ? null : value;
}

/** Throws OPTION_INVALID. */
export function required(environment: Environment, name: string): string {
  const value = variable(environment, name);
  if (value !== null) return value;
  throw new SluiceError('OPTION_INVALID', { message: `the environment variable ${name} is not set`, hint: 'set it as the option of `sluice up` that has the same meaning' });
}

/** A whole number within the bounds; null if it is not set. Throws OPTION_INVALID. */
export function wholeNumber(environment: Environment, name: string, { min, max, unit }: { readonly min: number; readonly max: number; readonly unit: string }): number | null {
  const text = variable(environment, name);
  if (text === null) return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new SluiceError('OPTION_INVALID', { message: `${name} cannot be '${text}'`, hint: `set it to ${unit} from ${min} to ${max}` });
}

/** Parts between commas. */
export const listOf = (environment: Environment, name: string): string[] =>
  (variable(environment, name) ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
