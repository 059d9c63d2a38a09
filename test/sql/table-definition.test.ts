import { describe, expect, test } from 'vitest';
import { isError, type SluiceError } from '../../lib/core/errors.ts';
import { changeCatalogs, isCatalogStatement } from '../../lib/sql/catalog-change.ts';
import { createTableText, createViewText } from '../../lib/sql/catalog-table.ts';
import { newCatalogs, objectAt, type Catalogs } from '../../lib/sql/catalog.ts';
import { parseScript } from '../../lib/sql/parse.ts';

const BASE = `CREATE TABLE base (id INT, name STRING, ts TIMESTAMP(3), twice AS id * 2, part INT METADATA FROM 'partition' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND, PRIMARY KEY (id) NOT ENFORCED) PARTITIONED BY (name) WITH ('connector' = 'print', 'a' = 'b');`;

function run(script: string): Catalogs {
  return parseScript(BASE + script).reduce((catalogs, statement) => {
    if (!isCatalogStatement(statement)) throw new Error(`not a catalog statement: ${statement.text}`);
    return changeCatalogs(catalogs, statement);
  }, newCatalogs());
}

/** The statement that makes the table again, on one line. */
function made(script: string, table: string): string {
  const found = objectAt(run(script), { catalog: 'default_catalog', database: 'default_database', table });
  if (found === undefined) throw new Error(`no ${table}`);
  const text = found.kind === 'table' ? createTableText([table], found.table) : createViewText([table], found.view);
  return text.replaceAll(/\s+/g, ' ');
}

