/** ARRAY_* functions (flink-table-runtime functions/scalar/Array*Function). Elements are compared as keys are: NULL equals NULL. */
import { compareValues } from '../compare.ts';
import type { Expression } from '../plan.ts';
import { BOOLEAN, INT, STRING, isNested, typeText, type Inner, type SqlType, type Value } from '../types.ts';
import { itemsOf, numberOf, stringOf } from '../value-access.ts';
import { sameKey } from './collection-constructors.ts';
import type { Evaluator, ScalarFunction, Signature } from './function.ts';
import { castsImplicitly, commonType, isBigint, isInteger, isText } from './type-rules.ts';

const arrayOf = (type: SqlType, nullable = true): SqlType => ({ kind: 'ARRAY', element: { type, nullable } });

/** The element of an array argument. */
const elementOf = (argument: Expression | undefined): Inner | null => (argument?.type.kind === 'ARRAY' ? argument.type.element : null);

/** Flink's message for a function with a fixed list of parameters. */
const expected = (name: string, parameters: string, args: readonly Expression[]): string =>
  `Invalid function call: ${name}(${args.map(({ type }) => typeText(type)).join(', ')}); Expected signatures are: ${name}(${parameters})`;

type Compute = (array: readonly Value[], ...others: readonly Value[]) => Value;

/** NULL where the array is. */
const ofArray =
  (compute: Compute): ScalarFunction['compile'] =>
  ([array, ...others]) =>
  (row) => {
    const value = array?.(row) ?? null;
    return value === null ? null : compute(itemsOf(value), ...others.map((other: Evaluator) => other(row)));
  };

/** `f(array, element)`. */
function withElement(name: string, result: (element: SqlType) => SqlType, compute: Compute, nullable?: ScalarFunction['nullable']): ScalarFunction {
  return {
    name,
    takesNull: true,
    ...(nullable !== undefined && { nullable }),
    resolve: (args): Signature | string => {
      const [array, needle, ...rest] = args;
      const element = elementOf(array);
      const fits = element !== null && needle !== undefined && rest.length === 0 && castsImplicitly(needle.type, element.type);
      return fits && array !== undefined ? { args: [array.type, element.type], type: result(element.type) } : expected(name, 'ARRAY, <ARRAY ELEMENT>', args);
    },
    compile: ofArray(compute),
  };
}

/** `f(array)`. */
function ofOne(name: string, result: (array: SqlType, element: SqlType) => SqlType, compute: Compute): ScalarFunction {
  return {
    name,
    nullable: ([array]) => array === true || name.startsWith('ARRAY_M'),
    resolve: (args): Signature | string => {
      const [array, ...rest] = args;
      const element = elementOf(array);
      return array !== undefined && element !== null && rest.length === 0 ? { args: [array.type], type: result(array.type, element.type) } : expected(name, 'ARRAY', args);
    },
    compile: ofArray(compute),
  };
}

/** `f(array, array …)` of arrays with a common type; NULL where one of them is. */
function ofSeveral(name: string, most: number, compute: (arrays: readonly (readonly Value[])[]) => Value): ScalarFunction {
  return {
    name,
    takesNull: true,
    resolve: (args): Signature | string => {
      const type = commonType(args.map((argument) => argument.type));
      const fits = type?.kind === 'ARRAY' && args.length >= Math.min(most, 2) - (most === Infinity ? 1 : 0) && args.length <= most;
      return fits ? { args: args.map(() => type), type } : expected(name, '<COMMON>, <COMMON>', args);
    },
    compile: (args) => (row) => {
      const arrays = args.map((argument) => argument(row));
      return arrays.includes(null) ? null : compute(arrays.map(itemsOf));
    },
  };
}

const contains = (items: readonly Value[], value: Value): boolean => items.some((item) => sameKey(item, value));

/** Each value once, where it comes first. */
function distinct(items: readonly Value[]): Value[] {
  const seen: Value[] = [];
  for (const item of items) if (!contains(seen, item)) seen.push(item);
  return seen;
}

/** Bounds count from 1, or from the end below 0. */
function slice(items: readonly Value[], from: Value, to: Value = items.length): Value {
  if (from === null || to === null) return null;
  const [start, end] = [numberOf(from), numberOf(to)].map((place) => (place < 0 ? place + items.length + 1 : place));
  const first = Math.max(1, start ?? 1);
  const last = end === 0 ? 1 : Math.min(end ?? 1, items.length);
  return items.slice(first - 1, Math.max(last, first - 1));
}

