import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { parseScript } from '../../lib/sql/parse.ts';

function failure(text: string): SluiceError {
  try {
    parseScript(text);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

/** The message behind the place. */
const messageOf = (error: SluiceError): string => error.message.split('\n')[0]?.replace(/^.*?: /, '') ?? '';

test('the message shows the place', () => {
  const error = failure('CREATE DATABASE d;\n\nSELECT a FORM t');
  expect(error.message).toBe(
    [
      "SQL_PARSE at line 3, column 10: unexpected 'FORM', expected FROM",
      '  3 | SELECT a FORM t',
      '    |          ^^^^',
    ].join('\n'),
  );
  expect(error.details).toEqual({ line: 3, column: 10, endLine: 3, endColumn: 13 });
  expect(error.hint).toBe('Did you mean FROM?');
});

const PARSE: readonly (readonly [text: string, column: number, message: string | RegExp])[] = [
  ['SELEC a FROM t', 1, "unexpected 'SELEC', expected SELECT"],
  ['SELECT a FROM t WHER b', 17, "unexpected 'WHER', expected WHERE"],
  ['SELECT a FROM t GROUP a', 23, "unexpected 'a', expected BY"],
  ['SELECT a FROM t WHERE a == 1', 25, "'==' is not an operator"],
  ['SELECT a FROM t WHERE a != 1', 25, "'!=' is not allowed"],
  ['SELECT "a" FROM t', 8, `unexpected '"'`],
  ['SELECT @a FROM t', 8, "unexpected '@'"],
  ['SELECT a::STRING FROM t', 9, "unexpected ':'"],
  ['SELECT a | b FROM t', 10, "unexpected '|'"],
  ['SELECT a,, b FROM t', 10, /^unexpected ','/],
  ['SELECT `a FROM t', 8, 'the name in backticks is not closed'],
  ["SELECT 'a FROM t", 8, 'the string is not closed'],
  ['SELECT a /* x FROM t', 10, 'the comment is not closed'],
  ['SELECT `` FROM t', 8, 'a name cannot be empty'],
  ['SELECT a AS order FROM t', 13, "unexpected 'order', expected a name"],
  ['SELECT value FROM t', 8, /^unexpected 'value'/],
  ['SELECT a FROM table', 20, "unexpected end of the statement, expected '('"],
  ['SELECT a FROM t WHERE a BETWEEN 1', 34, 'unexpected end of the statement, expected AND'],
  ['SELECT a FROM t WHERE a IN ()', 29, 'unexpected \')\', expected an expression'],
  ['SELECT CASE a END FROM t', 15, "unexpected 'END', expected WHEN"],
  ['SELECT COUNT(DISTINCT) FROM t', 22, /^unexpected '\)'/],
  ['SELECT COUNT(DISTINCT *) FROM t', 23, /^unexpected '\*'/],
  ['SELECT COUNT(*) FILTER (a > 1) FROM t', 25, "unexpected 'a', expected WHERE"],
  ['SELECT a IS 5 FROM t', 13, /^unexpected '5'/],
  ['SELECT a FROM t LIMIT -1', 23, /^unexpected '-'/],
  ["SELECT INTERVAL '5' MILLISECOND", 21, /^unexpected 'MILLISECOND'/],
  ["SELECT INTERVAL '5' MONTH TO DAY", 30, /^unexpected 'DAY'/],
  ['SELECT a FROM t HAVING a GROUP BY a', 26, /^unexpected 'GROUP'/],
  ['SELECT a FROM t GROUP BY ROLLUP ()', 34, /^unexpected '\)'/],
  ['SELECT a FROM t GROUP BY GROUPING SETS ((a, b)', 47, /^unexpected end of the statement/],
  ['SELECT a FROM t GROUP BY ROLLUP (GROUPING SETS (a))', 34, /^unexpected 'GROUPING'|SETS/],
  ['SELECT NOT FROM t', 12, "unexpected 'FROM', expected an expression"],
  ['INSERT t SELECT 1', 8, "unexpected 't', expected INTO"],
  ['CREATE INDEX i ON t (a)', 8, /^unexpected 'INDEX'/],
  ['CREATE TABLE t ()', 17, /^unexpected '\)'/],
  ['CREATE TABLE t (order INT)', 17, /^unexpected 'order'/],
  ['CREATE TABLE t (a)', 18, /^unexpected '\)', expected AS or a type/],
  ['CREATE TABLE t (a STRNG)', 19, "'STRNG' is not a type"],
  ['CREATE TABLE t (a INT DEFAULT 5)', 23, /^unexpected 'DEFAULT'/],
  ['CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts)', 50, "unexpected ')', expected AS"],
  ["CREATE TABLE t (a INT) WITH ('a' = 'b',)", 40, /^unexpected '\)'/],
  ['SET a = b', 5, /^unexpected 'a'/],
  ['SHOW TABLE', 6, "unexpected 'TABLE', expected TABLES"],
  ['SELECT 1 SELECT 2', 10, /^unexpected 'SELECT'/],
  ['SELECT 1abc def', 13, /^unexpected 'def'/],
];

test.each(PARSE)('%s', (text, column, message) => {
  const error = failure(text);
  expect(error.code).toBe('SQL_PARSE');
  expect(error.details).toMatchObject({ line: 1, column });
  if (typeof message === 'string') expect(messageOf(error)).toBe(message);
  else expect(messageOf(error)).toMatch(message);
});

const UNSUPPORTED: readonly (readonly [text: string, column: number, construct: string])[] = [
  ['SELECT * FROM a JOIN b ON a.x = b.x', 17, 'JOIN'],
  ['SELECT * FROM a x LEFT OUTER JOIN b ON TRUE', 19, 'JOIN'],
  ['SELECT * FROM a, b', 16, 'JOIN'],
  ['WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x', 6, 'WITH RECURSIVE'],
  ['SELECT SUM(a) OVER (ORDER BY b) FROM t', 15, 'OVER'],
  ['SELECT a FROM t WHERE EXISTS (SELECT 1)', 23, 'EXISTS'],
  ['SELECT a FROM t WHERE a IN (SELECT 1)', 29, 'a subquery inside an expression'],
  ['SELECT (SELECT 1)', 9, 'a subquery inside an expression'],
  ["SELECT x'45'", 8, 'a string literal with a prefix'],
  ['CREATE TABLE t (a INT) LIKE u', 24, 'CREATE TABLE LIKE'],
  ['CREATE TABLE t AS SELECT 1', 16, 'CREATE TABLE AS'],
  ['CREATE TEMPORARY FUNCTION f AS \'x\'', 18, 'CREATE FUNCTION'],
  ['ALTER TABLE t RENAME TO u', 15, 'ALTER TABLE … RENAME'],
  ['ALTER DATABASE d SET (1)', 7, 'ALTER DATABASE'],
  ["STOP JOB 'x' WITH SAVEPOINT", 1, 'STOP JOB'],
  ['EXECUTE STATEMENT SET BEGIN', 1, 'EXECUTE STATEMENT SET'],
  ['BEGIN STATEMENT SET', 1, 'BEGIN STATEMENT SET'],
  ['INSERT OVERWRITE t SELECT 1', 8, 'INSERT OVERWRITE'],
  ['SHOW FUNCTIONS', 6, 'SHOW FUNCTIONS'],
  ['SHOW TABLES LIKE \'x\'', 13, 'SHOW TABLES LIKE'],
  ['EXPLAIN CHANGELOG_MODE SELECT 1', 9, 'EXPLAIN CHANGELOG_MODE'],
  ['SELECT * FROM TABLE(my_function(1))', 21, 'the table function my_function'],
];

test.each(UNSUPPORTED)('%s', (text, column, construct) => {
  const error = failure(text);
  expect(error.code).toBe('SQL_UNSUPPORTED');
  expect(messageOf(error)).toBe(`${construct} is not supported yet`);
  expect(error.details).toMatchObject({ line: 1, column });
});

const INVALID: readonly (readonly [text: string, column: number, message: string])[] = [
  ['CREATE TABLE t (a DECIMAL(39, 2))', 27, 'the precision of DECIMAL must be 1 to 38'],
  ['CREATE TABLE t (a DECIMAL(5, 6))', 30, 'the scale of DECIMAL must be 0 to 5'],
  ['CREATE TABLE t (a TIMESTAMP(10))', 29, 'the precision of TIMESTAMP must be 0 to 9'],
  ['CREATE TABLE t (a VARCHAR(0))', 27, 'the length of VARCHAR must be 1 to 2147483647'],
  ['CREATE TABLE t (a INT, PRIMARY KEY (a))', 24, 'a primary key is not checked and must say so'],
  ['CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR a AS a)', 46, 'a table has at most one WATERMARK'],
  ["CREATE TABLE t (a INT) WITH ('k' = '1', 'k' = '2')", 41, "the option 'k' is given twice"],
  ['SELECT * FROM TABLE(TUMBEL(TABLE t))', 21, "there is no table function 'TUMBEL'"],
];

test.each(INVALID)('%s', (text, column, message) => {
  const error = failure(text);
  expect(error.code).toBe('SQL_VALIDATE');
  expect(messageOf(error)).toBe(message);
  expect(error.details).toMatchObject({ line: 1, column });
});

describe('hints', () => {
  test.each([
    ['SELECT value FROM t', 'value is a reserved word; as a name it stands in backticks: `value`.'],
    ['CREATE TABLE t (a TEXT)', 'The type is called STRING.'],
    ['CREATE TABLE t (a STRNG)', "Did you mean 'STRING'?"],
    ['SELECT a FROM t WHERE a != 1', 'The comparison is written <>.'],
    ['SELECT * FROM TABLE(TUMBEL(TABLE t))', "Did you mean 'TUMBLE'?"],
    ['INSRET INTO t SELECT 1', 'Did you mean INSERT?'],
  ])('%s', (text, hint) => {
    expect(failure(text).hint).toBe(hint);
  });
});

describe('bounds', () => {
  const deep = 100_000;
  test.each([
    ['parentheses', `SELECT ${'('.repeat(deep)}1`],
    ['signs', `SELECT ${'+'.repeat(deep)}1`],
    ['negations', `SELECT ${'NOT '.repeat(deep)}a`],
    ['calls', `SELECT ${'f('.repeat(deep)}1`],
    ['subqueries', 'SELECT * FROM ('.repeat(deep)],
    ['queries', '('.repeat(deep)],
    ['cases', `SELECT ${'CASE '.repeat(deep)}`],
    ['a chain of operators', `SELECT ${'1 + '.repeat(deep)}1`],
  ])('%s', (_, text) => {
    expect(messageOf(failure(text))).toMatch(/^(nested deeper than 200 levels|more than 1000 operators in one expression)$/);
  });

  test('a long list is not deep', () => {
    expect(parseScript(`SELECT a FROM t WHERE a IN (${Array.from({ length: deep }, (_, n) => n).join(', ')})`)).toHaveLength(1);
  });

  test('each expression has its own bounds', () => {
    const items = `${'1 + '.repeat(900)}1, `.repeat(10);
    expect(parseScript(`SELECT ${items}1; SELECT ${items}1`)).toHaveLength(2);
  });
});
