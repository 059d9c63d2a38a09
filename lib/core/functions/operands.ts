/**
 * What functions take, and what is said of calls that they do not take: the forms of Calcite's OperandTypes and the messages of its validator, or the
 * signatures of Flink's own functions (BuiltInFunctionDefinitions) and the messages of its type inference.
 */
import type { Expression } from '../plan.ts';
import type { SqlType } from '../types.ts';
import { calciteTypeText } from './calcite-text.ts';
import type { Signature } from './function.ts';
import { isBinary, isFloating, isInteger, isNumeric, isText } from './type-rules.ts';

/** A family of types, by the name that messages give it. */
export interface Family {
  readonly name: string;
  readonly accepts: (type: SqlType) => boolean;
}

/** Calcite's STRING has BINARY and VARBINARY in it, with which most functions of Flink fail when their code is compiled. */
export const STRINGS: Family = { name: 'STRING', accepts: isText };
/** Of the functions that do take bytes. */
export const STRINGS_OR_BYTES: Family = { name: 'STRING', accepts: (type) => isText(type) || isBinary(type) };
export const CHARACTERS: Family = { name: 'CHARACTER', accepts: isText };
export const CHARACTER_STRINGS: Family = { name: 'CHARACTER_STRING', accepts: isText };
export const BINARY_STRINGS: Family = { name: 'BINARY_STRING', accepts: isBinary };
export const BINARIES: Family = { name: 'BINARY', accepts: isBinary };
export const NUMBERS: Family = { name: 'NUMERIC', accepts: isNumeric };
export const EXACT_NUMBERS: Family = { name: 'EXACT_NUMERIC', accepts: (type) => isNumeric(type) && !isFloating(type) };
export const INTEGERS: Family = { name: 'INTEGER', accepts: isInteger };
export const INTEGER_NUMBERS: Family = { name: 'INTEGER_NUMERIC', accepts: isInteger };
export const BOOLEANS: Family = { name: 'BOOLEAN', accepts: ({ kind }) => kind === 'BOOLEAN' };

/** One way to call a function: the families of its arguments. */
export type Form = readonly Family[];

/** The result type of a call from the types of its arguments. */
export type Result = (types: readonly SqlType[]) => SqlType;

export type Resolve = (args: readonly Expression[]) => Signature | string;

/** Resolves the calls of a function of Calcite's operator table. */
export const inForms =
  (name: string, forms: readonly Form[], result: Result): Resolve =>
  (args) => {
    const types = args.map(({ type }) => type);
    return matched(forms, types, result) ?? wrongCount(name, forms, types.length) ?? cannotApply(name, types, forms);
  };

/** Resolves the calls of one of Flink's own functions, which take NULL literals too, as strings or whatever the form says. */
export const inSignatures =
  (name: string, forms: readonly Form[], result: Result): Resolve =>
  (args) => {
    const types = args.map(({ type }) => type);
    return matched(forms, types, result) ?? wrongCount(name, forms, types.length) ?? invalidInput(name, forms);
  };

function matched(forms: readonly Form[], types: readonly SqlType[], result: Result): Signature | undefined {
  const form = forms.find((families) => families.length === types.length && types.every((type, i) => fits(families[i], type)));
  return form === undefined ? undefined : { args: types, type: result(types) };
}

const fits = (family: Family | undefined, type: SqlType): boolean => type.kind === 'NULL' || (family?.accepts(type) ?? false);

/** The message counts the arguments of the shortest form, as Calcite does. */
export function wrongCount(name: string, forms: readonly Form[], count: number): string | undefined {
  if (forms.some(({ length }) => length === count)) return undefined;
  return expecting(name, Math.min(...forms.map(({ length }) => length)));
}

export const expecting = (name: string, count: number): string => `Invalid number of arguments to function '${name}'. Was expecting ${count} arguments`;

/** `Cannot apply 'LEFT' to arguments of type 'LEFT(<INTEGER>, <INTEGER>)'. Supported form(s): 'LEFT(<STRING>, <INTEGER>)'`. */
export function cannotApply(name: string, types: readonly SqlType[], forms: readonly Form[]): string {
  const supported = forms.map((families) => `'${usage(name, families.map((family) => family.name))}'`);
  return `Cannot apply '${name}' to arguments of type '${usage(name, types.map(calciteTypeText))}'. Supported form(s): ${supported.join('\n')}`;
}

const usage = (name: string, operands: readonly string[]): string => `${name}(${operands.map((operand) => `<${operand}>`).join(', ')})`;

/** The same of an operator that stands between its operands: `'<INTEGER> + <BOOLEAN>'`. */
export function cannotCombine(name: string, types: readonly SqlType[], forms: readonly Form[]): string {
  const supported = forms.map((families) => `'${infix(name, families.map((family) => family.name))}'`);
  return `Cannot apply '${name}' to arguments of type '${infix(name, types.map(calciteTypeText))}'. Supported form(s): ${supported.join('\n')}`;
}

function infix(name: string, operands: readonly string[]): string {
  const [only = '', ...others] = operands.map((operand) => `<${operand}>`);
  return others.length === 0 ? `${name}${only}` : [only, ...others].join(` ${name} `);
}

/** The message of Flink's type inference. */
export const invalidInput = (name: string, forms: readonly Form[]): string =>
  ['Invalid input arguments. Expected signatures are:', ...forms.map((families) => usage(name, families.map((family) => family.name)))].join('\n');

/** The family of a type, as messages about functions that do not exist name it. */
export function familyName(type: SqlType): string {
  if (isNumeric(type)) return 'NUMERIC';
  if (isText(type)) return 'CHARACTER';
  if (isBinary(type)) return 'BINARY';
  switch (type.kind) {
    case 'INTERVAL_DAY':
      return 'INTERVAL_DAY_TIME';
    case 'INTERVAL_YEAR':
      return 'INTERVAL_YEAR_MONTH';
    case 'TIMESTAMP_LTZ':
      return 'TIMESTAMP';
    default:
      return type.kind;
  }
}