/** NULLs come first in ascending order, and last in descending order, unless said otherwise. */
function sorted(items: readonly Value[], ascending: Value = true, nullsFirst: Value = ascending): Value {
  if (ascending === null || nullsFirst === null) return null;
  const sign = ascending === true ? 1 : -1;
  return items.toSorted((a, b) => {
    if (a === null || b === null) return (Number(a !== null) - Number(b !== null)) * (nullsFirst === true ? 1 : -1);
    return compareValues(a, b) * sign;
  });
}

const extreme = (items: readonly Value[], sign: 1 | -1): Value =>
  items.reduce((best, item) => (item === null || (best !== null && compareValues(item, best) * sign <= 0) ? best : item), null);

function joined(items: readonly Value[], delimiter: Value = null, ...rest: readonly Value[]): Value {
  const [replacement = null] = rest;
  if (delimiter === null || (rest.length > 0 && replacement === null)) return null;
  return items.flatMap((item) => (item ?? replacement) ?? []).map(stringOf).join(stringOf(delimiter));
}

const parameters = (name: string, usage: string, fits: (args: readonly SqlType[]) => boolean, result: (array: SqlType) => SqlType, compute: Compute): ScalarFunction => ({
  name,
  takesNull: true,
  resolve: (args): Signature | string => {
    const types = args.map((argument) => argument.type);
    const [array, ...others] = types;
    return array?.kind === 'ARRAY' && fits(types) ? { args: [array, ...others], type: result(array) } : expected(name, usage, args);
  },
  compile: ofArray(compute),
});

const orNull =
  (accepts: (type: SqlType) => boolean): ((type: SqlType) => boolean) =>
  (type) =>
    type.kind === 'NULL' || accepts(type);

const isComparable = (type: SqlType): boolean => !isNested(type);
const isArrayOf = (type: SqlType | undefined, accepts: (element: SqlType) => boolean): boolean => type?.kind === 'ARRAY' && accepts(type.element.type);

const SLICE = parameters('ARRAY_SLICE', 'ARRAY, INTEGER [, INTEGER]', ([, ...bounds]) => bounds.length >= 1 && bounds.length <= 2 && bounds.every(orNull((type) => isInteger(type) && !isBigint(type))), (array) => array, slice);

const SORT = parameters('ARRAY_SORT', 'ARRAY<COMPARABLE> [, BOOLEAN [, BOOLEAN]]', ([array, ...flags]) => isArrayOf(array, isComparable) && flags.length <= 2 && flags.every(orNull(({ kind }) => kind === 'BOOLEAN')), (array) => array, sorted);

const JOIN = parameters('ARRAY_JOIN', 'ARRAY<STRING>, STRING [, STRING]', ([array, ...texts]) => isArrayOf(array, isText) && texts.length >= 1 && texts.length <= 2 && texts.every(orNull(isText)), () => STRING, joined);

const openArray = (element: SqlType): SqlType => arrayOf(element);
const ofArrayOnly = ([array]: readonly boolean[]): boolean => array === true;

export const ARRAY_FUNCTIONS: readonly ScalarFunction[] = [
  withElement('ARRAY_CONTAINS', () => BOOLEAN, (items, needle = null) => contains(items, needle)),
  withElement('ARRAY_POSITION', () => INT, (items, needle = null) => (needle === null ? null : items.findIndex((item) => sameKey(item, needle)) + 1)),
  withElement('ARRAY_REMOVE', openArray, (items, needle = null) => items.filter((item) => !sameKey(item, needle)), ofArrayOnly),
  withElement('ARRAY_APPEND', openArray, (items, element = null) => [...items, element], ofArrayOnly),
  withElement('ARRAY_PREPEND', openArray, (items, element = null) => [element, ...items], ofArrayOnly),
  ofOne('ARRAY_DISTINCT', (array) => array, distinct),
  ofOne('ARRAY_REVERSE', (array) => array, (items) => items.toReversed()),
  ofOne('ARRAY_MAX', (_, element) => element, (items) => extreme(items, 1)),
  ofOne('ARRAY_MIN', (_, element) => element, (items) => extreme(items, -1)),
  ofSeveral('ARRAY_UNION', 2, (arrays) => distinct(arrays.flat())),
  ofSeveral('ARRAY_CONCAT', Infinity, (arrays) => arrays.flat()),
  ofSeveral('ARRAY_EXCEPT', 2, ([first = [], second = []]) => distinct(first.filter((item) => !contains(second, item)))),
  ofSeveral('ARRAY_INTERSECT', 2, ([first = [], second = []]) => distinct(first.filter((item) => contains(second, item)))),
  SLICE,
  SORT,
  JOIN,
];
