/** A call of an aggregate function: what is kept for it, and its result as an expression over that. */
import { AGGREGATES } from '../core/aggregates/registry.ts';
import { callFunction, foldConstants } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { callsIn } from './aggregate-calls.ts';
import type * as ast from './ast.ts';
import { countAll, keptFor, NO_CLAUSE, type Clause, type Counted, type PlannedCall } from './kept-aggregate.ts';
import { translate, translateCondition } from './plan-expression.ts';
import type { Aggregate, Pipeline } from './plan-scope.ts';
import { planVariance, VARIANCES } from './plan-variance.ts';
import { invalid, orInvalid, unsupported } from './refusal.ts';

/** `merges`: windows consist of slices, or grow together, so that a function must be able to merge, as it must in Flink. */
export function planAggregateCall(call: ast.Call, input: Pipeline, merges: boolean): PlannedCall {
  refuseClauses(call);
  const counted: Counted = { input, distinct: call.distinct && !IGNORES_DISTINCT.has(call.name), filter: filterOf(call, input) };
  const args = call.arguments.map((argument) => foldConstants(translate(argument, { fields: input.fields })));
  const variance = VARIANCES.get(call.name);
  if (variance !== undefined) return orInvalid(planVariance(call.name, variance, args, counted), call.span);
  if (call.star) return only(countAll(counted));
  const kept = orInvalid(keptFor(call.name, isJson(call) ? jsonArguments(args, call.span) : args, counted, clauseOf(call)), call.span);
  if (merges) requireMerge(call);
  return only(kept);
}

const only = (kept: Aggregate): PlannedCall => ({ aggregates: [kept], result: (at) => at(kept) });

/** The different values are the same extremes. */
const IGNORES_DISTINCT: ReadonlySet<string> = new Set(['MIN', 'MAX']);

function refuseClauses({ name, withinGroup, nulls, span, arguments: args, filter, star }: ast.Call): void {
  if (name === 'APPROX_COUNT_DISTINCT') invalid(span, 'APPROX_COUNT_DISTINCT aggregate function does not support yet for streaming.', 'COUNT(DISTINCT …) is exact.');
  if (name === 'SINGLE_VALUE') unsupported(span, 'The aggregate function SINGLE_VALUE');
  if (withinGroup !== undefined) invalid(span, `Aggregate expression '${name}' must not contain a WITHIN GROUP clause`, 'Values are in the order of their rows.');
  if (nulls !== undefined && name !== 'ARRAY_AGG') invalid(span, `Cannot specify IGNORE NULLS or RESPECT NULLS following '${name}'`);
  if (args.some((argument) => callsIn(argument).length > 0)) invalid(span, 'Aggregate expressions cannot be nested', 'Aggregate in a subquery first.');
  if (filter !== null && callsIn(filter).length > 0) invalid(filter.span, 'FILTER must not contain aggregate expression');
  if (star && name !== 'COUNT') invalid(span, `Unknown identifier '*'`, `Only COUNT takes *.`);
}

const filterOf = ({ filter }: ast.Call, input: Pipeline): Expression | null =>
  filter === null ? null : foldConstants(translateCondition(filter, { fields: input.fields }, 'FILTER'));

const isJson = (call: ast.Call): boolean => call.name.startsWith('JSON_');

/** The last argument is the value, as JSON text (WrapJsonAggFunctionArgumentsRule). */
function jsonArguments(args: readonly Expression[], span: ast.Span): Expression[] {
  const value = args.at(-1);
  if (value === undefined) return [];
  return [...args.slice(0, -1), orInvalid(callFunction('JSON_STRING', [value]), span)];
}

/** The clauses that are parameters of a function, as text and as parameters. */
function clauseOf(call: ast.Call): Clause {
  const byDefault = call.name === 'JSON_OBJECTAGG' ? 'NULL' : 'ABSENT';
  if (isJson(call)) return parameter(`${call.onNull ?? byDefault} ON NULL`, call.onNull ?? byDefault);
  return call.nulls === 'IGNORE' ? parameter('IGNORE NULLS', 'IGNORE NULLS') : NO_CLAUSE;
}

const parameter = (text: string, value: string): Clause => ({ text: ` ${text}`, parameters: [value] });

function requireMerge({ name, span }: ast.Call): void {
  const { unmergeable } = AGGREGATES.get(name) ?? {};
  if (unmergeable === undefined) return;
  const message = `Could not find an implementation method 'merge' in class 'org.apache.flink.table.runtime.functions.aggregate.${unmergeable}' for function '${name}'`;
  invalid(span, message, 'Flink does not merge it, as HOP, CUMULATE and SESSION need: use TUMBLE.');
}
