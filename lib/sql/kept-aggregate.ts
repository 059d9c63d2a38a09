/** What is kept for calls of aggregate functions, between the syntax tree and the plan. */
import type { Argument } from '../core/aggregates/aggregate.ts';
import { AGGREGATES } from '../core/aggregates/registry.ts';
import { assert } from '../core/errors.ts';
import { castTo, isNullable, sameExpression } from '../core/expression.ts';
import type { AggregateCall, Expression, JsonValue } from '../core/plan.ts';
import { BIGINT } from '../core/types.ts';
import { columnsOfBase, namesOf } from './plan-base.ts';
import type { Aggregate, Pipeline } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';

/** Some aggregates, and what the call makes of them; `at` gives the column of one. */
export interface PlannedCall {
  readonly aggregates: readonly Aggregate[];
  readonly result: (at: (aggregate: Aggregate) => Expression) => Expression;
}

/** What a call counts: its arguments over the base of its input, and the rows that count. */
export interface Counted {
  readonly input: Pipeline;
  readonly distinct: boolean;
  readonly filter: Expression | null;
}

/** A clause inside of the parentheses: as text, and as what the function makes of it. */
export interface Clause {
  readonly text: string;
  readonly parameters: readonly JsonValue[];
}

export const NO_CLAUSE: Clause = { text: '', parameters: [] };

/** COUNT(*). */
export function countAll(counted: Counted): Aggregate {
  const text = `COUNT(*)${filterText(counted)}`;
  return { fn: 'COUNT', argument: null, more: [], parameters: [], filter: counted.filter, distinct: null, text, type: BIGINT, nullable: false };
}

/** What is kept for a function of some arguments, or why it does not take them. */
export function keptFor(name: string, args: readonly Expression[], counted: Counted, clause: Clause = NO_CLAUSE): Aggregate | string {
  const fn = AGGREGATES.get(name);
  assert(fn, `${name} is an aggregate function`);
  const columns = columnsOfBase(counted.input);
  const given = args.map((expression) => argumentOf(expression, counted.input, columns));
  const signature = fn.resolve(given);
  if (typeof signature === 'string') return signature;
  const values = args.flatMap((argument, i) => {
    const type = signature.args[i] ?? null;
    return type === null ? [] : [castTo(argument, type)];
  });
  const refused = values.find((value) => typeof value === 'string');
  if (refused !== undefined) return refused;
  const [first = null, ...more] = values.filter((value) => typeof value !== 'string');
  const meaning = args.map((argument) => expressionText(argument, namesOf(counted.input))).join(', ') + clause.text;
  return {
    fn: name,
    argument: first,
    more,
    parameters: [...clause.parameters, ...(signature.parameters ?? [])],
    filter: counted.filter,
    distinct: counted.distinct ? `DISTINCT ${meaning}${filterText(counted)}` : null,
    text: `${name}(${counted.distinct ? 'DISTINCT ' : ''}${meaning})${filterText(counted)}`,
    type: signature.type,
    nullable: signature.nullable === 'always' || (signature.nullable === 'if-argument' && (counted.filter !== null || given[0]?.nullable !== false)),
  };
}

const argumentOf = (expression: Expression, { fields }: Pipeline, columns: ReturnType<typeof columnsOfBase>): Argument => ({
  expression,
  nullable: isNullable(expression, columns),
  isRowTime: fields.some((field) => field.timeAttribute && sameExpression(field.expression, expression)),
});

const filterText = ({ filter, input }: Counted): string => (filter === null ? '' : ` FILTER (WHERE ${expressionText(filter, namesOf(input))})`);

/** The expressions that an aggregate reads. */
export const readBy = ({ argument, more, filter }: Aggregate): Expression[] => [argument, ...more, filter].filter((e) => e !== null);

/** The aggregate over something else in the place of what it reads. */
export const mapAggregate = (aggregate: Aggregate, map: (e: Expression) => Expression): Aggregate => ({
  ...aggregate,
  argument: aggregate.argument && map(aggregate.argument),
  more: aggregate.more.map(map),
  filter: aggregate.filter && map(aggregate.filter),
});

/** The call in a plan; `position` is the column that holds an expression. */
export function callOf({ fn, argument, more, parameters, filter, distinct, text, type }: Aggregate, position: (e: Expression) => number): AggregateCall {
  return {
    name: text,
    fn,
    argument: argument === null ? null : position(argument),
    argumentType: argument?.type ?? null,
    type,
    ...(more.length === 0 ? {} : { more: more.map((e) => ({ column: position(e), type: e.type })) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(filter === null ? {} : { filter: position(filter) }),
    ...(distinct === null ? {} : { distinct }),
  };
}
