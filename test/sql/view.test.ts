import { expect, test } from 'vitest';
import { isError, type SluiceError } from '../../lib/core/errors.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { planJob, planScript } from '../../lib/sql/plan-script.ts';

const TABLES = `
  CREATE TABLE t (id INT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
    WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
  CREATE TABLE sink (n BIGINT, s STRING) WITH ('connector' = 'blackhole');
`;
const SURROUNDINGS = { warehouse: '/w', resolvePath: (path: string) => path };

const planOf = (script: string): Plan => planScript(TABLES + script, SURROUNDINGS);

function failure(script: string): SluiceError {
  try {
    planOf(script);
  } catch (error) {
    if (isError(error)) return error;
    throw error;
  }
  throw new Error('accepted');
}

/** A plan without what depends on the text of its statement. */
const nodesOf = (script: string): Plan['nodes'] => planOf(script).nodes;

test('a view is its query', () => {
  const direct = nodesOf('INSERT INTO sink SELECT id + 1, UPPER(name) FROM t WHERE id > 0');
  expect(nodesOf('CREATE VIEW v AS SELECT id + 1 AS a, UPPER(name) AS b, ts FROM t WHERE id > 0; INSERT INTO sink SELECT a, b FROM v')).toEqual(direct);
  expect(nodesOf('CREATE TEMPORARY VIEW v (a, b, c) COMMENT \'x\' AS SELECT id + 1, UPPER(name), ts FROM t WHERE id > 0; INSERT INTO sink SELECT w.a, w.b FROM v AS w')).toEqual(direct);
  expect(nodesOf('CREATE VIEW u AS SELECT * FROM t WHERE id > 0; CREATE VIEW v AS SELECT id + 1 AS a, UPPER(name) AS b FROM u; INSERT INTO sink SELECT * FROM v')).toEqual(direct);
});

test('a view of another database means the tables that it was created over', () => {
  const script = `CREATE VIEW v AS SELECT id, name FROM t; CREATE DATABASE d; USE d;
    INSERT INTO default_database.sink SELECT * FROM default_database.v`;
  expect(nodesOf(script)).toEqual(nodesOf('INSERT INTO sink SELECT id, name FROM t'));
});

test('a temporary view hides a table', () => {
  expect(failure('CREATE TEMPORARY VIEW t AS SELECT id FROM t;').message).toContain('reads itself');
  const hiding = 'CREATE VIEW v AS SELECT id + 1 AS id FROM t; CREATE TEMPORARY VIEW v AS SELECT id FROM t; INSERT INTO sink (n) SELECT id FROM v';
  expect(nodesOf(hiding)).toEqual(nodesOf('INSERT INTO sink (n) SELECT id FROM t'));
});

test.each([
  ['SELECT * FROM t', 'id, name, ts'],
  ['TABLE t', 'id, name, ts'],
  ['SELECT x.*, 1 AS more FROM (SELECT * FROM t) AS x', 'id, name, ts, more'],
  ['SELECT * FROM t UNION ALL SELECT t.* FROM t', 'id, name, ts'],
  ['WITH c AS (SELECT * FROM t) SELECT * FROM c WHERE id > 0', 'id, name, ts'],
  ["SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))", 'id, name, ts, window_start, window_end, window_time'],
  ['SELECT r.* FROM (SELECT ROW(id, name) AS r FROM t)', 'EXPR$0, EXPR$1'],
])('a view over %s keeps its columns', (query, columns) => {
  const read = 'SET \'pipeline.name\' = \'x\'; SELECT * FROM v';
  const planned = (script: string): Plan => planJob(TABLES + script, SURROUNDINGS, { collects: true }).plan;
  const before = planned(`CREATE VIEW v AS ${query}; ${read}`);
  const after = planned(`CREATE VIEW v AS ${query}; ALTER TABLE t ADD (more INT FIRST, other INT AFTER id); ${read}`);
  const namesOf = ({ nodes }: Plan): string => nodes.at(-1)?.kind === 'sink' ? (nodes.at(-1)?.columns ?? []).map(({ name }) => name).join(', ') : '';
  expect(namesOf(before)).toBe(columns);
  expect(after.nodes).toEqual(before.nodes);
});

