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
const messageOf = (error: SluiceError): string => error.message.split('\n')[0]?.replace(/^SQL_\w+(?: at line \d+, column \d+)?: /, '') ?? '';

test('the message shows the place', () => {
  const error = failure('CREATE DATABASE d;\n\nSELECT a FORM t');
  expect(error.message).toBe(
    [
      `SQL_PARSE: Encountered "t" at line 3, column 15. Expected ',', FROM, WHERE, GROUP, HAVING, ORDER, LIMIT, OFFSET ….`,
      '  3 | SELECT a FORM t',
      '    |               ^',
    ].join('\n'),
  );
  expect(error.details).toEqual({ line: 3, column: 15, endLine: 3, endColumn: 15 });
  expect(error.hint).toBe('Did you mean FROM instead of FORM?');
});

const PARSE: readonly (readonly [text: string, column: number, message: string])[] = [
  ['SELEC a FROM t', 1, 'Non-query expression encountered in illegal context'],
  ['SELECT a FROM t WHER b', 22, `Encountered "b" at line 1, column 22. Expected WHERE, GROUP, HAVING, ORDER, LIMIT, OFFSET, FETCH, ';' ….`],
  ['SELECT a FROM t GROUP a', 23, 'Encountered "a" at line 1, column 23. Expected BY.'],
  ['SELECT a FROM t WHERE a == 1', 25, 'Encountered "= =" at line 1, column 25. Expected a value behind =.'],
  ['SELECT a FROM t WHERE a != 1', 25, "Bang equal '!=' is not allowed under the current SQL conformance level"],
  ['SELECT "a" FROM t', 8, `Encountered "\\"" at line 1, column 8. Expected '/*+', DISTINCT, ALL, '*' or an expression.`],
  ['SELECT @a FROM t', 8, 'Lexical error at line 1, column 8.  Encountered: "@" (64), after : ""'],
  ['SELECT a::STRING FROM t', 9, `Encountered ":" at line 1, column 9. Expected AS, ',', FROM, WHERE, GROUP, HAVING, ORDER, LIMIT ….`],
  ['SELECT a | b FROM t', 10, `Encountered "|" at line 1, column 10. Expected AS, ',', FROM, WHERE, GROUP, HAVING, ORDER, LIMIT ….`],
  ['SELECT a,, b FROM t', 10, `Encountered "," at line 1, column 10. Expected '*' or an expression.`],
  ['SELECT `a FROM t', 17, 'Lexical error at line 1, column 17.  Encountered: <EOF> after : "`a FROM t"'],
  ["SELECT 'a FROM t", 8, `Encountered "\\'" at line 1, column 8. Expected '/*+', DISTINCT, ALL, '*' or an expression.`],
  ['SELECT a /* x FROM t', 21, 'Lexical error at line 1, column 21.  Encountered: <EOF> after : "/* x FROM t"'],
  ['SELECT `` FROM t', 8, 'Lexical error at line 1, column 8.  Encountered: "`" (96), after : ""'],
  ['SELECT a AS order FROM t', 13, 'Encountered "order" at line 1, column 13. Expected a name.'],
  ['SELECT value FROM t', 8, `Encountered "value" at line 1, column 8. Expected '/*+', DISTINCT, ALL, '*' or an expression.`],
  ['SELECT a FROM table', 19, `Encountered "<EOF>" at line 1, column 19. Expected '('.`],
  ['SELECT a FROM t WHERE a BETWEEN 1', 34, 'BETWEEN operator has no terminating AND'],
  ['SELECT a FROM t WHERE a IN ()', 29, 'Encountered ")" at line 1, column 29. Expected an expression.'],
  ['SELECT CASE a END FROM t', 15, 'Encountered "END" at line 1, column 15. Expected WHEN.'],
  ['SELECT COUNT(DISTINCT) FROM t', 22, 'Encountered ")" at line 1, column 22. Expected an expression.'],
  ['SELECT COUNT(DISTINCT *) FROM t', 23, 'Encountered "*" at line 1, column 23. Expected an expression.'],
  ['SELECT COUNT(*) FILTER (a > 1) FROM t', 25, 'Encountered "a" at line 1, column 25. Expected WHERE.'],
  ['SELECT a IS 5 FROM t', 10, "Incorrect syntax near the keyword 'IS' at line 1, column 10. Expected NULL, NOT NULL, TRUE, FALSE or DISTINCT FROM behind IS."],
  ['SELECT a FROM t LIMIT 1, 2', 24, "'LIMIT start, count' is not allowed under the current SQL conformance level"],
  ['SELECT a FROM t OFFSET 1 LIMIT 2', 26, "'OFFSET start LIMIT count' is not allowed under the current SQL conformance level"],
  ['SELECT a FROM t FETCH FIRST 2 ROWS', 34, 'Encountered "<EOF>" at line 1, column 34. Expected ONLY.'],
  ['SELECT a FROM t LIMIT -1', 23, 'Encountered "-" at line 1, column 23. Expected ALL or a number.'],
  ["SELECT INTERVAL '5' MILLISECOND", 21, 'Encountered "MILLISECOND" at line 1, column 21. Expected YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE or SECOND.'],
  ["SELECT INTERVAL '5' MONTH TO DAY", 30, 'Encountered "DAY" at line 1, column 30. Expected something else.'],
  ['SELECT a FROM t HAVING a GROUP BY a', 26, `Encountered "GROUP" at line 1, column 26. Expected ORDER, LIMIT, OFFSET, FETCH, ';' or end of the statement.`],
  ['SELECT a FROM t GROUP BY ROLLUP ()', 34, 'Encountered ")" at line 1, column 34. Expected an expression.'],
  ['SELECT a FROM t GROUP BY GROUPING SETS ((a, b)', 46, `Encountered "<EOF>" at line 1, column 46. Expected ',' or ')'.`],
  ['SELECT a FROM t GROUP BY ROLLUP (GROUPING SETS (a))', 34, "Incorrect syntax near the keyword 'GROUPING' at line 1, column 34. Expected an expression."],
  ['SELECT NOT FROM t', 12, "Incorrect syntax near the keyword 'FROM' at line 1, column 12. Expected an expression."],
  ['INSERT t SELECT 1', 8, 'Encountered "t" at line 1, column 8. Expected INTO.'],
  ['CREATE INDEX i ON t (a)', 8, 'Encountered "INDEX" at line 1, column 8. Expected CATALOG, DATABASE, TEMPORARY, VIEW or TABLE.'],
  ['CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR a AS a)', 46, 'Multiple WATERMARK statements is not supported yet.'],
  ['CREATE TABLE t ()', 17, 'Encountered ")" at line 1, column 17. Expected WATERMARK, PRIMARY, CONSTRAINT or a column.'],
  ['CREATE TABLE t (order INT)', 17, 'Encountered "order" at line 1, column 17. Expected WATERMARK, PRIMARY, CONSTRAINT or a column.'],
  ['CREATE TABLE t (a)', 17, 'Columns identifiers without types in the schema are supported on CTAS/RTAS statements only.'],
  ['CREATE TABLE t (a INT DEFAULT 5)', 23, `Encountered "DEFAULT" at line 1, column 23. Expected NOT NULL, NULL, METADATA, PRIMARY, CONSTRAINT, COMMENT, ',' or ')'.`],
  ['CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts)', 50, 'Encountered ")" at line 1, column 50. Expected AS.'],
  ["CREATE TABLE t (a INT) WITH ('a' = 'b',)", 40, `Encountered ")" at line 1, column 40. Expected a string such as 'key'.`],
  ['SET a = b', 5, `Encountered "a" at line 1, column 5. Expected a string such as 'key'.`],
  ['SHOW TABLE', 6, 'Encountered "TABLE" at line 1, column 6. Expected TABLES.'],
  ['SELECT 1 SELECT 2', 10, "Incorrect syntax near the keyword 'SELECT' at line 1, column 10. Expected AS, ',', FROM, WHERE, GROUP, HAVING, ORDER, LIMIT …."],
  ['SELECT 1abc def', 13, `Encountered "def" at line 1, column 13. Expected ',', FROM, WHERE, GROUP, HAVING, ORDER, LIMIT, OFFSET ….`],
];

