/** Statements on Iceberg catalogs: what they see, what they change there, and what they refuse. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openIceberg } from '../../lib/place/iceberg.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import type { IcebergCatalog } from '../../lib/adapters/iceberg/catalog.ts';
import { startRestServer } from '../adapters/iceberg-rest-server.ts';
import { place } from '../cli/sluice.ts';

const CATALOG = "CREATE CATALOG IF NOT EXISTS lake WITH ('type' = 'iceberg', 'catalog-type' = 'hadoop');";
/** What a hadoop catalog gives to a new table: old versions of its metadata go. */
const FEW_VERSIONS = { 'write.metadata.delete-after-commit.enabled': 'true', 'write.metadata.previous-versions-max': '10' };
const TABLE = "CREATE TABLE lake.demo.t (id BIGINT NOT NULL, name STRING COMMENT 'who', seen TIMESTAMP(3), PRIMARY KEY (id) NOT ENFORCED) COMMENT 'people' PARTITIONED BY (id) WITH ('write.target-file-size-bytes' = '1000')";

/** A session per call, as processes have them. */
function world() {
  const { dir, file, sluice } = place();
  const init = file('init.sql', CATALOG);
  const sql = (...statements: string[]) => sluice('sql', '-i', init, '--json', ...statements.flatMap((text) => ['-e', text]));
  const forPeople = (...statements: string[]) => sluice('sql', '-i', init, ...statements.flatMap((text) => ['-e', text]));
  const warehouse = join(dir, 'warehouse', 'lake');
  const catalog = (): IcebergCatalog => openIceberg({ 'catalog-type': 'hadoop', warehouse }, nodeRuntime).catalog;
  return { sluice, sql, forPeople, warehouse, catalog };
}

async function withTable() {
  const made = world();
  const { err } = await made.sql('CREATE DATABASE lake.demo', TABLE);
  expect(err).toBe('');
  return made;
}

