import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { typeText } from '../../lib/core/types.ts';
import type { Select, Statement } from '../../lib/sql/ast.ts';
import { parseScript, parseStatement } from '../../lib/sql/parse.ts';
import { groupingText } from './sexp.ts';

const LAB = `${readFileSync(new URL('../../lib/cli/lab/1-job.sql', import.meta.url), 'utf8')}
SET 'execution.savepoint.path' = '/tmp/savepoints/savepoint-a1b2c3-0123456789ab';
DROP TABLE IF EXISTS kafka_savepoint_events;
SET 'execution.runtime-mode' = 'batch';
SELECT * FROM iceberg_catalog.demo.savepoint_test ORDER BY window_start, event_type;
`;

describe('the statements of the savepoint lab', () => {
  const statements = parseScript(LAB);

  test('are all understood', () => {
    expect(statements.map(({ kind }) => kind)).toEqual([
      'use-catalog',
      'create-database',
      'use-database',
      'set',
      'create-table',
      'use-catalog',
      'create-table',
      'insert',
      'set',
      'drop-table',
      'set',
      'query',
    ]);
  });

  test('keep their own text', () => {
    expect(statements[2]).toMatchObject({ text: 'USE demo', source: LAB });
    for (const { text, span } of statements) expect(LAB.slice(span.start, span.end)).toBe(text);
  });

  test('the source table has its watermark and options', () => {
    const table = statements[6];
    if (table?.kind !== 'create-table') throw new Error('not a table');
    expect(table.columns.map(({ name }) => name.name)).toEqual(['event_id', 'user_id', 'event_type', 'event_time']);
    expect(table.watermark?.column.name).toBe('event_time');
    expect(table.options).toHaveLength(7);
  });
});

