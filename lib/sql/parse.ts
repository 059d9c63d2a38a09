/**
 * Flink SQL to syntax trees. Whatever the input, what these functions throw is a `SluiceError` with a code SQL_* that
 * points at the place.
 */
import type { Expression, QualifiedName, Statement } from './ast.ts';
import { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseOne } from './parse-statement.ts';

/** The statements of a script, separated by semicolons; empty ones are left out. */
export function parseScript(text: string): Statement[] {
  const cursor = new Cursor(text);
  const statements: Statement[] = [];
  for (;;) {
    while (cursor.accept(';'));
    if (cursor.current.kind === 'end') return statements;
    statements.push(parseOne(cursor));
  }
}

/** Exactly one statement, with or without a semicolon. */
export function parseStatement(text: string): Statement {
  const cursor = new Cursor(text);
  const statement = parseOne(cursor);
  cursor.accept(';');
  expectEnd(cursor);
  return statement;
}

/** The name of a table alone, as options give it. */
export function parseQualifiedName(text: string): QualifiedName {
  const cursor = new Cursor(text);
  const name = cursor.qualifiedName('the name of a table');
  expectEnd(cursor);
  return name;
}

/** An expression alone, as catalogs keep those of computed columns and watermarks. */
export function parseExpressionText(text: string): Expression {
  const cursor = new Cursor(text);
  const expression = parseExpression(cursor);
  expectEnd(cursor);
  cursor.finish();
  return expression;
}

function expectEnd(cursor: Cursor): void {
  if (cursor.current.kind !== 'end') throw cursor.unexpected('end of the text');
}