describe('a hadoop catalog without a warehouse', () => {
  test('lies in the data directory, with its default database', async () => {
    const { sql, warehouse } = world();
    expect((await sql('USE CATALOG lake; SHOW DATABASES; SHOW CURRENT DATABASE')).out).toBe('{"database name":"default"}\n{"current database name":"default"}');
    expect(readdirSync(warehouse)).toEqual(['default']);
  });

  test('keeps databases and tables for every session, as Iceberg has them', async () => {
    const { sql, warehouse, catalog } = await withTable();
    expect((await sql('USE CATALOG lake; SHOW DATABASES; USE demo; SHOW TABLES')).out).toBe('{"database name":"default"}\n{"database name":"demo"}\n{"table name":"t"}');
    expect(existsSync(join(warehouse, 'demo', 't', 'metadata', 'v1.metadata.json'))).toBe(true);
    const table = await catalog().load({ namespace: 'demo', name: 't' });
    expect(table?.metadata.schemas).toEqual([
      {
        type: 'struct',
        'schema-id': 0,
        'identifier-field-ids': [1],
        fields: [
          { id: 1, name: 'id', required: true, type: 'long' },
          { id: 2, name: 'name', required: false, type: 'string', doc: 'who' },
          { id: 3, name: 'seen', required: false, type: 'timestamp' },
        ],
      },
    ]);
    expect(table?.metadata['partition-specs'][0]?.fields).toEqual([{ 'source-id': 1, 'field-id': 1000, name: 'id', transform: 'identity' }]);
    expect(table?.metadata.properties).toEqual({ ...FEW_VERSIONS, 'write.target-file-size-bytes': '1000', comment: 'people' });
  });

  test('describes its tables with the types that Iceberg has', async () => {
    const { sql } = await withTable();
    const { out } = await sql('DESCRIBE lake.demo.t', 'SHOW CREATE TABLE lake.demo.t');
    expect(out).toContain('{"name":"seen","type":"TIMESTAMP(6)","null":true,"key":null,"extras":null,"watermark":null,');
    expect(out).toContain('{"name":"id","type":"BIGINT","null":false,"key":"PRI(id)"');
    expect(out).toContain('PRIMARY KEY (`id`) NOT ENFORCED');
    expect(out).toContain("COMMENT 'people'\\nPARTITIONED BY (`id`)\\nWITH (\\n  'write.metadata.delete-after-commit.enabled' = 'true',\\n  'write.metadata.previous-versions-max' = '10',\\n  'write.target-file-size-bytes' = '1000'\\n)");
  });

  test('changes options by ALTER TABLE, and drops', async () => {
    const { sql, catalog, warehouse } = await withTable();
    expect((await sql("ALTER TABLE lake.demo.t SET ('a' = '1', 'b' = '2')", "ALTER TABLE lake.demo.t RESET ('a', 'write.target-file-size-bytes')")).err).toBe('');
    expect((await catalog().load({ namespace: 'demo', name: 't' }))?.metadata.properties).toEqual({ ...FEW_VERSIONS, b: '2', comment: 'people' });
    expect((await sql('DROP DATABASE lake.demo')).err).toContain('is not empty');
    expect((await sql('DROP TABLE lake.demo.t', 'DROP TABLE IF EXISTS lake.demo.t', 'DROP DATABASE lake.demo')).err).toBe('');
    expect(readdirSync(warehouse)).toEqual(['default']);
    expect((await sql('CREATE DATABASE lake.demo', TABLE, 'DROP DATABASE lake.demo CASCADE', 'DROP DATABASE IF EXISTS lake.demo')).err).toBe('');
    expect(readdirSync(warehouse)).toEqual(['default']);
  });

  test('takes names with all kinds of characters, and is not taken in by longer ones', async () => {
    const { sql } = await withTable();
    const odd = '`my-d.b (1)`.`o+r$d|er\'s ä`';
    expect((await sql('CREATE DATABASE lake.`my-d.b (1)`', `CREATE TABLE lake.${odd} (n INT)`, `DESCRIBE lake.${odd}`)).out).toContain('"name":"n","type":"INT"');
    expect((await sql('CREATE TABLE lake.demo.t2 (n INT)', 'DESCRIBE lake.demo.t2', 'DROP TABLE lake.demo.t2', 'DESCRIBE lake.demo.t')).out).toContain('"name":"id"');
  });

  test('leaves its tables where they are when the catalog is dropped', async () => {
    const { sql, warehouse } = await withTable();
    await sql('DROP CATALOG lake');
    expect(existsSync(join(warehouse, 'demo', 't'))).toBe(true);
    expect((await sql('USE CATALOG lake; USE demo; SHOW TABLES')).out).toBe('{"table name":"t"}');
  });

  test('IF NOT EXISTS leaves what is there', async () => {
    const { sql } = await withTable();
    expect((await sql('CREATE DATABASE IF NOT EXISTS lake.demo', 'CREATE TABLE IF NOT EXISTS lake.demo.t (other INT)', 'DESCRIBE lake.demo.t')).out).toContain('"name":"id"');
    expect((await sql(TABLE)).err).toContain('already exists');
  });

  test('a table that somebody else has made is there', async () => {
    const { sql, catalog } = await withTable();
    const schema = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'x', required: false, type: 'uuid' }] } as const;
    await catalog().create({ namespace: 'demo', name: 'alien' }, { schema, spec: { 'spec-id': 0, fields: [] }, properties: {} });
    expect((await sql('DESCRIBE lake.demo.alien')).out).toContain('"type":"BINARY(16)"');
    const list = { type: 'list', 'element-id': 2, 'element-required': false, element: 'int' } as const;
    await catalog().create({ namespace: 'demo', name: 'nested' }, { schema: { ...schema, fields: [{ id: 1, name: 'l', required: false, type: list }] }, spec: { 'spec-id': 0, fields: [] }, properties: {} });
    expect((await sql('DESCRIBE lake.demo.nested')).err).toMatch(/SQL_UNSUPPORTED.*column 'l' of Iceberg table 'demo\.nested' has the type list/);
    expect((await sql('USE lake.demo; SHOW TABLES')).out).toBe('{"table name":"alien"}\n{"table name":"nested"}\n{"table name":"t"}');
  });
});

