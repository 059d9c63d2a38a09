/** Three-valued logic and the IS tests. */
import type { Expression } from '../plan.ts';
import { BOOLEAN, type SqlType, type Value } from '../types.ts';
import { calciteTypeText } from './calcite-text.ts';
import { strict, type ScalarFunction, type Signature } from './function.ts';
import { BOOLEANS, cannotCombine } from './operands.ts';

/** Conditions; what else it is called with is named as Calcite does. */
const conditions =
  (refused: (types: readonly SqlType[]) => string) =>
  (args: readonly Expression[]): Signature | string => {
    const types = args.map(({ type }) => type);
    return types.every((type) => BOOLEANS.accepts(type) || type.kind === 'NULL') ? { args: types.map(() => BOOLEAN), type: BOOLEAN } : refused(types);
  };

/** AND and OR: one `decisive` value decides, and an unknown one leaves the result open. */
const connective = (name: string, decisive: boolean): ScalarFunction => ({
  name,
  resolve: conditions((types) => cannotCombine(name, types, [[BOOLEANS, BOOLEANS]])),
  compile: (args) => (row) => {
    let open = false;
    for (const argument of args) {
      const value = argument(row);
      if (value === decisive) return decisive;
      if (value === null) open = true;
    }
    return open ? null : !decisive;
  },
});

const NOT: ScalarFunction = { name: 'NOT', resolve: conditions((types) => cannotCombine('NOT', types, [[BOOLEANS]])), compile: strict((value) => value !== true) };

const never = (): boolean => false;

/** A test that is never NULL itself. */
const test = (name: string, resolve: ScalarFunction['resolve'], holds: (value: Value) => boolean): ScalarFunction => ({
  name,
  resolve,
  nullable: never,
  compile: ([argument]) => (argument === undefined ? () => null : (row) => holds(argument(row))),
});

/** `<INTEGER> IS TRUE`. */
const postfix = (name: string): ScalarFunction['resolve'] =>
  conditions((types) => `Cannot apply '${name}' to arguments of type '${types.map((type) => `<${calciteTypeText(type)}> ${name}`).join()}'. Supported form(s): '<BOOLEAN> ${name}'`);

const anything = (args: readonly Expression[]): Signature => ({ args: args.map(({ type }) => type), type: BOOLEAN });

const TESTS = [
  test('IS NULL', anything, (value) => value === null),
  test('IS NOT NULL', anything, (value) => value !== null),
  test('IS TRUE', postfix('IS TRUE'), (value) => value === true),
  test('IS NOT TRUE', postfix('IS NOT TRUE'), (value) => value !== true),
  test('IS FALSE', postfix('IS FALSE'), (value) => value === false),
  test('IS NOT FALSE', postfix('IS NOT FALSE'), (value) => value !== false),
  test('IS UNKNOWN', postfix('IS UNKNOWN'), (value) => value === null),
  test('IS NOT UNKNOWN', postfix('IS NOT UNKNOWN'), (value) => value !== null),
];

export const LOGIC: readonly ScalarFunction[] = [
  connective('AND', false),
  connective('OR', true),
  NOT,
  ...TESTS,
];
