/**
 * Aggregates with an order, with several arguments, of different values and of some rows only: rows of several partitions, cut into batches
 * and stored in between, give what all rows give in the order of partition and offset.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Accumulator } from '../../lib/core/aggregates/aggregate.ts';
import { compileFeeds, compileResults, statesOf } from '../../lib/core/aggregates/states.ts';
import { compareValues } from '../../lib/core/compare.ts';
import { partitionId } from '../../lib/core/numbers.ts';
import type { AggregateCall } from '../../lib/core/plan.ts';
import { BIGINT, DOUBLE, INT, STRING, type Row, type SqlType, type Value } from '../../lib/core/types.ts';
import { decodeValue, encodeValue } from '../../lib/core/value-codec.ts';

/** Rows are (text, integer, condition). */
const call = (fn: string, argument: number | null, type: SqlType, more: Partial<AggregateCall> = {}): AggregateCall => ({
  name: `${fn}${JSON.stringify(more)}`,
  fn,
  argument,
  argumentType: argument === null ? null : argument === 0 ? STRING : INT,
  type,
  ...more,
});

const ARRAY: SqlType = { kind: 'ARRAY', element: { type: INT, nullable: true } };
const MULTISET: SqlType = { kind: 'MULTISET', element: { type: STRING, nullable: true } };
const SECOND = [{ column: 1, type: INT }];

type Model = (rows: readonly Row[]) => Value;

const texts = (rows: readonly Row[]): string[] => rows.flatMap((row) => (typeof row[0] === 'string' ? [row[0]] : []));
const integers = (rows: readonly Row[]): number[] => rows.flatMap((row) => (typeof row[1] === 'number' ? [row[1]] : []));
const isTrue = (row: Row): boolean => row[2] === true;
const sum = (numbers: readonly number[]): number | null => (numbers.length === 0 ? null : numbers.reduce((a, b) => (a + b) | 0, 0));
const list = (values: readonly string[], separator: string): string | null => (values.length === 0 ? null : values.join(separator));

function multiset(values: readonly string[]): Value {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].map(([value, { length }]) => [value, length]).sort(([a = null], [b = null]) => compareValues(a, b));
}

function percentile(numbers: readonly number[], p: number): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return null;
  return low === high ? low : (Math.ceil(at) - at) * low + (at - Math.floor(at)) * high;
}

const MODELS: readonly (readonly [AggregateCall, Model])[] = [
  [call('COUNT', null, BIGINT, { filter: 2 }), (rows) => BigInt(rows.filter(isTrue).length)],
  [call('SUM', 1, INT, { filter: 2 }), (rows) => sum(integers(rows.filter(isTrue)))],
  [call('COUNT', 0, BIGINT, { distinct: 'DISTINCT k' }), (rows) => BigInt(new Set(texts(rows)).size)],
  [call('COUNT', 1, BIGINT, { distinct: 'DISTINCT n' }), (rows) => BigInt(new Set(integers(rows)).size)],
  [call('SUM', 1, INT, { distinct: 'DISTINCT n' }), (rows) => sum([...new Set(integers(rows))])],
  [call('SUM', 1, INT, { distinct: 'DISTINCT n FILTER', filter: 2 }), (rows) => sum([...new Set(integers(rows.filter(isTrue)))])],
  [call('ARRAY_AGG', 1, ARRAY, { distinct: 'DISTINCT n with NULL' }), (rows) => (rows.length === 0 ? null : [...new Set(rows.map((row) => row[1] ?? null))])],
  [call('FIRST_VALUE', 0, STRING), (rows) => texts(rows)[0] ?? null],
  [call('LAST_VALUE', 0, STRING), (rows) => texts(rows).at(-1) ?? null],
  [call('LISTAGG', 0, STRING), (rows) => list(texts(rows), ',')],
  [call('LISTAGG', 0, STRING, { parameters: ['; '] }), (rows) => list(texts(rows), '; ')],
  [call('LISTAGG', 0, STRING, { distinct: 'DISTINCT k', parameters: ['|'] }), (rows) => list([...new Set(texts(rows))], '|')],
  [call('ARRAY_AGG', 1, ARRAY), (rows) => (rows.length === 0 ? null : rows.map((row) => row[1] ?? null))],
  [call('ARRAY_AGG', 1, ARRAY, { parameters: ['IGNORE NULLS'] }), (rows) => (integers(rows).length === 0 ? null : integers(rows))],
  [call('COLLECT', 0, MULTISET), (rows) => multiset(texts(rows))],
  [call('JSON_ARRAYAGG', 0, STRING, { parameters: ['NULL'] }), (rows) => `[${rows.map((row) => String(row[0] ?? 'null')).join(',')}]`],
  [call('JSON_ARRAYAGG', 0, STRING, { parameters: ['ABSENT'] }), (rows) => `[${texts(rows).join(',')}]`],
  [call('PERCENTILE', 1, DOUBLE, { parameters: [0.25] }), (rows) => percentile(integers(rows), 0.25)],
  [call('PERCENTILE', 1, { kind: 'ARRAY', element: { type: DOUBLE, nullable: true } }, { parameters: [0, 0.5, 1] }), (rows) => (integers(rows).length === 0 ? null : [0, 0.5, 1].map((p) => percentile(integers(rows), p)))],
  [call('PERCENTILE', 1, DOUBLE, { parameters: [0.5], more: SECOND }), (rows) => percentile(integers(rows).flatMap((n) => Array.from({ length: Math.max(0, n) }, () => n)), 0.5)],
];

