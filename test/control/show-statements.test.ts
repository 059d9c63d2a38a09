/** SHOW, DESCRIBE and EXPLAIN, as sessions answer them. */
import { expect, test } from 'vitest';
import { place } from '../cli/sluice.ts';

const KAFKA = "'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";
const MADE = `CREATE TABLE events (id INT NOT NULL, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${KAFKA});
  CREATE TABLE results (id INT) WITH ('connector' = 'blackhole');
  CREATE VIEW early (id, at_time) AS SELECT id, ts FROM events WHERE id < 10;
  CREATE TEMPORARY VIEW gone AS SELECT id FROM events;`;

const answer = async (statement: string): Promise<string> => {
  const { out, err } = await place().sluice('sql', '--json', '-e', MADE, '-e', statement);
  return out + err;
};

const valuesOf = async (statement: string): Promise<unknown[]> => (await answer(statement)).split('\n').filter((line) => line !== '').map((line) => Object.values(JSON.parse(line))[0]);

test.each([
  ['SHOW TABLES', ['early', 'events', 'gone', 'results']],
  ["SHOW TABLES LIKE 'e%s'", ['events']],
  ["SHOW TABLES NOT LIKE '_a%'", ['gone', 'results', 'events'].sort()],
  ['SHOW TABLES FROM default_catalog.default_database', ['early', 'events', 'gone', 'results']],
  ['SHOW VIEWS', ['early', 'gone']],
  ["SHOW CATALOGS ILIKE 'DEFAULT%'", ['default_catalog']],
  ['SHOW DATABASES IN default_catalog', ['default_database']],
  ["SHOW FUNCTIONS LIKE 'UPP%'", ['UPPER']],
  ['SHOW USER FUNCTIONS', []],
  ["SHOW COLUMNS FROM early LIKE 'a%'", ['at_time']],
])('%s', async (statement, names) => {
  expect((await valuesOf(statement)).sort()).toEqual([...names].sort());
});

test('DESCRIBE of a view has the types of its query', async () => {
  expect(await answer('DESCRIBE early')).toContain('"name":"at_time","type":"TIMESTAMP(3) *ROWTIME*"');
});

test('DESCRIBE of a table needs no connector that can be read, and knows time attributes, keys and comments', async () => {
  const table = `CREATE TABLE p (a INT NOT NULL COMMENT 'the key', b AS a + 1, c STRING, d AS UPPER(c), pt AS PROCTIME(), ts TIMESTAMP(3), o BIGINT METADATA FROM 'offset' VIRTUAL,
    WATERMARK FOR ts AS ts - INTERVAL '1' SECOND, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'print');`;
  const rows = (await answer(`${table} DESCRIBE p`)).trim().split('\n').map((line) => Object.values(JSON.parse(line)));
  expect(rows).toEqual([
    ['a', 'INT', false, 'PRI(a)', null, null, 'the key'],
    ['b', 'INT', false, null, 'AS a + 1', null, null],
    ['c', 'STRING', true, null, null, null, null],
    ['d', 'STRING', true, null, 'AS UPPER(c)', null, null],
    ['pt', 'TIMESTAMP_LTZ(3) *PROCTIME*', false, null, 'AS PROCTIME()', null, null],
    ['ts', 'TIMESTAMP(3) *ROWTIME*', true, null, null, "ts - INTERVAL '1' SECOND", null],
    ['o', 'BIGINT', true, null, "METADATA FROM 'offset' VIRTUAL", null, null],
  ]);
});

test('SHOW CREATE', async () => {
  expect(await answer('SHOW CREATE VIEW early')).toContain('CREATE VIEW `default_catalog`.`default_database`.`early`');
  expect(await answer('SHOW CREATE VIEW gone')).toContain('CREATE TEMPORARY VIEW');
  expect(await answer('SHOW CREATE VIEW events')).toContain('Please use SHOW CREATE TABLE instead.');
  expect(await answer('SHOW CREATE TABLE early')).toContain('Please use SHOW CREATE VIEW instead.');
  expect(await answer('SHOW TABLES FROM nowhere')).toContain("Database 'default_catalog'.'nowhere' doesn't exist");
});

test('EXPLAIN of a statement set and of a query', async () => {
  const set = await answer('EXPLAIN STATEMENT SET BEGIN INSERT INTO results SELECT id FROM early; INSERT INTO results SELECT id FROM gone; END');
  expect(set).toContain('Union all');
  expect(await answer('EXPLAIN SELECT id FROM early')).toContain('Source default_catalog.default_database.events');
});
