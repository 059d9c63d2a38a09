/**
 * STDDEV and VARIANCE as sums and counts, exactly as Calcite's AggregateReduceFunctionsRule rewrites them in Flink: in the type of the
 * argument, so that integers wrap and truncate on the way.
 */
import { averageType } from '../core/aggregates/avg.ts';
import { numeric } from '../core/aggregates/signature.ts';
import { callFunction, castTo, isNullable, literal } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { BIGINT, INT, type SqlType } from '../core/types.ts';
import { keptFor, type Counted, type PlannedCall } from './kept-aggregate.ts';
import { columnsOfBase } from './plan-base.ts';
import type { Aggregate } from './plan-scope.ts';

interface Variance {
  /** Of the population, not of a sample. */
  readonly biased: boolean;
  readonly root: boolean;
}

export const VARIANCES: ReadonlyMap<string, Variance> = new Map([
  ['STDDEV_POP', { biased: true, root: true }],
  ['STDDEV_SAMP', { biased: false, root: true }],
  ['STDDEV', { biased: false, root: true }],
  ['VAR_POP', { biased: true, root: false }],
  ['VAR_SAMP', { biased: false, root: false }],
  ['VARIANCE', { biased: false, root: false }],
]);

/** The call, or why the function does not take its arguments. */
export function planVariance(name: string, variance: Variance, args: readonly Expression[], counted: Counted): PlannedCall | string {
  const columns = columnsOfBase(counted.input);
  const signature = numeric(name, args.map((expression) => ({ expression, nullable: isNullable(expression, columns) })), averageType);
  const [argument] = args;
  if (typeof signature === 'string' || argument === undefined) return String(signature);
  const value = must(castTo(argument, signature.type));
  const parts = [keptFor('SUM', [call('*', value, value)], counted), keptFor('SUM', [argument], counted), keptFor('COUNT', [argument], counted)];
  const [squares, sum, count] = parts.filter((part): part is Aggregate => typeof part !== 'string');
  if (squares === undefined || sum === undefined || count === undefined) return String(parts.find((part) => typeof part === 'string'));
  const result: PlannedCall['result'] = (at) => resultOf(variance, signature.type, at(squares), at(sum), at(count));
  return { aggregates: [squares, sum, count], result };
}

/** `(SUM(x * x) - SUM(x) * SUM(x) / COUNT(x)) / n`, or the root of it. */
function resultOf({ biased, root }: Variance, type: SqlType, squares: Expression, sum: Expression, count: Expression): Expression {
  const total = must(castTo(sum, type));
  const squareOfSum = call('*', total, total);
  const difference = call('-', squares, call('/', squareOfSum, count));
  const one = literal(INT, 1);
  const others = call('CASE', call('=', count, one), literal(BIGINT, null), call('-', count, one));
  const variance = call('/', difference, biased ? count : others);
  return must(castTo(root ? call('POWER', variance, literal(HALF, 5n)) : variance, type));
}

/** The type of 0.5. */
const HALF: SqlType = { kind: 'DECIMAL', precision: 2, scale: 1 };

const call = (fn: string, ...args: readonly Expression[]): Expression => must(callFunction(fn, args));

/** Numbers can be calculated with. */
function must(e: Expression | string): Expression {
  if (typeof e === 'string') throw new TypeError(e);
  return e;
}