const rowOf = fc.tuple(fc.option(fc.constantFrom('a', 'b', 'c', '', 'é'), { freq: 4 }), fc.option(fc.integer({ min: -4, max: 9 }), { freq: 4 }), fc.option(fc.boolean(), { freq: 4 }));

/** Batches, each of one of three partitions, whose order of reading is that of the list. */
const batches = fc.array(fc.tuple(fc.constantFrom(0, 2, 10), fc.array(rowOf, { maxLength: 5 })), { maxLength: 8 });

function accumulated(calls: readonly AggregateCall[], partition: number, rows: readonly Row[]): Accumulator[] {
  const states = statesOf(calls);
  const feeds = compileFeeds(states);
  const aggregates = states.map(({ aggregate }) => aggregate.from?.(partitionId(0, 0, partition)) ?? aggregate);
  return aggregates.map((aggregate, a) => {
    let acc = aggregate.zero;
    for (const row of rows) {
      const value = feeds === null ? (row[states[a]?.call.argument ?? -1] ?? undefined) : feeds[a]?.(row);
      if (value !== undefined) acc = aggregate.add(acc, value);
    }
    return acc;
  });
}

test('NULL is in the set of a DISTINCT call that takes it, whichever call of the set comes first', () => {
  const distinct = { distinct: 'DISTINCT k' };
  const counts = call('COUNT', 0, BIGINT, distinct);
  const lists = call('ARRAY_AGG', 0, { kind: 'ARRAY', element: { type: STRING, nullable: true } }, distinct);
  const rows: Row[] = [['a', 1, true], [null, 2, true], ['a', 3, true]];
  expect(compileResults([counts, lists])(accumulated([counts, lists], 0, rows))).toEqual([1n, ['a', null]]);
  expect(compileResults([lists, counts])(accumulated([lists, counts], 0, rows))).toEqual([['a', null], 1n]);
});