test('IF NOT EXISTS, ALTER and DROP', () => {
  const made = 'CREATE VIEW v AS SELECT id FROM t;';
  const plain = nodesOf('INSERT INTO sink (n) SELECT id FROM t');
  expect(nodesOf(`${made} CREATE VIEW IF NOT EXISTS v AS SELECT id + 1 FROM t; INSERT INTO sink (n) SELECT id FROM v`)).toEqual(plain);
  expect(nodesOf(`CREATE VIEW v AS SELECT id + 1 AS id FROM t; ALTER VIEW v AS SELECT id FROM t; INSERT INTO sink (n) SELECT id FROM v`)).toEqual(plain);
  expect(nodesOf(`${made} ALTER VIEW v RENAME TO w; INSERT INTO sink (n) SELECT id FROM w`)).toEqual(plain);
  expect(failure(`${made} DROP VIEW v; INSERT INTO sink (n) SELECT id FROM v`).message).toContain("Object 'v' not found");
});

test.each([
  ['CREATE VIEW v AS SELECT nope FROM t;', "Column 'nope' not found in any table"],
  ['CREATE VIEW v (a) AS SELECT id, name FROM t;', 'VIEW definition and input fields not match'],
  ['CREATE VIEW t AS SELECT 1 AS a FROM t;', 'Table (or view) default_database.t already exists in Catalog default_catalog.'],
  ['CREATE TEMPORARY VIEW v AS SELECT id FROM t; CREATE TEMPORARY VIEW v AS SELECT id FROM t;', "Temporary table 'default_catalog.default_database.v' already exists"],
  ['DROP VIEW v;', "View with identifier 'default_catalog.default_database.v' does not exist."],
  ['DROP VIEW t;', "View with identifier 'default_catalog.default_database.t' does not exist."],
  ['CREATE VIEW v AS SELECT id FROM t; DROP TABLE v;', "Table with identifier 'default_catalog.default_database.v' does not exist."],
  ['CREATE TEMPORARY VIEW v AS SELECT id FROM t; DROP VIEW v;', "Temporary view with identifier 'default_catalog.default_database.v' exists."],
  ['ALTER VIEW v RENAME TO w;', 'View default_catalog.default_database.v does not exist or is a temporary view.'],
  ['ALTER VIEW t RENAME TO w;', 'ALTER VIEW for a table is not allowed'],
  ["CREATE VIEW v AS SELECT id FROM t; ALTER TABLE v SET ('a' = 'b');", 'ALTER TABLE for a VIEW is not allowed'],
  ['CREATE VIEW v AS SELECT id FROM t; ALTER VIEW v AS SELECT id FROM v;', 'reads itself'],
  ['CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT id FROM v; ALTER VIEW v AS SELECT id FROM w;', 'reads itself'],
  ['CREATE VIEW v AS SELECT id FROM t; DROP TABLE t; INSERT INTO sink (n) SELECT id FROM v;', "The view default_catalog.default_database.v cannot be read: SQL_VALIDATE at line 1, column 16: Object 't' not found"],
  ['CREATE VIEW v AS SELECT * FROM t; CREATE VIEW w AS SELECT id FROM v; ALTER TABLE t DROP name; INSERT INTO sink (n) SELECT id FROM w;', "The view default_catalog.default_database.v cannot be read: SQL_VALIDATE at line 1, column 22: Column 'name' not found in table 't'"],
])('%s is refused', (script, message) => {
  const error = failure(script);
  expect(error.code).toBe('SQL_VALIDATE');
  expect(error.message).toContain(message);
  expect(error.details).toMatchObject({ line: expect.any(Number) });
});

test.each([
  'SELECT id FROM t UNION ALL SELECT id FROM t LIMIT 2',
  'VALUES (1), (2), (3) LIMIT 2',
  '(SELECT id FROM t LIMIT 3) LIMIT 2',
  'SELECT * FROM (SELECT * FROM (SELECT id, name FROM t) UNION ALL SELECT id, name FROM t LIMIT 4) WHERE id > 1',
])('a view keeps its query where rows are limited behind the whole of it: %s', (query) => {
  const read = (from: string): Plan['nodes'] => nodesOf(`${from} INSERT INTO sink (n) SELECT q.id FROM v AS q (id${query.includes('name') ? ', name' : ''})`);
  expect(read(`CREATE VIEW v AS ${query};`)).toEqual(read(`CREATE VIEW w AS SELECT 1 AS a FROM t; ALTER VIEW w AS ${query}; ALTER VIEW w RENAME TO v;`));
});