test('the table of bad records may be one of an Iceberg catalog, which only an option names', async () => {
  const { sql, sluice } = await withTable();
  const source = "CREATE TABLE e (user_id STRING) WITH ('connector' = 'kafka', 'topic' = 'e', 'properties.bootstrap.servers' = 'x', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')";
  const dead = "CREATE TABLE lake.demo.dead (`topic` STRING, `partition` INT, `offset` BIGINT, `key` BYTES, `value` STRING, error STRING, job STRING, `at` TIMESTAMP_LTZ(3))";
  const settings = ["SET 'sluice.on-record-error' = 'dlq'", "SET 'sluice.dead-letter-table' = 'lake.demo.dead'"];
  await sluice('topic', 'create', 'e');
  const { out, err } = await sql(source, dead, ...settings, 'CREATE TABLE p (user_id STRING) WITH (\'connector\' = \'print\')', 'EXPLAIN INSERT INTO p SELECT user_id FROM e');
  expect(err).toBe('');
  expect(out).toContain('lake.demo.dead');
});

describe('a query', () => {
  test('sees an empty table with its columns, and one that is named like another', async () => {
    const { sql, sluice } = await withTable();
    await sql('CREATE TABLE lake.demo.tt (n INT)');
    expect((await sluice('query', 'SELECT count(*) AS n, max(seen) AS a FROM lake.demo.t', '--json')).out).toBe('{"n":0,"a":null}');
    expect((await sluice('query', 'SELECT * FROM lake.demo.nothing', '--json')).err).toContain('Table with name nothing does not exist');
  });
});