const ACCEPTED: readonly (readonly [string, Statement['kind'], object])[] = [
  ["CREATE CATALOG c WITH ('type' = 'filesystem')", 'create-catalog', { ifNotExists: false }],
  ["create catalog if not exists c comment 'x' with ()", 'create-catalog', { ifNotExists: true, options: [] }],
  ["CREATE DATABASE IF NOT EXISTS c.d COMMENT 'x' WITH ('a' = 'b')", 'create-database', { ifNotExists: true }],
  ['DROP CATALOG IF EXISTS c', 'drop-catalog', { ifExists: true }],
  ['DROP DATABASE d CASCADE', 'drop-database', { cascade: true, ifExists: false }],
  ['DROP DATABASE IF EXISTS d RESTRICT', 'drop-database', { cascade: false, ifExists: true }],
  ['DROP TEMPORARY TABLE IF EXISTS t', 'drop-table', { temporary: true, ifExists: true }],
  ['USE CATALOG c', 'use-catalog', { name: { name: 'c' } }],
  ['USE c.d', 'use-database', {}],
  ['SET', 'set', { option: null }],
  ["SET 'a' = 'b''c'", 'set', { option: { key: { value: 'a' }, value: { value: "b'c" } } }],
  ['RESET', 'reset', { key: null }],
  ["RESET 'a'", 'reset', { key: { value: 'a' } }],
  ['SHOW CATALOGS', 'show', { what: 'CATALOGS' }],
  ['SHOW CURRENT DATABASE', 'show', { what: 'CURRENT DATABASE' }],
  ['SHOW JOBS', 'show', { what: 'JOBS' }],
  ['SHOW CREATE TABLE a.b', 'show-create', { what: 'table' }],
  ['SHOW CREATE VIEW v', 'show-create', { what: 'view' }],
  ["SHOW TABLES FROM c.d NOT LIKE 'a%'", 'show', { what: 'TABLES', from: { parts: [{ name: 'c' }, { name: 'd' }] }, like: { negated: true, pattern: { value: 'a%' } } }],
  ["SHOW CATALOGS ILIKE 'A%'", 'show', { like: { ignoresCase: true } }],
  ["SHOW COLUMNS IN t LIKE '_'", 'show', { what: 'COLUMNS', like: { negated: false } }],
  ['SHOW USER FUNCTIONS', 'show', { what: 'USER FUNCTIONS' }],
  ['EXECUTE INSERT INTO t SELECT 1', 'insert', {}],
  ['EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1; INSERT INTO u SELECT 2; END', 'statement-set', { inserts: [{ text: 'INSERT INTO t SELECT 1' }, { text: 'INSERT INTO u SELECT 2' }] }],
  ['BEGIN STATEMENT SET', 'begin-statement-set', {}],
  ['END', 'end-statement-set', {}],
  ["DESCRIBE JOB 'x'", 'describe-job', { job: { value: 'x' } }],
  ["STOP JOB 'x'", 'stop-job', { job: { value: 'x' }, savepoint: null }],
  ["STOP JOB 'x' WITH SAVEPOINT", 'stop-job', { savepoint: { drain: false } }],
  ["STOP JOB 'x' WITH SAVEPOINT WITH DRAIN", 'stop-job', { savepoint: { drain: true } }],
  ['BEGIN STATEMENT SET; INSERT INTO t SELECT 1; END', 'statement-set', { inserts: [{ kind: 'insert' }] }],
  ['EXPLAIN STATEMENT SET BEGIN INSERT INTO t SELECT 1; END', 'explain', { statement: { kind: 'statement-set' } }],
  ['CREATE TABLE t LIKE u', 'create-table', { columns: [], like: { options: [] } }],
  ['CREATE TABLE t (a INT) LIKE u (INCLUDING ALL EXCLUDING OPTIONS)', 'create-table', { like: { options: [{ strategy: 'INCLUDING', feature: 'ALL' }, { strategy: 'EXCLUDING', feature: 'OPTIONS' }] } }],
  ['ALTER TABLE t RENAME TO u', 'alter-table', { change: { kind: 'rename' } }],
  ['ALTER TABLE IF EXISTS t RENAME a TO b', 'alter-table', { ifExists: true, change: { kind: 'rename-column' } }],
  ['ALTER TABLE t ADD (a INT FIRST, b AS a + 1 AFTER a, WATERMARK FOR c AS c)', 'alter-table', { change: { kind: 'add', columns: [{ place: { kind: 'first' } }, { place: { kind: 'after' } }] } }],
  ['ALTER TABLE t DROP (a, b)', 'alter-table', { change: { kind: 'drop-columns' } }],
  ["INSERT INTO t /*+ OPTIONS('a' = 'b') */ SELECT 1", 'insert', { hints: [{ name: { name: 'OPTIONS' } }] }],
  ['DESC t', 'describe', {}],
  ['DESCRIBE job', 'describe', { name: { parts: [{ name: 'job' }] } }],
  ['EXPLAIN SELECT 1', 'explain', { statement: { kind: 'query', text: 'SELECT 1' } }],
  ['EXPLAIN PLAN FOR INSERT INTO t SELECT 1', 'explain', { statement: { kind: 'insert' } }],
  ['INSERT INTO t (a, b) SELECT 1, 2', 'insert', { columns: [{ name: 'a' }, { name: 'b' }] }],
  ['INSERT INTO t (SELECT 1)', 'insert', { columns: null }],
  ['SELECT DISTINCT a, t.*, * FROM t', 'query', { query: { distinct: true } }],
  ['SELECT a FROM t WHERE b HAVING c ORDER BY a DESC NULLS LAST, b LIMIT 5 OFFSET 2 ROWS', 'query', {}],
  ['SELECT 1abc', 'query', { query: { items: [{ alias: { name: 'abc' } }] } }],
  ['(SELECT 1)', 'query', {}],
  ['SELECT a FROM (SELECT 1 AS a) AS x', 'query', { query: { from: { kind: 'subquery', alias: { name: 'x' } } } }],
  ['SELECT /*+ STATE_TTL(\'t\' = \'1d\') */ 1', 'query', { query: { hints: [{ name: { name: 'STATE_TTL' } }] } }],
  ['SELECT 1 -- c\n/* d */ // e\n', 'query', { text: 'SELECT 1' }],
];

test.each(ACCEPTED)('%s', (text, kind, shape) => {
  expect(parseStatement(`${text};`)).toMatchObject({ kind, ...shape });
});