function failure(script: string): SluiceError {
  try {
    run(script);
  } catch (error) {
    if (isError(error)) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('LIKE', () => {
  const WITH = "WITH ( 'connector' = 'print', 'a' = 'b' )";
  const COLUMNS = "`id` INT NOT NULL, `name` STRING, `ts` TIMESTAMP(3), `twice` AS id * 2, `part` INT METADATA FROM 'partition' VIRTUAL";
  const WATERMARK = "WATERMARK FOR `ts` AS ts - INTERVAL '1' SECOND";
  const KEY = 'PRIMARY KEY (`id`) NOT ENFORCED';

  test.each([
    ['CREATE TABLE n LIKE base;', `( ${COLUMNS}, ${WATERMARK}, ${KEY} ) PARTITIONED BY (\`name\`) ${WITH}`],
    ["CREATE TABLE n (x INT) WITH ('a' = 'c') LIKE base;", `( ${COLUMNS}, \`x\` INT, ${WATERMARK}, ${KEY} ) PARTITIONED BY (\`name\`) WITH ( 'connector' = 'print', 'a' = 'c' )`],
    ["CREATE TABLE n WITH ('connector' = 'blackhole') LIKE base (EXCLUDING ALL);", "( `id` INT NOT NULL, `name` STRING, `ts` TIMESTAMP(3) ) WITH ( 'connector' = 'blackhole' )"],
    ['CREATE TABLE n (twice AS id * 3) LIKE base (OVERWRITING GENERATED EXCLUDING WATERMARKS EXCLUDING CONSTRAINTS EXCLUDING PARTITIONS EXCLUDING METADATA);', `( \`id\` INT NOT NULL, \`name\` STRING, \`ts\` TIMESTAMP(3), \`twice\` AS id * 3 ) ${WITH}`],
    ['CREATE TABLE n (WATERMARK FOR ts AS ts) LIKE base (OVERWRITING WATERMARKS);', `( ${COLUMNS}, WATERMARK FOR \`ts\` AS ts, ${KEY} ) PARTITIONED BY (\`name\`) ${WITH}`],
  ])('%s', (script, rest) => {
    expect(made(script, 'n')).toBe(`CREATE TABLE \`n\` ${rest}`);
  });

  test.each([
    ['CREATE TABLE n LIKE nothing;', "Source table 'default_catalog.default_database.nothing' of the LIKE clause not found in the catalog, at line 2, column"],
    ['CREATE TABLE n (id INT) LIKE base;', "A column named 'id' already exists in the base table."],
    ['CREATE TABLE n (id AS 1) LIKE base;', "A column named 'id' already exists in the table. Duplicate columns exist in the compute column and regular column."],
    ['CREATE TABLE n (twice AS 1) LIKE base;', "A generated column named 'twice' already exists in the base table. You might want to specify EXCLUDING GENERATED or OVERWRITING GENERATED."],
    ['CREATE TABLE n (part INT METADATA) LIKE base;', "A metadata column named 'part' already exists in the base table. You might want to specify EXCLUDING METADATA or OVERWRITING METADATA."],
    ['CREATE TABLE n (twice INT METADATA) LIKE base;', 'Metadata columns can only overwrite other metadata columns.'],
    ['CREATE TABLE n (WATERMARK FOR ts AS ts) LIKE base;', "There already exists a watermark spec for column 'ts' in the base table."],
    ['CREATE TABLE n (PRIMARY KEY (id) NOT ENFORCED) LIKE base;', 'The base table already has a primary key. You might want to specify EXCLUDING CONSTRAINTS.'],
    ['CREATE TABLE n PARTITIONED BY (id) LIKE base;', 'The base table already has partitions defined. You might want to specify EXCLUDING PARTITIONS.'],
    ["CREATE TABLE n WITH ('a' = 'c') LIKE base (INCLUDING OPTIONS);", "There already exists an option ['a' -> 'b']  in the base table."],
  ])('%s is refused', (script, message) => {
    const error = failure(script);
    expect(error.code).toBe('SQL_VALIDATE');
    expect(error.message).toContain(message);
  });
});

describe('ALTER TABLE', () => {
  test.each([
    ["SET ('a' = 'c', 'x' = 'y')", "WITH ( 'connector' = 'print', 'a' = 'c', 'x' = 'y' )"],
    ["RESET ('a')", "WITH ( 'connector' = 'print' )"],
    ['ADD x INT', '`part` INT METADATA FROM \'partition\' VIRTUAL, `x` INT, WATERMARK'],
    ["ADD (x INT COMMENT 'c' FIRST, y AS id + 1 AFTER x)", "( `x` INT COMMENT 'c', `y` AS id + 1, `id` INT NOT NULL, `name`"],
    ['MODIFY (name BIGINT FIRST, WATERMARK FOR ts AS ts)', '( `name` BIGINT, `id` INT NOT NULL, `ts`'],
    ['MODIFY WATERMARK FOR ts AS ts', 'WATERMARK FOR `ts` AS ts,'],
    ['RENAME part TO place', '`place` INT METADATA'],
    ['DROP (id2, id3)', '`ts` TIMESTAMP(3), `twice`', 'ADD (id2 INT, id3 AS id2 + 1)'],
    ['DROP (id3, id2)', '`ts` TIMESTAMP(3), `twice`', 'ADD (id2 INT, id3 AS id2 + 1)'],
    ["MODIFY c BIGINT", "`c` BIGINT COMMENT 'kept'", "ADD c INT COMMENT 'kept'"],
    ['ADD (k AS name || name, x TIMESTAMP(3))', '`k` AS name || name'],
    ['DROP (twice, part)', '`ts` TIMESTAMP(3), WATERMARK'],
    ['DROP WATERMARK', "VIRTUAL, PRIMARY KEY (`id`) NOT ENFORCED )"],
    ['DROP PRIMARY KEY', "INTERVAL '1' SECOND )"],
  ])('%s', (change, shown, before = "SET ('a' = 'b')") => {
    expect(made(`ALTER TABLE base ${before}; ALTER TABLE base ${change};`, 'base')).toContain(shown);
  });

  test('RENAME TO', () => {
    expect(made('ALTER TABLE base RENAME TO other;', 'other')).toContain('CREATE TABLE `other`');
    expect(failure('CREATE TABLE other (a INT); ALTER TABLE base RENAME TO other;').message).toContain('Table (or view) default_database.other already exists in Catalog default_catalog.');
  });

  test.each([
    ['ADD id INT', 'Try to add a column `id` which already exists in the table.'],
    ['ADD x INT AFTER y', "Referenced column `y` by 'AFTER' does not exist in the table."],
    ['ADD WATERMARK FOR ts AS ts', 'The base table has already defined the watermark strategy'],
    ['ADD PRIMARY KEY (name) NOT ENFORCED', 'The base table has already defined the primary key constraint [`id`].'],
    ['MODIFY x INT', 'Try to modify a column `x` which does not exist in the table.'],
    ['DROP x', 'The column `x` does not exist in the base table.'],
    ['DROP ts', 'The column `ts` is referenced by watermark expression.'],
    ['DROP name', 'The column `name` is used as the partition keys.'],
    ['RENAME name TO label', 'The column `name` is used as the partition keys.'],
    ['DROP (part, part)', 'Duplicate column `part`.'],
    ['ADD (x INT, x STRING)', 'Encounter duplicate column `x`.'],
    ['MODIFY (name INT, name BIGINT)', 'Encounter duplicate column `name`.'],
    ['ADD m AS n + 2', "Invalid expression for computed column 'm'."],
    ['ADD (m AS id * 2, n AS m + 2)', "Invalid expression for computed column 'n'."],
    ['MODIFY id ARRAY<INT>', "Invalid expression for computed column 'twice'."],
    ['MODIFY ts STRING', 'Invalid data type of time field for watermark definition.'],
    ['MODIFY ts AS id + 1', 'but the time field type is INT NOT NULL'],
    ['MODIFY WATERMARK FOR name AS name', 'but the time field type is STRING'],
    ['MODIFY WATERMARK FOR nope AS nope', "Invalid column name 'nope' for rowtime attribute in watermark declaration. Available columns are: [id, name, ts, twice, part]"],
    ['MODIFY WATERMARK FOR ts AS ts - nope', "Invalid expression for watermark 'WATERMARK FOR `ts` AS [ts - nope]'."],
    ['MODIFY PRIMARY KEY (nope) NOT ENFORCED', "Invalid primary key 'PK_nope'. Column 'nope' does not exist."],
    ['MODIFY CONSTRAINT k PRIMARY KEY (twice) NOT ENFORCED', "Invalid primary key 'k'. Column 'twice' is not a physical column."],
    ['RENAME id TO k', 'The column `id` is referenced by computed column `twice`.'],
    ['RENAME part TO ts', 'The column `ts` already existed in table schema.'],
    ['DROP CONSTRAINT pk', "does not define a primary key constraint named 'pk'"],
    ["RESET ('connector')", "ALTER TABLE RESET does not support changing 'connector'"],
  ])('%s is refused', (change, message) => {
    const error = failure(`ALTER TABLE base ${change};`);
    expect(error.code).toBe('SQL_VALIDATE');
    expect(error.message).toContain(message);
    expect(error.details['line']).toBe(2);
  });

  test('of a temporary table is refused, and with IF EXISTS nothing happens', () => {
    expect(failure('CREATE TEMPORARY TABLE x (a INT); ALTER TABLE x DROP a;').message).toContain("Table default_catalog.default_database.x doesn't exist or is a temporary table.");
    expect(made('ALTER TABLE IF EXISTS nothing DROP a;', 'base')).toContain('`id`');
  });
});

describe('a definition is checked when it is made', () => {
  test.each([
    ['CREATE TABLE n (a INT, b AS nope + 1);', "Unknown identifier 'nope'"],
    ['CREATE TABLE n (a INT, b AS a + 1, c AS b + 1);', "Unknown identifier 'b'"],
    ['CREATE TABLE n (a INT, WATERMARK FOR a AS a);', 'Invalid data type of time field for watermark definition.'],
    ['CREATE TABLE n (ts TIMESTAMP(3), WATERMARK FOR ts AS x);', "Unknown identifier 'x'"],
    ['CREATE TABLE n (ts TIMESTAMP(3), WATERMARK FOR x AS ts);', "The rowtime attribute field 'x' is not defined in the table schema"],
    ['CREATE TABLE n (pt AS PROCTIME(), WATERMARK FOR pt AS pt);', 'A watermark can not be defined for a processing-time attribute.'],
    ['CREATE TABLE n (a INT, b INT, PRIMARY KEY (a, b, a) NOT ENFORCED);', "Invalid primary key 'PK_a_b_a'. A primary key must not contain duplicate columns. Found: [a]"],
    ['CREATE TABLE n (a ROW<x INT, y ROW<z INT>, x STRING>);', 'Field names must be unique. Found duplicates: [x]'],
    ['CREATE TABLE n (a INT, a AS 1);', "A column named 'a' already exists in the table. Duplicate columns exist in the compute column and regular column."],
  ])('%s', (script, message) => {
    expect(failure(script).message).toContain(message);
  });
});

test('a view is written again', () => {
  expect(made("CREATE VIEW v (a) COMMENT 'it''s' AS SELECT 1 AS a FROM (VALUES (1)) AS t;", 'v')).toBe("CREATE VIEW `v` ( `a` ) COMMENT 'it''s' AS SELECT 1 AS a FROM (VALUES (1)) AS t");
});
