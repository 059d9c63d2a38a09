/** Expressions from text to value, by the whole path of a job: what Flink's sources say where no recorded case shows it. */
import { expect, test } from 'vitest';
import { COLLECTED } from '../../lib/sql/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { CaseWorld } from './case-world.ts';

const EXPRESSIONS: readonly (readonly [sql: string, value: unknown])[] = [
  // MINUS_DATE: milliseconds, or months.
  ["(TIMESTAMP '2024-02-29 12:00:00' - TIMESTAMP '2024-02-28 00:00:00') DAY", 129_600_000],
  ["(DATE '2024-02-29' - DATE '2020-01-31') YEAR TO MONTH", 49],
  ["DATE '2024-01-01' + (DATE '2024-03-01' - DATE '2024-02-01') DAY", 19_752],
  ["JSON_OBJECT('a': 1, 'b' VALUE 2)", '{"a":1,"b":2}'],
  // The element decides what is compared.
  ['ARRAY_CONTAINS(ARRAY[1.5, 2.0], 2)', true],
  ["ARRAY_POSITION(ARRAY['ab', 'c'], 'cde')", 0],
  ['ARRAY_REMOVE(ARRAY[CAST(1 AS DOUBLE), 2], 1)', [2]],
  // Entries of a MAP have no order, and those of the last map come first in a union.
  ["MAP['a', 1, 'b', 2] = MAP['b', 2, 'a', 1]", true],
  ["ROW(MAP['a', 1], 1) <> ROW(MAP['a', 2], 1)", true],
  ["MAP_KEYS(MAP_UNION(MAP['a', 1, 'b', 2], MAP['b', 3, 'c', 4]))", ['b', 'c', 'a']],
  ['JSON_QUERY(\'{"10":1,"2":{"x":[1],"0":7}}\', \'$.*\')', '[1,{"0":7,"x":[1]}]'],
];

test('each has its value', async () => {
  const text = `SELECT ${EXPRESSIONS.map(([sql]) => sql).join(',\n')}`;
  const world = await CaseWorld.create(planJob([{ name: 'sql', text }], { warehouse: '/warehouse', resolvePath: (path) => path }, { collects: true }).plan, []);
  await world.take([]);
  expect(world.rows(COLLECTED)).toEqual([EXPRESSIONS.map(([, value]) => value)]);
});