test.each(PARSE)('%s', (text, column, message) => {
  const error = failure(text);
  expect(error.code).toBe('SQL_PARSE');
  expect(error.details).toMatchObject({ line: 1, column });
  expect(messageOf(error)).toBe(message);
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
  ['SELECT * FROM a NATURAL LEFT JOIN b JOIN c USING (x, y), d WHERE EXISTS (SELECT 1)', 17, 'JOIN'],
  ["SELECT SUM(a) OVER (w PARTITION BY b, c ORDER BY d DESC NULLS LAST RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) FROM t", 15, 'OVER'],
  ['SELECT SUM(a) OVER w FROM t', 15, 'OVER'],
  ['SELECT SUM(a) OVER (ORDER BY b ROWS UNBOUNDED PRECEDING) FROM t', 15, 'OVER'],
  ['SELECT * FROM t FOR SYSTEM_TIME AS OF ts AS x', 17, 'FOR SYSTEM_TIME AS OF'],
  ['CREATE TABLE t AS SELECT 1', 16, 'CREATE TABLE AS'],
  ['CREATE TEMPORARY FUNCTION f AS \'x\'', 18, 'CREATE FUNCTION'],
  ['ALTER DATABASE d SET (1)', 7, 'ALTER DATABASE'],
  ['INSERT OVERWRITE t SELECT 1', 8, 'INSERT OVERWRITE'],
  ['EXPLAIN CHANGELOG_MODE SELECT 1', 9, 'EXPLAIN CHANGELOG_MODE'],
  ['SELECT * FROM TABLE(my_function(1))', 21, 'the table function my_function'],
];

test.each(UNSUPPORTED)('%s', (text, column, construct) => {
  const error = failure(text);
  expect(error.code).toBe('SQL_UNSUPPORTED');
  expect(messageOf(error)).toBe(`${construct} is not supported yet`);
  expect(error.details).toMatchObject({ line: 1, column });
});

/** What is not run yet is read all the same: Flink, too, parses before it judges. */
const MISTAKES_BEHIND: readonly (readonly [text: string, column: number, message: string])[] = [
  ['SELECT * FROM a JOIN b ON', 25, 'Encountered "<EOF>" at line 1, column 25. Expected an expression.'],
  ['SELECT * FROM a LEFT b', 22, 'Encountered "b" at line 1, column 22. Expected OUTER or JOIN.'],
  ['SELECT * FROM a, WHERE x', 18, `Incorrect syntax near the keyword 'WHERE' at line 1, column 18. Expected '(', TABLE or a table.`],
  ['SELECT SUM(a) OVER (PARTITION b) FROM t', 31, 'Encountered "b" at line 1, column 31. Expected BY.'],
  ['SELECT SUM(a) OVER (ORDER BY b ROWS 5) FROM t', 38, 'Encountered ")" at line 1, column 38. Expected PRECEDING or FOLLOWING.'],
  ['SELECT (SELECT 1', 16, `Encountered "<EOF>" at line 1, column 16. Expected AS, ',', FROM, WHERE, GROUP, HAVING, ORDER, LIMIT ….`],
  ['SELECT 1 FROM t FOR UPDATE', 21, 'Encountered "UPDATE" at line 1, column 21. Expected SYSTEM_TIME.'],
  ['UPDATE t SET', 12, 'Encountered "<EOF>" at line 1, column 12. Expected a column.'],
  ['DELETE t', 8, 'Encountered "t" at line 1, column 8. Expected FROM.'],
  ['TRUNCATE t', 10, 'Encountered "t" at line 1, column 10. Expected TABLE.'],
];

test.each(MISTAKES_BEHIND)('%s', (text, column, message) => {
  const error = failure(text);
  expect(error.code).toBe('SQL_PARSE');
  expect(messageOf(error)).toBe(message);
  expect(error.details).toMatchObject({ line: 1, column });
});

const CHANGES = [
  ['UPDATE t AS x SET a = 1, b = b + 1 WHERE c', 'UPDATE statement is not supported for streaming mode now.'],
  ['DELETE FROM t WHERE a = 1;', 'DELETE statement is not supported for streaming mode now.'],
  ['TRUNCATE TABLE t', 'TRUNCATE TABLE statement is not supported in streaming mode.'],
] as const;

test.each(CHANGES)('%s', (text, message) => {
  const error = failure(text);
  expect(error.code).toBe('SQL_UNSUPPORTED');
  expect(messageOf(error)).toBe(message);
});

const INVALID: readonly (readonly [text: string, column: number, message: string])[] = [
  ['CREATE TABLE t (a DECIMAL(5, 6))', 30, 'the scale of DECIMAL must be 0 to 5'],
  ['CREATE TABLE t (a INT, PRIMARY KEY (a))', 24, "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT ENFORCED  controls if the constraint checks are performed on the incoming/outgoing data. Flink does not own the data therefore the only supported mode is the NOT ENFORCED mode"],
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
    ['a chain of set operations', `SELECT 1${' UNION SELECT 1'.repeat(2000)}`],
  ])('%s', (_, text) => {
    expect(messageOf(failure(text))).toMatch(/^(nested deeper than 200 levels|more than 1000 operators in one expression|more than 200 set operations in one query)$/);
  });

  test('a long list is not deep', () => {
    expect(parseScript(`SELECT a FROM t WHERE a IN (${Array.from({ length: deep }, (_, n) => n).join(', ')})`)).toHaveLength(1);
  });

  test('each expression has its own bounds', () => {
    const items = `${'1 + '.repeat(900)}1, `.repeat(10);
    expect(parseScript(`SELECT ${items}1; SELECT ${items}1`)).toHaveLength(2);
  });
});
