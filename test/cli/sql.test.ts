import { expect, test } from 'vitest';
import { command, LAB, place } from './sluice.ts';

const CATALOG = ['-i', `${LAB}0-catalog.sql`];

test('a mistake is shown at its place in the file; what stands before it is done', async () => {
  const { sluice, file } = place();
  const path = file('bad.sql', '-- a script\nUSE CATALOG iceberg_catalog; CREATE DATABASE demo;\n\nCREATE TABLE demo.t (a BIGINT,\n  a STRING);\nSHOW TABLES;\n');
  const { code, out, err } = await sluice('sql', ...CATALOG, '-f', path);
  expect(code).toBe(1);
  expect(out.split('\n')).toEqual(['[INFO] Execute statement succeeded.', '[INFO] Execute statement succeeded.']);
  expect(err).toContain("SQL_VALIDATE at line 5, column 3: A regular Column named 'a' already exists in the table.");
  expect(err).toContain(`at ${path}:5:3, statement 3`);
  expect((await sluice('sql', '-e', 'SHOW CATALOGS; USE CATALOG iceberg_catalog; SHOW DATABASES', '--json')).out.split('\n')).toEqual([
    '{"catalog name":"default_catalog"}',
    '{"catalog name":"iceberg_catalog"}',
    '{"database name":"default"}',
    '{"database name":"demo"}',
  ]);
});

test('an error without a place of its own is shown where its statement begins', async () => {
  const { sluice } = place();
  const { code, err } = await sluice('sql', '-e', "SHOW TABLES;\n  SET 'no.such' = '1'");
  expect(code).toBe(1);
  expect(err).toContain('OPTION_INVALID');
  expect(err).toContain('at command line:2:3, statement 2');
});

test('a topic that does not exist is named, and how to create it', async () => {
  const { sluice } = place();
  const { err } = await sluice('sql', ...CATALOG, '-f', `${LAB}1-job.sql`);
  expect(err).toContain('TOPIC_UNKNOWN');
  expect(err).toContain('sluice topic create savepoint-events');
});

test('tables of files persist with their catalog, those of default_catalog end with the session', async () => {
  const { sluice } = place();
  const create = 'CREATE TABLE t (a BIGINT, b AS a + 1) WITH';
  const kafka = "('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'b:1', 'format' = 'json')";
  await sluice('sql', ...CATALOG, '-e', `${create} ${kafka}; USE CATALOG iceberg_catalog; CREATE TABLE u (a BIGINT NOT NULL)`);
  expect((await sluice('sql', '-e', 'SHOW TABLES; DESCRIBE iceberg_catalog.`default`.u', '--json')).out).toBe(
    '{"name":"a","type":"BIGINT","null":false,"key":null,"extras":null,"watermark":null}',
  );
  const described = await sluice('sql', '-e', `${create} ${kafka}; DESCRIBE t`, '--json');
  expect(described.out.split('\n')[1]).toBe('{"name":"b","type":"BIGINT","null":true,"key":null,"extras":"AS a + 1","watermark":null}');
});

test('SET and RESET; statements from standard input; options in force', async () => {
  const { dir } = place();
  const sql = "SET 'state.savepoints.dir' = '/x'; SET; RESET 'execution.checkpointing.savepoint-dir'; SET;";
  const { out } = await command(['sql', '--dir', dir, '--json'], sql);
  expect(out).toBe('{"key":"execution.checkpointing.savepoint-dir","value":"/x"}');
});

test('in batch mode DuckDB answers a SELECT, and reads nothing but tables', async () => {
  const { sluice } = place();
  const batch = "SET 'execution.runtime-mode' = 'batch';";
  const { out } = await sluice('sql', ...CATALOG, '-e', `${batch} CREATE TABLE iceberg_catalog.\`default\`.t (a BIGINT);
    SELECT count(*) AS n FROM \`iceberg_catalog\`.\`default\`.t; WITH x AS (SELECT 2 AS two) SELECT two FROM x`, '--json');
  expect(out.split('\n')).toEqual(['{"n":0}', '{"two":2}']);
  expect((await sluice('sql', '-e', `${batch} SELECT * FROM read_text('/etc/hostname')`)).err).toContain('QUERY_FAILED');
});
