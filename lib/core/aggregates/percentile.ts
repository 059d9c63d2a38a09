/** PERCENTILE(value, percentage | ARRAY[…] [, frequency]) (Flink's PercentileAggFunction): exact, interpolated between neighbours. */
import { assert } from '../errors.ts';
import { literalValue } from '../expression.ts';
import { isInteger, isNumeric } from '../functions/type-rules.ts';
import type { Expression } from '../plan.ts';
import { DOUBLE, type SqlType, type Value } from '../types.ts';
import { pow10 } from '../decimal.ts';
import { isItems } from '../value-access.ts';
import type { Aggregate, AggregateFunction, AggregateSignature, Argument } from './aggregate.ts';
import { countsOf, plus, type Counts } from './collect.ts';
import { typesOf } from './signature.ts';
import { keyer } from './value-key.ts';

const DOUBLES: SqlType = { kind: 'ARRAY', element: { type: DOUBLE, nullable: true } };

/** The value of a number as a DOUBLE. */
function toDouble(type: SqlType): (value: Value) => number {
  if (type.kind === 'DECIMAL') return (value) => Number(value) / Number(pow10(type.scale));
  return Number;
}

/** The values at some percentages, by position; null without values. */
function percentilesOf(counts: readonly (readonly [value: number, count: number])[], percentages: readonly number[]): number[] | null {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  return percentages.map((percentage) => at(sorted, percentage * (total - 1) + 1));
}

/** The value at a position, of which the first is 1. */
function at(sorted: readonly (readonly [value: number, count: number])[], position: number): number {
  const [lower, higher] = [Math.floor(position), Math.ceil(position)];
  let [i, before] = [0, sorted[0]?.[1] ?? 0];
  while (before < lower && i + 1 < sorted.length) before += sorted[++i]?.[1] ?? 0;
  const value = sorted[i]?.[0] ?? Number.NaN;
  const next = sorted[i + 1]?.[0] ?? value;
  return before >= higher ? value : (higher - position) * value + (position - lower) * next;
}

function percentile(type: SqlType, percentages: readonly number[], isSingle: boolean, hasFrequency: boolean): Aggregate<Counts> {
  const counts = countsOf(DOUBLE);
  const keyOf = keyer(DOUBLE);
  const double = toDouble(type);
  return {
    ...counts,
    add: (acc, given) => {
      const [value = null, frequency = null] = hasFrequency && isItems(given) ? given : [given, 1];
      const n = frequency === null ? 0 : Number(frequency);
      if (value === null || n <= 0) return acc;
      const number = double(value);
      return plus(acc.size === 0 ? new Map() : acc, keyOf(number), number, n);
    },
    result: (acc) => {
      const found = percentilesOf([...acc.values()].map(([value, count]) => [Number(value), count]), percentages);
      return found === null || found.length === 0 ? null : isSingle ? (found[0] ?? null) : found;
    },
  };
}

/** The percentages of a literal, or the reason why they are none. */
function percentagesOf(e: Expression | undefined): readonly number[] | string {
  if (e?.op !== 'literal') return 'The percentage of PERCENTILE must be a literal';
  const value = literalValue(e);
  const type = e.type.kind === 'ARRAY' ? e.type.element.type : e.type;
  const numbers = (isItems(value) ? value : [value]).map(toDouble(type));
  const wrong = numbers.find((number) => !(number >= 0 && number <= 1));
  return wrong === undefined ? numbers : `Percentage must be between [0.0, 1.0], but was '${wrong}'.`;
}

function resolve(args: readonly Argument[]): AggregateSignature | string {
  const [value, percentage, frequency] = typesOf(args);
  const fits = value !== undefined && isNumeric(value) && percentage !== undefined && isPercentage(percentage) && (frequency === undefined || isInteger(frequency));
  if (!fits || args.length > 3) return ['Invalid input arguments. Expected signatures are:', ...FORMS].join('\n');
  const percentages = percentagesOf(args[1]?.expression);
  if (typeof percentages === 'string') return percentages;
  const isSingle = percentage.kind !== 'ARRAY';
  return { args: [value, null, frequency ?? null], type: isSingle ? DOUBLE : DOUBLES, nullable: 'always', parameters: percentages };
}

const isPercentage = (type: SqlType): boolean => isNumeric(type.kind === 'ARRAY' ? type.element.type : type);

const FORMS = ['', ', frequency <INTEGER_NUMERIC>'].map((frequency) => `PERCENTILE(value <NUMERIC>, percentage [<NUMERIC NOT NULL> | <ARRAY<NUMERIC NOT NULL> NOT NULL>]${frequency})`);

export const PERCENTILE: AggregateFunction = {
  name: 'PERCENTILE',
  resolve,
  open: ({ argumentType, type, parameters, more }) => {
    assert(argumentType !== null, 'PERCENTILE has an argument');
    return percentile(argumentType, (parameters ?? []).map(Number), type.kind === 'DOUBLE', more !== undefined);
  },
};