test('CREATE TABLE with every kind of column', () => {
  const table = parseStatement(`
    CREATE TEMPORARY TABLE IF NOT EXISTS a.b.c (
      id BIGINT NOT NULL COMMENT 'key',
      twice AS id * 2 COMMENT 'x',
      ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
      part INT METADATA,
      WATERMARK FOR ts AS ts - INTERVAL '1' SECOND,
      CONSTRAINT pk PRIMARY KEY (id) NOT ENFORCED
    ) COMMENT 'all' PARTITIONED BY (part, id) WITH ('k' = 'v')`);
  expect(table).toMatchObject({
    temporary: true,
    ifNotExists: true,
    columns: [
      { kind: 'physical-column', type: { nullable: false }, comment: { value: 'key' } },
      { kind: 'computed-column', comment: { value: 'x' } },
      { kind: 'metadata-column', key: { value: 'timestamp' }, virtual: true },
      { kind: 'metadata-column', key: null, virtual: false },
    ],
    watermark: { column: { name: 'ts' } },
    primaryKey: { name: { name: 'pk' }, columns: [{ name: 'id' }] },
    partitionedBy: [{ name: 'part' }, { name: 'id' }],
    comment: { value: 'all' },
  });
});

test('a primary key behind its column', () => {
  const table = parseStatement("CREATE TABLE t (id INT PRIMARY KEY NOT ENFORCED COMMENT 'x', a INT)");
  expect(table).toMatchObject({ columns: [{}, {}], primaryKey: { columns: [{ name: 'id' }] } });
});

const TYPES: readonly (readonly [string, string])[] = [
  ['BOOLEAN', 'BOOLEAN'],
  ['INTEGER', 'INT'],
  ['DEC', 'DECIMAL(10, 0)'],
  ['NUMERIC(5)', 'DECIMAL(5, 0)'],
  ['DECIMAL(38, 18)', 'DECIMAL(38, 18)'],
  ['DOUBLE PRECISION', 'DOUBLE'],
  ['REAL', 'FLOAT'],
  ['CHAR', 'CHAR(1)'],
  ['CHARACTER VARYING(7)', 'VARCHAR(7)'],
  ['VARCHAR', 'STRING'],
  ['STRING', 'STRING'],
  ['BYTES', 'BYTES'],
  ['BINARY(3)', 'BINARY(3)'],
  ['VARBINARY(9)', 'VARBINARY(9)'],
  ['DATE', 'DATE'],
  ['TIME', 'TIME(0)'],
  ['TIME(3) WITHOUT TIME ZONE', 'TIME(3)'],
  ['TIMESTAMP', 'TIMESTAMP(6)'],
  ['TIMESTAMP(3) WITHOUT TIME ZONE', 'TIMESTAMP(3)'],
  ['TIMESTAMP(9) WITH LOCAL TIME ZONE', 'TIMESTAMP_LTZ(9)'],
  ['TIMESTAMP_LTZ', 'TIMESTAMP_LTZ(6)'],
  ['INTERVAL DAY(3) TO SECOND(3)', 'INTERVAL DAY TO SECOND'],
  ['INTERVAL YEAR TO MONTH', 'INTERVAL YEAR TO MONTH'],
];

test.each(TYPES)('type %s', (text, expected) => {
  const table = parseStatement(`CREATE TABLE t (a ${text} NULL)`);
  const column = table.kind === 'create-table' ? table.columns[0] : undefined;
  expect(column?.kind === 'physical-column' && typeText(column.type.type)).toBe(expected);
});

const selectOf = (statement: Statement): Select | null => (statement.kind === 'query' && statement.query.kind === 'select' ? statement.query : null);

