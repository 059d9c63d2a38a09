/** Three-valued logic, the IS tests and comparison. */
import { compareValues } from '../compare.ts';
import type { Expression } from '../plan.ts';
import { BOOLEAN, typeText, type Value } from '../types.ts';
import type { Present } from '../value-access.ts';
import { strict, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { CONDITION, commonType, isDatetime, isText } from './type-rules.ts';

const conditions = (args: readonly Expression[]): Signature | string =>
  args.every(({ type }) => CONDITION.accepts(type) || type.kind === 'NULL')
    ? { args: args.map(() => BOOLEAN), type: BOOLEAN }
    : 'it takes conditions';

/** AND and OR: one `decisive` value decides, and an unknown one leaves the result open. */
const connective = (name: string, decisive: boolean): ScalarFunction => ({
  name,
  resolve: conditions,
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

const NOT: ScalarFunction = { name: 'NOT', resolve: conditions, compile: strict((value) => value !== true) };

const never = (): boolean => false;

/** A test that is never NULL itself. */
const test = (name: string, resolve: ScalarFunction['resolve'], holds: (value: Value) => boolean): ScalarFunction => ({
  name,
  resolve,
  nullable: never,
  compile: ([argument]) => (argument === undefined ? () => null : (row) => holds(argument(row))),
});

const anything = (args: readonly Expression[]): Signature => ({ args: args.map(({ type }) => type), type: BOOLEAN });

const TESTS = [
  test('IS NULL', anything, (value) => value === null),
  test('IS NOT NULL', anything, (value) => value !== null),
  test('IS TRUE', conditions, (value) => value === true),
  test('IS NOT TRUE', conditions, (value) => value !== true),
  test('IS FALSE', conditions, (value) => value === false),
  test('IS NOT FALSE', conditions, (value) => value !== false),
  test('IS UNKNOWN', conditions, (value) => value === null),
  test('IS NOT UNKNOWN', conditions, (value) => value !== null),
];

/** Both sides get one type; strings are read as dates and timestamps where they are compared with one. */
function comparable(args: readonly Expression[]): Signature | string {
  const [a, b] = args.map((argument) => argument.type);
  if (a === undefined || b === undefined) return 'it takes two values';
  const common = commonType([a, b]) ?? (isText(a) && isDatetime(b) ? b : isDatetime(a) && isText(b) ? a : null);
  if (common === null) return `${typeText(a)} and ${typeText(b)} cannot be compared; CAST one of them`;
  return { args: [common, common], type: BOOLEAN };
}

/** Equality as in Flink: NaN equals NaN. */
export const equalValues = (a: Value, b: Value): boolean => compareValues(a, b) === 0 && Number.isNaN(a) === Number.isNaN(b);

const comparison = (name: string, apply: (a: Present, b: Present) => boolean): ScalarFunction => ({
  name,
  resolve: comparable,
  compile: strict(apply),
});

const COMPARISONS = [
  comparison('=', equalValues),
  comparison('<>', (a, b) => !equalValues(a, b)),
  comparison('<', (a, b) => compareValues(a, b) < 0),
  comparison('<=', (a, b) => compareValues(a, b) < 0 || equalValues(a, b)),
  comparison('>', (a, b) => compareValues(a, b) > 0),
  comparison('>=', (a, b) => compareValues(a, b) > 0 || equalValues(a, b)),
];

const distinct = (name: string, negated: boolean): ScalarFunction => ({
  name,
  resolve: comparable,
  nullable: never,
  compile: ([left, right]) => (left === undefined || right === undefined ? () => null : differ(left, right, negated)),
});

function differ(left: Evaluator, right: Evaluator, negated: boolean): Evaluator {
  return (row) => {
    const [a, b] = [left(row), right(row)];
    const same = a === null || b === null ? a === b : equalValues(a, b);
    return same === negated;
  };
}

export const LOGIC: readonly ScalarFunction[] = [
  connective('AND', false),
  connective('OR', true),
  NOT,
  ...TESTS,
  ...COMPARISONS,
  distinct('IS DISTINCT FROM', false),
  distinct('IS NOT DISTINCT FROM', true),
];
