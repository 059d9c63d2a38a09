/** MIN and MAX (Flink's MinAggFunction and MaxAggFunction). Of equal values the first stays. */
import { compareValues } from '../compare.ts';
import { isFloating, isInteger } from '../functions/type-rules.ts';
import type { SqlType, Value } from '../types.ts';
import type { Aggregate, AggregateFunction, AggregateSignature, Argument } from './aggregate.ts';
import { foldOf } from './fold.ts';
import { noSuchType, typesOf, wrongCount } from './signature.ts';

const ORDERED: readonly SqlType['kind'][] = ['BOOLEAN', 'VARCHAR', 'DECIMAL', 'DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP_LTZ'];

function resolve(name: string, what: string, args: readonly Argument[], others: readonly SqlType['kind'][]): AggregateSignature | string {
  const [type, second] = typesOf(args);
  if (type === undefined || second !== undefined) return wrongCount(name, 1);
  const isOrdered = isInteger(type) || isFloating(type) || ORDERED.includes(type.kind) || others.includes(type.kind);
  return isOrdered ? { args: [type], type, nullable: 'if-argument' } : noSuchType(what, type);
}

/** NaN counts only where there is nothing else, so that the result does not depend on what is merged first. */
const unlessNaN =
  (choose: (a: Value, b: Value) => Value) =>
  (a: Value, b: Value): Value =>
    Number.isNaN(a) ? b : Number.isNaN(b) ? a : choose(a, b);

const lesser = unlessNaN((a, b) => (compareValues(b, a) < 0 ? b : a));
const greater = unlessNaN((a, b) => (compareValues(b, a) > 0 ? b : a));

/** 0.0 and -0.0 are equal, and different. */
const extremeOf = (type: SqlType, choose: (a: Value, b: Value) => Value): Aggregate<Value> => ({ ...foldOf(type, choose), ...(isFloating(type) ? {} : { commutes: true }) });

/** Unlike MAX it takes CHAR. */
export const MIN: AggregateFunction = {
  name: 'MIN',
  resolve: (args) => resolve('MIN', 'Min', args, ['CHAR']),
  open: ({ type }) => extremeOf(type, lesser),
};

export const MAX: AggregateFunction = {
  name: 'MAX',
  resolve: (args) => resolve('MAX', 'Max', args, []),
  open: ({ type }) => extremeOf(type, greater),
};
