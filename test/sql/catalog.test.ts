import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { changeCatalogs, isCatalogStatement } from '../../lib/sql/catalog-change.ts';
import { createTableText, tableDefinition } from '../../lib/sql/catalog-table.ts';
import {
  catalogNames,
  databaseNames,
  newCatalogs,
  pathText,
  resolveTable,
  tableNames,
  type Catalogs,
} from '../../lib/sql/catalog.ts';
import { parseScript, parseStatement } from '../../lib/sql/parse.ts';

/** The catalogs after the statements of a script. */
function run(script: string, start: Catalogs = newCatalogs()): Catalogs {
  return parseScript(script).reduce((catalogs, statement) => {
    if (!isCatalogStatement(statement)) throw new Error(`not a catalog statement: ${statement.text}`);
    return changeCatalogs(catalogs, statement);
  }, start);
}

function failure(act: () => unknown): SluiceError {
  try {
    act();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('accepted');
}

/** What the table of `FROM <name>` is. */
function resolve(catalogs: Catalogs, name: string): ReturnType<typeof resolveTable> {
  const statement = parseStatement(`DESCRIBE ${name}`);
  if (statement.kind !== 'describe') throw new Error('not a table');
  return resolveTable(catalogs, statement.name, statement.source);
}

const FILES = "CREATE CATALOG files WITH ('type' = 'filesystem', 'warehouse' = '/w');";
const LAB = `${FILES} USE CATALOG files; CREATE DATABASE IF NOT EXISTS demo; USE demo;
  CREATE TABLE IF NOT EXISTS results (a INT); USE CATALOG default_catalog; CREATE TABLE events (a INT);`;

test('a new session', () => {
  const catalogs = newCatalogs();
  expect(catalogs).toMatchObject({ currentCatalog: 'default_catalog', currentDatabase: 'default_database' });
  expect(catalogNames(catalogs)).toEqual(['default_catalog']);
  expect(databaseNames(catalogs)).toEqual(['default_database']);
  expect(tableNames(catalogs)).toEqual([]);
});

test('names of one to three parts', () => {
  const catalogs = run(LAB);
  expect(pathText(resolve(catalogs, 'events').path)).toBe('default_catalog.default_database.events');
  expect(pathText(resolve(catalogs, 'default_database.events').path)).toBe('default_catalog.default_database.events');
  expect(pathText(resolve(catalogs, 'files.demo.results').path)).toBe('files.demo.results');
  expect(pathText(resolve(run('USE files.demo', catalogs), 'results').path)).toBe('files.demo.results');
});

test('catalogs come back from JSON', () => {
  const catalogs = run(LAB);
  expect(JSON.parse(JSON.stringify(catalogs))).toEqual(catalogs);
  const files = catalogs.catalogs.filter(({ type }) => type === 'filesystem');
  expect(pathText(resolve(newCatalogs(files), 'files.demo.results').path)).toBe('files.demo.results');
});

test('nothing changes in place', () => {
  const before = newCatalogs();
  const copy = structuredClone(before);
  run(LAB, before);
  expect(before).toEqual(copy);
});

describe('IF [NOT] EXISTS leaves everything as it is', () => {
  const catalogs = run(LAB);
  test.each([
    "CREATE CATALOG IF NOT EXISTS files WITH ('type' = 'nonsense')",
    'CREATE DATABASE IF NOT EXISTS files.demo',
    'CREATE TABLE IF NOT EXISTS events (b STRING)',
    'DROP CATALOG IF EXISTS nothing',
    'DROP DATABASE IF EXISTS nothing',
    'DROP DATABASE IF EXISTS nothing.nothing',
    'DROP TABLE IF EXISTS nothing',
    'DROP TABLE IF EXISTS nothing.nothing.nothing',
    'DROP TEMPORARY TABLE IF EXISTS events',
  ])('%s', (statement) => {
    expect(run(statement, catalogs)).toBe(catalogs);
  });
});

describe('refusals', () => {
  test.each([
    [FILES, 'Catalog files already exists.'],
    ['DROP CATALOG default_catalog', 'Cannot drop a catalog which is currently in use.'],
    ['DROP CATALOG nothing', 'Catalog nothing does not exist.'],
    ['USE CATALOG nothing', 'A catalog with name [nothing] does not exist.'],
    ['USE nothing', 'A database with name [nothing] does not exist in the catalog: [default_catalog].'],
    ['USE a.b.c', 'the name has more parts than catalog.database'],
    ['CREATE DATABASE files.demo', 'Database demo already exists in Catalog files.'],
    ['CREATE DATABASE nothing.demo', 'Catalog nothing does not exist.'],
    ['DROP DATABASE default_database', 'Cannot drop a database which is currently in use.'],
    ['DROP DATABASE files.demo', 'Database demo in catalog files is not empty.'],
    ['DROP DATABASE nothing', 'Database nothing does not exist in Catalog default_catalog.'],
    ['CREATE TABLE events (a INT)', 'Table (or view) default_database.events already exists in Catalog default_catalog.'],
    ['CREATE TABLE nothing.t (a INT)', 'Database nothing does not exist in Catalog default_catalog.'],
    ['CREATE TABLE a.b.c.d (a INT)', 'the name has more parts than catalog.database.table'],
    ['CREATE TABLE t (a INT, a INT)', "A regular Column named 'a' already exists in the table."],
    ['CREATE TABLE t (a INT, PRIMARY KEY (b) NOT ENFORCED)', "Primary key column 'b' is not defined in the schema at line 1, column 37"],
    ['CREATE TABLE t (a AS 1, PRIMARY KEY (a) NOT ENFORCED)', "Could not create a PRIMARY KEY with column 'a' at line 1, column 38."],
    ['CREATE TABLE t (a INT, WATERMARK FOR b AS b)', "The rowtime attribute field 'b' is not defined in the table schema, at line 1, column 38"],
    ['CREATE TABLE t (a INT) PARTITIONED BY (b)', "Partition column 'b' not defined in the table schema. Available columns: ['a']"],
    ['DROP TABLE event', "Table with identifier 'default_catalog.default_database.event' does not exist."],
    ['DROP TEMPORARY TABLE events', "Temporary table with identifier 'default_catalog.default_database.events' does not exist."],
  ])('%s', (statement, message) => {
    const error = failure(() => run(statement, run(LAB)));
    expect(error.code).toBe('SQL_VALIDATE');
    expect(error.message.split('\n')[0]?.replace(/^.*?: /, '')).toBe(message);
  });

  test('a near name is offered', () => {
    expect(failure(() => run('DROP TABLE event', run(LAB))).hint).toBe("Did you mean 'events'?");
    expect(failure(() => resolve(run(LAB), 'files.demo.resluts')).hint).toBe("Did you mean 'results'?");
  });

  test('the error points at the name, as in Flink', () => {
    const catalogs = run(LAB);
    expect(failure(() => resolve(catalogs, 'files.demo.nothing')).details).toMatchObject({ column: 10 });
    expect(failure(() => resolve(catalogs, 'files.nothing.results')).details).toMatchObject({ column: 10 });
    expect(failure(() => resolve(catalogs, 'nothing.demo.results')).details).toMatchObject({ column: 10 });
  });

  test('types of catalogs', () => {
    const unknown = failure(() => run("CREATE CATALOG c WITH ('type' = 'hive')"));
    expect(unknown).toMatchObject({ code: 'OPTION_INVALID', hint: "Known types: 'filesystem', 'generic_in_memory', 'iceberg'." });
    expect(failure(() => run('CREATE CATALOG c')).code).toBe('OPTION_INVALID');
  });
});

test('a temporary table hides a permanent one', () => {
  const catalogs = run('CREATE TEMPORARY TABLE events (b INT)', run(LAB));
  expect(resolve(catalogs, 'events').table.columns).toMatchObject([{ name: 'b' }]);
  expect(tableNames(catalogs)).toEqual(['events']);
  expect(failure(() => run('DROP TABLE events', catalogs)).message).toContain('Drop it first');
  expect(failure(() => run('CREATE TEMPORARY TABLE events (c INT)', catalogs)).message).toContain('already exists');
  const again = run('DROP TEMPORARY TABLE events', catalogs);
  expect(resolve(again, 'events').table.columns).toMatchObject([{ name: 'a' }]);
});

test('dropping', () => {
  const catalogs = run('DROP DATABASE files.demo CASCADE; DROP TABLE events', run(LAB));
  expect(databaseNames(catalogs, 'files')).toEqual(['default']);
  expect(tableNames(catalogs)).toEqual([]);
  expect(catalogNames(run('DROP CATALOG files', catalogs))).toEqual(['default_catalog']);
});

test('names that mean something to JavaScript are names', () => {
  const catalogs = run("CREATE TABLE __proto__ (constructor INT) WITH ('__proto__' = 'x')");
  expect(Object.entries(resolve(catalogs, '__proto__').table.options)).toEqual([['__proto__', 'x']]);
  expect(failure(() => resolve(catalogs, 'toString')).code).toBe('SQL_VALIDATE');
});

describe('a table as a statement again', () => {
  const TABLE = `CREATE TABLE \`c\`.\`d\`.\`odd\`\`name\` (
  \`id\` BIGINT NOT NULL COMMENT 'it''s the key',
  \`twice\` AS id * 2 COMMENT 'x',
  \`ts\` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
  \`amount\` DECIMAL(10, 2),
  WATERMARK FOR \`ts\` AS ts - INTERVAL '5' SECOND,
  CONSTRAINT \`pk\` PRIMARY KEY (\`id\`) NOT ENFORCED
)
COMMENT 'all'
PARTITIONED BY (\`amount\`)
WITH (
  'connector' = 'kafka',
  'topic' = 'it''s'
)`;
  const path = ['c', 'd', 'odd`name'];

  function tableOf(text: string): ReturnType<typeof resolveTable>['table'] {
    const statement = parseStatement(text);
    const catalogs = run("CREATE CATALOG c WITH ('type' = 'generic_in_memory'); CREATE DATABASE c.d;");
    if (statement.kind !== 'create-table') throw new Error('not a table');
    return resolveTable(changeCatalogs(catalogs, statement), statement.name, text).table;
  }

  test('SHOW CREATE TABLE gives what was written', () => {
    expect(createTableText(path, tableOf(TABLE))).toBe(TABLE);
  });

  test('the definition refers to its own text', () => {
    const { watermark, source } = tableDefinition(path, tableOf(TABLE));
    const { start, end } = watermark?.expression.span ?? { start: 0, end: 0 };
    expect(source.slice(start, end)).toBe("ts - INTERVAL '5' SECOND");
  });

  test('a column of the primary key is NOT NULL', () => {
    const { columns } = tableOf('CREATE TABLE c.d.t (a INT, b INT, PRIMARY KEY (a) NOT ENFORCED)');
    expect(columns).toMatchObject([{ nullable: false }, { nullable: true }]);
  });
});
