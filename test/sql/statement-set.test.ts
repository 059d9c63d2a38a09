import { expect, test } from 'vitest';
import { sinksOf, sourcesOf, statefulOf, type Plan } from '../../lib/core/plan.ts';
import { planScript } from '../../lib/sql/plan-script.ts';

const KAFKA = "'connector' = 'kafka', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";
const TABLES = `
  CREATE TABLE t (id INT, name STRING, amount INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${KAFKA}, 'topic' = 't');
  CREATE TABLE counts (begun TIMESTAMP(3), n BIGINT) WITH ('connector' = 'blackhole');
  CREATE TABLE sums (begun TIMESTAMP(3), n BIGINT) WITH ('connector' = 'blackhole');
  CREATE TABLE names (name STRING) WITH ('connector' = 'blackhole');
`;
const planOf = (script: string): Plan => planScript(TABLES + script, { warehouse: '/w', resolvePath: (path) => path });

const windowed = (into: string, aggregate: string, where = ''): string =>
  `INSERT INTO ${into} SELECT window_start, ${aggregate} FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) ${where} GROUP BY window_start, window_end`;
const set = (...inserts: string[]): string => `EXECUTE STATEMENT SET BEGIN ${inserts.map((insert) => `${insert};`).join(' ')} END`;

const uidsOf = (plan: Plan): string[] => plan.nodes.map(({ uid }) => uid);

test('is one job with a sink per table, over one source', () => {
  const plan = planOf(set(windowed('counts', 'COUNT(*)'), 'INSERT INTO names SELECT name FROM t WHERE id > 0'));
  expect(sinksOf(plan).map(({ table }) => table)).toEqual(['default_catalog.default_database.counts', 'default_catalog.default_database.names']);
  expect(sourcesOf(plan)).toHaveLength(1);
  expect(sourcesOf(plan)[0]?.columns.map(({ name }) => name)).toEqual(['id', 'name', 'ts']);
  expect(plan.name).toBe('insert-into_default_catalog.default_database.counts,default_catalog.default_database.names');
  expect(new Set(uidsOf(plan)).size).toBe(plan.nodes.length);
});

test('both forms mean the same', () => {
  const inserts = `${windowed('counts', 'COUNT(*)')}; ${windowed('sums', 'SUM(amount)')};`;
  expect(planOf(`BEGIN STATEMENT SET; ${inserts} END;`).nodes).toEqual(planOf(`EXECUTE STATEMENT SET BEGIN ${inserts} END`).nodes);
});

test('another INSERT leaves the uids of the others, those of a single one included', () => {
  const first = windowed('counts', 'COUNT(*)', 'WHERE id > 1');
  const alone = uidsOf(planOf(first));
  const both = uidsOf(planOf(set(first, windowed('sums', 'SUM(amount)'))));
  const three = uidsOf(planOf(set(first, windowed('sums', 'SUM(amount)'), 'INSERT INTO names SELECT name FROM t')));
  for (const uid of alone.filter((each) => !each.startsWith('calc'))) expect(both).toContain(uid);
  for (const uid of both.filter((each) => !each.startsWith('calc'))) expect(three).toContain(uid);
});

test('of several that differ in their filter the first has the uid that it would have alone, and the others have one of their own, whatever their number', () => {
  const [one, two, three] = [windowed('counts', 'COUNT(*)', 'WHERE id = 1'), windowed('sums', 'COUNT(*)', 'WHERE id = 2'), windowed('counts', 'COUNT(*)', 'WHERE id = 3')];
  const identitiesIn = (...inserts: string[]): unknown[] => statefulOf(planOf(set(...inserts))).map(({ uid, family }) => [uid, family]);
  const [family] = statefulOf(planOf(one)).map(({ uid }) => uid);
  const [first, second] = identitiesIn(one, two);
  expect([first, second]).toEqual([[family, undefined], [expect.stringMatching(new RegExp(`^${family}-[0-9a-f]{12}$`)), family]]);
  expect(identitiesIn(one, three, two)).toContainEqual(second);
  expect(identitiesIn(three, two)).toEqual([first, second]);
});

test('windows that mean the same are kept once', () => {
  const plan = planOf(set(windowed('counts', 'COUNT(*)'), windowed('sums', 'COUNT(*)')));
  expect(statefulOf(plan)).toHaveLength(1);
  expect(statefulOf(planOf(set(windowed('counts', 'COUNT(*)'), windowed('sums', 'COUNT(*)', 'WHERE id > 1'))))).toHaveLength(2);
});

test('two INSERTs into one table are one sink', () => {
  const plan = planOf(set('INSERT INTO names SELECT name FROM t WHERE id = 1', "INSERT INTO names SELECT 'x' FROM t"));
  expect(sinksOf(plan)).toHaveLength(1);
  const [union] = plan.nodes.filter((node) => node.kind === 'union');
  expect(union?.inputs).toHaveLength(2);
  expect(sinksOf(plan)[0]?.input).toBe(union?.uid);
});

test('options of a hint make a table of its own', () => {
  const plan = planOf(set('INSERT INTO names SELECT name FROM t', "INSERT INTO names SELECT name FROM t /*+ OPTIONS('scan.startup.mode' = 'latest-offset') */"));
  expect(sourcesOf(plan).map(({ startup }) => startup.kind)).toEqual(['earliest-offset', 'latest-offset']);
});