describe('window table functions', () => {
  const from = (text: string): Select['from'] => {
    const statement = parseStatement(`SELECT * FROM ${text}`);
    return selectOf(statement)?.from ?? null;
  };
  const NAMES = { TUMBLE: ['SIZE'], HOP: ['SLIDE', 'SIZE'], CUMULATE: ['STEP', 'SIZE'], SESSION: ['GAP'] };

  test.each(Object.entries(NAMES))('%s', (name, durations) => {
    const positional = durations.map(() => "INTERVAL '1' MINUTE").join(', ');
    expect(from(`TABLE(${name}(TABLE t, DESCRIPTOR(ts), ${positional}))`)).toMatchObject({ function: name });
    const given = durations.map((argument) => `${argument} => INTERVAL '1' MINUTE`).join(', ');
    const table = from(`${name}(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), ${given}) AS w`);
    const names = table?.kind === 'window-table' ? table.arguments.map((argument) => argument.name?.name) : [];
    expect(names).toEqual(['DATA', 'TIMECOL', ...durations]);
    const kinds = table?.kind === 'window-table' ? table.arguments.map((argument) => argument.value.kind) : [];
    expect(kinds).toEqual(['table-argument', 'descriptor', ...durations.map(() => 'interval')]);
    expect(table?.alias?.name).toBe('w');
  });

  test('PARTITION BY, subqueries and hints', () => {
    expect(from("TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' MINUTE))")).toMatchObject({
      arguments: [{ value: { partitionBy: [{ name: 'k' }] } }, { value: { kind: 'descriptor' } }, {}],
    });
    expect(from('TABLE(HOP(TABLE t PARTITION BY (a, b), DESCRIPTOR(ts), 1, `OFFSET` => 2))')).toMatchObject({
      arguments: [{ value: { partitionBy: [{}, {}] } }, {}, {}, { name: { name: 'OFFSET' } }],
    });
    expect(from('TABLE(TUMBLE((SELECT * FROM t), DESCRIPTOR(ts), 1))')).toMatchObject({
      arguments: [{ value: { input: { kind: 'subquery' } } }, {}, {}],
    });
    expect(from("t /*+ OPTIONS('a' = 'b') */ AS x")).toMatchObject({
      alias: { name: 'x' },
      hints: [{ options: [{ key: { value: 'a' }, value: { value: 'b' } }] }],
    });
  });
});

test('GROUP BY and items', () => {
  const statement = parseStatement('SELECT a b, c AS d FROM t GROUP BY a, UPPER(c)');
  const query = selectOf(statement);
  expect(query?.groupBy.map(groupingText)).toEqual(['a', '(UPPER c)']);
  expect(query?.items).toMatchObject([{ alias: { name: 'b' } }, { alias: { name: 'd' } }]);
});

const GROUPINGS: readonly (readonly [written: string, understood: readonly string[]])[] = [
  ['a, (b, c), ()', ['a', '[b c]', '[]']],
  ['(a), (a + 1) * 2, COALESCE(a, b)', ['a', '(* (+ a 1) 2)', '(COALESCE a b)']],
  ['(COALESCE(a, b)), ((a), b)', ['(COALESCE a b)', '[a b]']],
  ['GROUPING SETS ((a, b), a, ())', ['(grouping-sets [a b] a [])']],
  ['GROUPING SETS (ROLLUP (a, (b, c)), CUBE (a), GROUPING SETS (b)), d', ['(grouping-sets (rollup a [b c]) (cube a) (grouping-sets b))', 'd']],
  ['ALL ROLLUP (a), CUBE (UPPER(b), c)', ['(rollup a)', '(cube (UPPER b) c)']],
  ['DISTINCT a, ROLLUP (b)', ['(distinct-sets a (rollup b))']],
];

test.each(GROUPINGS)('GROUP BY %s', (written, understood) => {
  const statement = parseStatement(`SELECT 1 FROM t GROUP BY ${written} HAVING TRUE`);
  expect(selectOf(statement)?.groupBy.map(groupingText)).toEqual(understood);
});

test('semicolons in strings, names and comments do not end a statement', () => {
  expect(parseScript("SELECT ';', `;` /* ; */ -- ;\n; ; SELECT 2").map(({ text }) => text)).toEqual(["SELECT ';', `;`", 'SELECT 2']);
  expect(parseScript(' ;; -- x')).toEqual([]);
});

test('a precision that is too high is the highest, as in Flink', () => {
  const table = parseStatement('CREATE TABLE t (a DECIMAL(39, 2), b TIMESTAMP(10), c VARCHAR(0))');
  if (table.kind !== 'create-table') throw new Error('not a table');
  expect(table.columns.map((column) => (column.kind === 'physical-column' ? column.type.type : null))).toEqual([
    { kind: 'DECIMAL', precision: 38, scale: 2 },
    { kind: 'TIMESTAMP', precision: 9 },
    { kind: 'VARCHAR', length: 0 },
  ]);
});
