/** Our parser and dt-sql-parser's, which others wrote from Flink's documentation, over statements made from the grammar. */
import { tmpdir } from 'node:os';
import { beforeAll, expect, test, vi } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { tokenize } from '../../lib/sql/lexer.ts';
import { parseStatement } from '../../lib/sql/parse.ts';
import { otherParser, type OtherParser } from './dt-parser.ts';
import { Statements } from './generated-statements.ts';
import { randomness } from './mutated-statements.ts';

let other: OtherParser;

beforeAll(async () => {
  other = await otherParser(tmpdir());
}, 60_000);

/** What is Flink SQL, whether it is run or not. */
function isOurs(statement: string): boolean {
  try {
    parseStatement(statement);
    return true;
  } catch (error) {
    return !isError(error, 'SQL_PARSE');
  }
}

const isTheirs = (statement: string): boolean => other.validate(statement).length === 0;

test('both take what the grammar makes', { timeout: 180_000 }, () => {
  const statements = new Statements(3);
  const made = Array.from({ length: 80 }, () => statements.next());
  expect(made.filter((statement) => !isOurs(statement))).toEqual([]);
  expect(made.filter((statement) => !isTheirs(statement))).toEqual([]);
});

test('they seldom differ where a token is missing', { timeout: 180_000 }, () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const statements = new Statements(11);
  const random = randomness(5);
  const broken = Array.from({ length: 80 }, () => withoutToken(statements.next(), random()));
  const differing = broken.filter((statement) => isOurs(statement) !== isTheirs(statement));
  // They take options without =, and a name or a number behind a value as another alias; we take TABLE t as a query, as Calcite does.
  expect(differing.length).toBeLessThan(broken.length / 10);
  expect(broken.filter((statement) => !isOurs(statement)).length).toBeGreaterThan(broken.length / 2);
});

function withoutToken(statement: string, at: number): string {
  const spans = tokenize(statement).map(({ span }) => span);
  const { start, end } = spans[Math.floor(at * spans.length)] ?? { start: 0, end: 0 };
  return statement.slice(0, start) + statement.slice(end);
}