describe('in the order of partition and offset', () => {
  const calls = MODELS.map(([each]) => each);
  const resultsOf = compileResults(calls);
  const aggregates = statesOf(calls).map(({ aggregate }) => aggregate);

  test('however rows are cut, whichever partition is read first, and stored in between', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const parts = list.map(([partition, rows]) => accumulated(calls, partition, rows));
        const merged = parts.reduce(
          (all, part) => aggregates.map((aggregate, a) => aggregate.decode(JSON.parse(JSON.stringify(aggregate.encode(aggregate.merge(all[a], part[a])))))),
          aggregates.map(({ zero }) => zero),
        );
        const rows = list.toSorted(([a], [b]) => a - b).flatMap(([, own]) => own);
        const results = resultsOf(merged);
        MODELS.forEach(([each, model], i) => expect([each.name, results[i]]).toEqual([each.name, model(rows)]));
      }),
      { numRuns: 200 },
    );
  });

  test('merging is associative, and writes to neither side', () => {
    fc.assert(
      fc.property(batches, batches, batches, (...lists) => {
        const [x = [], y = [], z = []] = lists.map((list) => list.map(([p, rows]) => accumulated(calls, p, rows)).reduce((all, part) => aggregates.map((aggregate, a) => aggregate.merge(all[a], part[a])), aggregates.map(({ zero }) => zero)));
        aggregates.forEach((aggregate, a) => {
          const before = JSON.stringify([x, y, z].map((side) => aggregate.encode(side[a])));
          const left = aggregate.encode(aggregate.merge(aggregate.merge(x[a], y[a]), z[a]));
          expect(left).toEqual(aggregate.encode(aggregate.merge(x[a], aggregate.merge(y[a], z[a]))));
          expect(JSON.stringify([x, y, z].map((side) => aggregate.encode(side[a])))).toBe(before);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('what absorbs is as what merges, grows with every part, and writes to nothing but itself', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const parts = list.map(([p, rows]) => accumulated(calls, p, rows));
        const texts = parts.map((part) => JSON.stringify(part.map((acc, a) => aggregates[a]?.encode(acc))));
        const zeros = aggregates.map(({ zero }) => zero);
        let [own, merged] = [zeros, zeros];
        for (const part of parts) {
          own = aggregates.map((aggregate, a) => (aggregate.absorb ?? aggregate.merge)(own[a], part[a]));
          merged = aggregates.map((aggregate, a) => aggregate.merge(merged[a], part[a]));
          aggregates.forEach((aggregate, a) => expect([calls[a]?.name, aggregate.encode(own[a])]).toEqual([calls[a]?.name, aggregate.encode(merged[a])]));
          expect(resultsOf(own)).toEqual(resultsOf(merged));
        }
        expect(parts.map((part) => JSON.stringify(part.map((acc, a) => aggregates[a]?.encode(acc))))).toEqual(texts);
        expect(aggregates.every(({ zero, encode, decode }) => JSON.stringify(encode(zero)) === JSON.stringify(encode(decode(encode(zero)))))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('what is stored is a value of the type that a savepoint gives it', () => {
    fc.assert(
      fc.property(batches, (list) => {
        for (const [partition, rows] of list) {
          accumulated(calls, partition, rows).forEach((acc, a) => {
            const { stored, encode } = aggregates[a] ?? { stored: INT, encode: () => null };
            const json = encode(acc);
            expect(encodeValue(stored, decodeValue(stored, json))).toEqual(json);
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});

test('calls on one set of different values share one accumulator', () => {
  const names = statesOf(MODELS.map(([each]) => each)).map(({ name }) => name);
  expect(names.filter((name) => name === 'DISTINCT n' || name === 'DISTINCT k')).toEqual(['DISTINCT k', 'DISTINCT n']);
});

describe('JSON_OBJECTAGG', () => {
  const object = (onNull: string): AggregateCall => call('JSON_OBJECTAGG', 0, STRING, { more: [{ column: 1, type: STRING }], parameters: [onNull] });
  const results = (onNull: string, batchList: readonly (readonly Row[])[]): Value => {
    const calls = [object(onNull)];
    const [aggregate] = statesOf(calls).map((state) => state.aggregate);
    const merged = batchList.map((rows) => accumulated(calls, 0, rows)).reduce((a, b) => [aggregate?.merge(a[0], b[0])]);
    return compileResults(calls)([aggregate?.decode(JSON.parse(JSON.stringify(aggregate.encode(merged[0]))))])[0] ?? null;
  };

  test('has its keys in the order of their UTF-16 units, with NULLs or without', () => {
    expect(results('NULL', [[['b', '1', null], ['a', null, null]], [['"', '"x"', null]]])).toBe('{"\\"":"x","a":null,"b":1}');
    expect(results('ABSENT', [[['b', '1', null], ['a', null, null]]])).toBe('{"b":1}');
    expect(results('NULL', [[]])).toBe('{}');
  });

  test('fails where a key comes twice, within a batch or across two', () => {
    const message = "Key 'a' is already present. Duplicate keys are not allowed in JSON_OBJECTAGG.";
    expect(() => results('NULL', [[['a', '1', null], ['a', '2', null]]])).toThrow(message);
    expect(() => results('NULL', [[['a', '1', null]], [['a', '1', null]]])).toThrow(message);
  });
});

test.each<[readonly Value[], bigint]>([
  [[0, -0], 2n],
  [[Number.NaN, Number.NaN], 1n],
  [[1.5, 1.5, null], 1n],
])('COUNT(DISTINCT %j) is %s, as Java compares doubles', (values, count) => {
  const calls = [{ ...call('COUNT', 0, BIGINT, { distinct: 'DISTINCT x' }), argumentType: DOUBLE }];
  expect(compileResults(calls)(accumulated(calls, 0, values.map((value) => [value])))).toEqual([count]);
});

test('a condition that is not TRUE leaves a row out', () => {
  const calls = [call('COUNT', null, BIGINT, { filter: 2 })];
  expect(compileResults(calls)(accumulated(calls, 0, [[null, null, true], [null, null, false], [null, null, null]]))).toEqual([1n]);
});
