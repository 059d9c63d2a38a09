/** Comparisons: what may be compared (Calcite's SqlTypeUtil.isComparable and operand consistency), and how (Flink's ScalarOperatorGens). */
import { compareValues } from '../compare.ts';
import type { Expression } from '../plan.ts';
import { BIGINT, BOOLEAN, innerTypes, isNested, type SqlType, type Value } from '../types.ts';
import { entriesOf, itemsOf, type Present } from '../value-access.ts';
import { calciteTypeText } from './calcite-text.ts';
import { converter } from './cast.ts';
import { strict, type CallExpression, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { cannotCombine, expecting, type Resolve } from './operands.ts';
import { commonType, isDatetime, isNumeric, isText } from './type-rules.ts';

const COMPARABLE = { name: 'COMPARABLE_TYPE', accepts: () => true };

/**
 * The type that both sides get, or why there is none. An order takes strings as numbers, booleans or times, whatever they are compared with; equality only as
 * times, where a string that is none is NULL.
 */
const resolveComparison =
  (name: string, isOrder: boolean): Resolve =>
  (args) => {
    const [a, b] = args.map(({ type }) => type);
    if (a === undefined || b === undefined || args.length !== 2) return expecting(name, 2);
    const common = commonType([a, b]) ?? readAs(a, b, isOrder) ?? readAs(b, a, isOrder);
    if (common !== null && isOrder && isNested(common)) return NOT_ORDERED;
    if (common !== null) return { args: [common, common], type: BOOLEAN, ...(!isOrder && isMixed(args) ? { safe: true } : {}) };
    const isUnread = (isText(a) && isNumeric(b)) || (isNumeric(a) && isText(b));
    return isUnread ? `implicit type conversion between ${rootName(a)} and ${rootName(b)} is not supported now` : cannotCombine(name, [a, b], [[COMPARABLE, COMPARABLE]]);
  };

/** Flink's generated code puts no collections and rows in an order (TypeCheckUtils.isComparable). */
export const NOT_ORDERED = 'Comparable type expected';

const isMixed = (args: readonly Expression[]): boolean => args.some(({ type, op }) => isText(type) && op !== 'literal') && args.some(({ type }) => isDatetime(type));

/** What a string is read as when it is compared with a value of another type. */
function readAs(text: SqlType, other: SqlType, isOrder: boolean): SqlType | null {
  if (!isText(text)) return null;
  if (isDatetime(other)) return other;
  if (!isOrder) return null;
  if (isNumeric(other)) return commonType([other, BIGINT]);
  return other.kind === 'BOOLEAN' ? other : null;
}

/** A type without its parameters, as Flink calls its root. */
const rootName = (type: SqlType): string => calciteTypeText(type).replace(/\(.*/, '');

/** Equality as in Flink: that of Java, where NaN equals nothing. */
const equalPresent = (a: Present, b: Present): boolean => (typeof a === 'number' ? a === b : compareValues(a, b) === 0);

/** The equality of a type's values: entries of a MAP stand in no order. */
function equalityOf(type: SqlType | undefined): Test {
  if (type === undefined || !isNested(type)) return equalPresent;
  const parts = innerTypes(type).map(equalityOf);
  const same = (i: number, a: Value, b: Value): boolean => (a === null || b === null ? a === b : (parts[i] ?? equalPresent)(a, b));
  if (type.kind === 'MAP') return (a, b) => sameEntries(entriesOf(a), entriesOf(b), same);
  return (a, b) => {
    const [x, y] = [itemsOf(a), itemsOf(b)];
    return x.length === y.length && x.every((item, i) => same(type.kind === 'ROW' ? i : 0, item, y[i] ?? null));
  };
}

type Same = (i: number, a: Value, b: Value) => boolean;
type Entries = readonly (readonly Value[])[];

const sameEntries = (a: Entries, b: Entries, same: Same): boolean =>
  a.length === b.length && a.every(([key = null, value = null]) => b.some(([otherKey = null, other = null]) => same(0, key, otherKey) && same(1, value, other)));

const isOrdered = (a: Present, b: Present): boolean => !Number.isNaN(a) && !Number.isNaN(b);

type Test = (a: Present, b: Present) => boolean;

/** Something compared with itself is not computed: `x = x` holds for NaN too (Calcite's RexSimplify). */
const comparison = (name: string, reflexive: boolean, testOf: (type: SqlType | undefined) => Test): ScalarFunction => ({
  name,
  resolve: resolveComparison(name, name !== '=' && name !== '<>'),
  compile: (args, call) => strict(isReflexive(call) ? () => reflexive : testOf(call.args[0]?.type))(args),
});

const order = (name: string, reflexive: boolean, test: Test): ScalarFunction => comparison(name, reflexive, () => test);

const isReflexive = ({ args: [a, b] }: CallExpression): boolean => JSON.stringify(a) === JSON.stringify(b);

const distinct = (name: string, negated: boolean): ScalarFunction => ({
  name,
  resolve: resolveComparison(name, false),
  nullable: () => false,
  compile: ([left, right], call) => (left === undefined || right === undefined ? () => null : differ(left, right, negated, isReflexive(call) ? () => true : equalityOf(call.args[0]?.type))),
});

function differ(left: Evaluator, right: Evaluator, negated: boolean, equal: Test): Evaluator {
  return (row) => {
    const [a, b] = [left(row), right(row)];
    const same = a === null || b === null ? a === b : equal(a, b);
    return same === negated;
  };
}

/** `NULLIF(a, b)` has the type of `a`, whatever they are compared as. */
const NULLIF: ScalarFunction = {
  name: 'NULLIF',
  resolve: (args): Signature | string => {
    const [a, b] = args.map(({ type }) => type);
    if (a === undefined || b === undefined || args.length !== 2) return expecting('NULLIF', 2);
    const compared = resolveComparison('=', false)(args);
    return typeof compared === 'string' ? compared : { args: [a, compared.args[1] ?? b], type: a };
  },
  nullable: () => true,
  compile: ([left, right], { args: [first, second] }) => {
    const convert = first === undefined || second === undefined ? null : converter(first.type, second.type);
    return (row) => {
      const [a, b] = [left?.(row) ?? null, right?.(row) ?? null];
      const compared = a === null ? null : convert === null ? a : convert(a);
      return compared !== null && b !== null && equalPresent(compared, b) ? null : a;
    };
  },
};

export const COMPARISONS: readonly ScalarFunction[] = [
  comparison('=', true, equalityOf),
  comparison('<>', false, (type) => {
    const equal = equalityOf(type);
    return (a, b) => !equal(a, b);
  }),
  order('<', false, (a, b) => compareValues(a, b) < 0),
  order('<=', true, (a, b) => isOrdered(a, b) && compareValues(a, b) <= 0),
  order('>', false, (a, b) => compareValues(a, b) > 0),
  order('>=', true, (a, b) => isOrdered(a, b) && compareValues(a, b) >= 0),
  distinct('IS DISTINCT FROM', false),
  distinct('IS NOT DISTINCT FROM', true),
  NULLIF,
];
