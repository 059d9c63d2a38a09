/** Rows that stand in the statement: there once, with the first FIRE, whatever is restored and replayed. */
import { expect, test } from 'vitest';
import { COLLECTED } from '../../lib/sql/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { CaseWorld } from './case-world.ts';

const worldOf = (sql: string): Promise<CaseWorld> =>
  CaseWorld.create(planJob([{ name: 'sql', text: sql }], { warehouse: '/warehouse', resolvePath: (path) => path }, { collects: true }).plan, []);

const QUERIES: readonly (readonly [sql: string, rows: readonly unknown[]])[] = [
  ['SELECT 1 + 1, UPPER(\'a\')', [[2, 'A']]],
  ["SELECT y, x + 1 FROM (VALUES (1, 'a'), (2, 'bc')) AS v(x, y) WHERE x > 1", [['bc', 3]]],
  ['WITH w (a) AS (VALUES 1, 2) SELECT a FROM w UNION ALL SELECT a * 10 FROM w UNION ALL VALUES (7)', [[1], [2], [10], [20], [7]]],
  ['SELECT a FROM (VALUES (1)) AS v(a) WHERE a > 1', []],
];

test.each(QUERIES)('%s', async (sql, rows) => {
  const world = await worldOf(sql);
  await world.take([]);
  expect(world.rows(COLLECTED)).toEqual(rows);
  await world.restart();
  await world.take([]);
  await world.drain();
  expect(world.rows(COLLECTED)).toEqual(rows);
});