describe('refusals point at what is wrong', () => {
  test.each([
    ['CREATE TABLE lake.demo.x (a INT, b AS a + 1)', /SQL_UNSUPPORTED.*a computed column in a table of an Iceberg catalog/],
    ["CREATE TABLE lake.demo.x (a TIMESTAMP(3), WATERMARK FOR a AS a)", /SQL_UNSUPPORTED.*a watermark in a table of an Iceberg catalog/],
    ["CREATE TABLE lake.demo.x (a INT) WITH ('connector' = 'kafka')", /OPTION_INVALID.*'connector' is not an option[\s\S]*hint: Tables of other connectors/],
    ["CREATE TABLE lake.demo.x (a INT) WITH ('format-version' = '3')", /OPTION_INVALID.*'format-version' must be '2'/],
    ["CREATE TABLE lake.demo.x (a INT) WITH ('write.format.default' = 'orc')", /OPTION_INVALID.*must be 'parquet'/],
    ['CREATE TABLE lake.demo.x (k DOUBLE, PRIMARY KEY (k) NOT ENFORCED)', /SQL_UNSUPPORTED.*a primary key of a floating-point number \('k'\)[\s\S]*hint: .*DECIMAL/],
    ['CREATE TABLE lake.demo.x (a INT, k FLOAT PRIMARY KEY NOT ENFORCED)', /SQL_UNSUPPORTED.*a primary key of a floating-point number \('k'\)/],
    ['CREATE TABLE lake.demo.x (a INT, k INT) PARTITIONED BY (k, a, k)', /SQL_VALIDATE.*partitioned by 'k' twice/],
    ['CREATE TABLE lake.nowhere.x (a INT)', /SQL_VALIDATE.*Database nowhere does not exist in Catalog lake/],
    ["CREATE DATABASE lake.x COMMENT 'c'", /OPTION_INVALID.*database 'x' has properties or a comment/],
    ["CREATE DATABASE lake.`a/b`", /OPTION_INVALID.*'a\/b' cannot be the name of a directory/],
    ["ALTER TABLE lake.demo.t SET ('sluice.a.b.committed' = '1:2')", /OPTION_INVALID.*says which rows have been written/],
    ["ALTER TABLE lake.demo.t RESET ('sluice.a.b.committed')", /OPTION_INVALID.*says which rows have been written/],
    ["ALTER TABLE lake.demo.tt SET ('a' = 'b')", /SQL_VALIDATE.*Table lake\.demo\.tt doesn't exist or is a temporary table/],
    ['ALTER TABLE lake.demo.t ADD (x INT)', /SQL_UNSUPPORTED.*ALTER TABLE of anything but the options/],
    ['USE lake.dem', /SQL_VALIDATE.*name \[dem\] does not exist[\s\S]*Did you mean 'demo'/],
    ['DESCRIBE lake.demo.s', /SQL_VALIDATE.*Object 's' not found within 'lake\.demo'/],
    ["CREATE CATALOG c WITH ('type' = 'iceberg')", /OPTION_INVALID.*catalog 'c' is missing the required option 'catalog-type'/],
    ["CREATE CATALOG c WITH ('type' = 'iceberg', 'catalog-type' = 'glue')", /OPTION_INVALID.*'glue'[\s\S]*AWS Glue speaks Iceberg REST/],
    ["CREATE CATALOG c WITH ('type' = 'iceberg', 'catalog-type' = 'rest')", /OPTION_INVALID.*missing the required option 'uri'/],
    ["CREATE CATALOG c WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = 'thrift://x')", /OPTION_INVALID.*needs an http\(s\) URL/],
    ["CREATE CATALOG c WITH ('type' = 'iceberg', 'catalog-type' = 'hadoop', 'warehous' = '/x')", /OPTION_INVALID.*'warehous'[\s\S]*Did you mean 'warehouse'/],
    ["CREATE CATALOG c WITH ('type' = 'iceberg', 'catalog-type' = 'hadoop', 's3.secret-access-key' = 'x')", /OPTION_INVALID.*holds the secret[\s\S]*come from the environment/],
    ["CREATE CATALOG c WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = 'http://127.0.0.1:1')", /STORE_FAILED.*http:\/\/127\.0\.0\.1:1\/v1\/config/],
  ])('%s', async (statement, message) => {
    const { sql, forPeople } = await withTable();
    const { code, err } = await forPeople(statement);
    expect(err).toMatch(message);
    expect(code).not.toBe(0);
    expect((await sql('SHOW CATALOGS')).out).not.toContain('"c"');
  });

  test.each([
    ['k DOUBLE NOT NULL, PRIMARY KEY (k) NOT ENFORCED', '', "has a primary key of a floating-point number ('k')"],
    ['k DOUBLE', 'PARTITIONED BY (k, k)', "is partitioned by 'k' twice"],
  ])('a table of another catalog with (%s) %s', async (columns, partitions, problem) => {
    const { sql } = world();
    const source = "CREATE TABLE e (k DOUBLE NOT NULL) WITH ('connector' = 'kafka', 'topic' = 'e', 'properties.bootstrap.servers' = 'x', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')";
    const table = `CREATE TABLE up (${columns}) ${partitions} WITH ('connector' = 'iceberg', 'catalog-name' = 'l', 'catalog-type' = 'hadoop', 'warehouse' = '/w', 'catalog-database' = 'd', 'catalog-table' = 't')`;
    const { err } = await sql(source, table, 'INSERT INTO up SELECT k FROM e');
    expect(err).toContain('OPTION_INVALID');
    expect(err).toContain(problem);
  });

  test.each([
    ["ALTER TABLE lake.demo.t SET ('write.upsert.enabled' = 'true')", 'lake.demo.t (id) SELECT CAST(user_id AS BIGINT)'],
    ["CREATE TABLE up (id BIGINT) WITH ('connector' = 'iceberg', 'catalog-name' = 'l', 'catalog-type' = 'hadoop', 'warehouse' = '/w', 'catalog-database' = 'd', 'catalog-table' = 't', 'upsert-enabled' = 'true')", 'up SELECT CAST(user_id AS BIGINT)'],
  ])('an upsert table is not written: %s', async (statement, insert) => {
    const { sql } = await withTable();
    const source = "CREATE TABLE e (user_id STRING) WITH ('connector' = 'kafka', 'topic' = 'e', 'properties.bootstrap.servers' = 'x', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')";
    const { err } = await sql(source, statement, `INSERT INTO ${insert} FROM e`);
    expect(err).toMatch(/OPTION_INVALID.*is an upsert table \('.*upsert.enabled' is true\), which Sluice cannot write yet/);
  });
});

describe('a REST catalog', () => {
  test('is asked for what a statement names, and for nothing else', async () => {
    const server = await startRestServer();
    const { sql } = world();
    const catalog = `CREATE CATALOG r WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${server.uri}', 'token' = 'abc', 'warehouse' = 'prod')`;
    expect((await sql(catalog, 'CREATE DATABASE r.demo', "CREATE DATABASE r.other COMMENT 'c'", 'CREATE TABLE r.demo.orders (a INT)', 'CREATE TABLE r.other.hidden (a INT)')).err).toBe('');
    expect(server.asked[0]?.query.get('warehouse')).toBe('prod');
    server.asked.length = 0;
    await sql('SHOW CATALOGS', 'SHOW TABLES', "SET 'table.local-time-zone' = 'UTC'");
    expect(server.asked).toEqual([]);
    await sql('DESCRIBE r.demo.orders');
    expect(server.asked.map(({ path }) => path)).toEqual(['/v1/config', '/v1/main/namespaces', '/v1/main/namespaces/demo/tables', '/v1/main/namespaces/demo/tables/orders']);
  });

  test('is not changed by those who may only read it', async () => {
    const server = await startRestServer();
    server.namespaces.set('prod', new Map());
    server.interference = { when: 'before', say: ({ method }) => (method === 'GET' ? undefined : { status: 403, body: { error: { message: 'no', type: 'ForbiddenException', code: 403 } } }) };
    const { sql } = world();
    const create = `CREATE CATALOG r WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${server.uri}'`;
    expect((await sql(`${create})`)).err).toContain('403 ForbiddenException: no');
    expect((await sql(`${create}, 'default-database' = 'prod')`, 'USE CATALOG r', 'SHOW CURRENT DATABASE')).out).toBe('{"current database name":"prod"}');
    expect((await sql('CREATE TABLE r.prod.t (a INT)')).err).toMatch(/STORE_FAILED.*ForbiddenException.*ask whoever runs the catalog for permission/);
  });

  test('a catalog that is gone does not keep a session from leaving it', async () => {
    const server = await startRestServer();
    const { sql } = world();
    await sql(`CREATE CATALOG r WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${server.uri}')`);
    server.interference = { when: 'before', say: () => ({ status: 404, body: 'gone' }) };
    expect((await sql('USE CATALOG r', 'SHOW CATALOGS', 'SHOW JOBS', 'USE CATALOG default_catalog', 'SHOW TABLES', 'DROP CATALOG r', 'SHOW CATALOGS')).err).toBe('');
  });

  test('no statement loads more than a hundred tables', async () => {
    const server = await startRestServer();
    const { sql } = world();
    await sql(`CREATE CATALOG r WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${server.uri}')`, 'CREATE DATABASE r.demo', 'CREATE TABLE r.demo.t0 (a INT)');
    const tables = server.namespaces.get('demo');
    const table = tables?.get('t0');
    if (tables === undefined || table === undefined) throw new Error('there is no table');
    const names = Array.from({ length: 101 }, (_, i) => `t${i}`);
    for (const name of names) tables.set(name, table);
    const select = (count: number): string => `SET 'execution.runtime-mode' = 'batch'; SELECT count(*) AS n FROM ${names.slice(0, count).map((name) => `r.demo.${name}`).join(', ')}`;
    expect((await sql(select(100))).out).toBe('{"n":0}');
    expect((await sql(select(101))).err).toContain('more than 100 tables');
  });

  test('a table that another process makes at the same moment is one that exists', async () => {
    const server = await startRestServer();
    const { sql } = world();
    await sql(`CREATE CATALOG r WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${server.uri}')`, 'CREATE DATABASE r.demo');
    let isMade = false;
    server.interference = {
      when: 'before',
      say: (asked) => {
        if (isMade || asked.method !== 'POST' || !asked.path.endsWith('/tables')) return undefined;
        isMade = true;
        server.answer(asked);
        return undefined;
      },
    };
    expect((await sql('CREATE TABLE r.demo.t (a INT)')).err).toContain('Table (or view) demo.t already exists in Catalog r.');
    isMade = false;
    expect((await sql('CREATE TABLE IF NOT EXISTS r.demo.u (a INT)')).err).toBe('');
  });
});
