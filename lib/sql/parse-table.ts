/** What stands behind FROM: tables, subqueries and window table functions. */
import type {
  Descriptor,
  Identifier,
  NamedTable,
  Subquery,
  TableArgument,
  TableReference,
  WindowArgument,
  WindowFunction,
  WindowTable,
} from './ast.ts';
import { didYouMean, sqlError } from './diagnostic.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseHints } from './parse-hint.ts';
import { parseQuery } from './parse-query.ts';

export function parseTable(cursor: Cursor): TableReference {
  rejectOther(cursor);
  if (cursor.at('(')) return parseSubquery(cursor);
  if (cursor.at('TABLE')) return parseWrapped(cursor);
  const table = cursor.peek(1).keyword === '(' && cursor.atName() ? parseFunction(cursor) : parseNamed(cursor);
  return withAlias(cursor, table);
}

function rejectOther(cursor: Cursor): void {
  const found = ['LATERAL', 'UNNEST', 'VALUES'].find((keyword) => cursor.is(keyword));
  if (found !== undefined) throw cursor.unsupported(found);
}

/** Clauses that an alias without AS in front of them may be a misspelling of. */
const FOLLOWERS = ['WHERE', 'GROUP BY', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'JOIN', 'UNION'];

function withAlias<Table extends TableReference>(cursor: Cursor, table: Table): Table {
  readPeriod(cursor);
  const alias = cursor.alias(FOLLOWERS);
  const columnAliases = alias !== null && cursor.is('(') ? cursor.parenthesized(() => cursor.identifier('a column')) : [];
  const after = ['MATCH_RECOGNIZE', 'TABLESAMPLE', 'PIVOT', 'UNPIVOT'].find((keyword) => cursor.is(keyword));
  if (after !== undefined) throw cursor.unsupported(after);
  return { ...table, alias, columnAliases, span: cursor.spanFrom(table.span.start) };
}

/** `FOR SYSTEM_TIME AS OF time`, for its syntax alone. */
function readPeriod(cursor: Cursor): void {
  if (!cursor.is('FOR')) return;
  cursor.refuse('FOR SYSTEM_TIME AS OF');
  cursor.expect('FOR', 'SYSTEM_TIME', 'AS', 'OF');
  parseExpression(cursor);
}

function parseNamed(cursor: Cursor): NamedTable {
  const name = cursor.qualifiedName('a table');
  const hints = parseHints(cursor);
  return { kind: 'named-table', name, alias: null, columnAliases: [], hints, span: cursor.spanFrom(name.span.start) };
}

function parseSubquery(cursor: Cursor): TableReference {
  return withAlias(cursor, parseBareSubquery(cursor));
}

function parseBareSubquery(cursor: Cursor): Subquery {
  const { start } = cursor.current.span;
  cursor.expect('(');
  const query = parseQuery(cursor);
  cursor.expect(')');
  return { kind: 'subquery', query, alias: null, columnAliases: [], span: cursor.spanFrom(start) };
}

/** `TABLE(TUMBLE(…))`. */
function parseWrapped(cursor: Cursor): TableReference {
  cursor.expect('TABLE', '(');
  const table = parseFunction(cursor);
  cursor.expect(')');
  return withAlias(cursor, table);
}

const FUNCTIONS: readonly WindowFunction[] = ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'];

function parseFunction(cursor: Cursor): WindowTable {
  const { span } = cursor.current;
  const name = windowFunction(cursor);
  const args = cursor.parenthesized(() => parseArgument(cursor));
  return {
    kind: 'window-table',
    function: name,
    functionSpan: span,
    arguments: args,
    alias: null,
    columnAliases: [],
    span: cursor.spanFrom(span.start),
  };
}

function windowFunction(cursor: Cursor): WindowFunction {
  const found = FUNCTIONS.find((name) => cursor.accept(name));
  if (found !== undefined) return found;
  if (!cursor.atName()) throw cursor.unexpected('a window function');
  const { value, span } = cursor.current;
  const hint = didYouMean(value, FUNCTIONS);
  if (hint === undefined) throw cursor.unsupported(`the table function ${value}`);
  throw sqlError('SQL_VALIDATE', cursor.source, span, `there is no table function '${value}'`, hint);
}

function parseArgument(cursor: Cursor): WindowArgument {
  const { start } = cursor.current.span;
  const name = cursor.peek(1).keyword === '=>' ? cursor.identifier('an argument') : null;
  if (name !== null) cursor.expect('=>');
  const value = parseValue(cursor);
  return { kind: 'window-argument', name, value, span: cursor.spanFrom(start) };
}

function parseValue(cursor: Cursor): WindowArgument['value'] {
  if (cursor.at('TABLE') || cursor.at('(', 'SELECT') || cursor.is('(', 'WITH') || cursor.is('(', 'VALUES')) return parseTableArgument(cursor);
  if (cursor.at('DESCRIPTOR', '(')) return parseDescriptor(cursor);
  return parseExpression(cursor);
}

function parseTableArgument(cursor: Cursor): TableArgument {
  const { start } = cursor.current.span;
  const input = cursor.accept('TABLE') ? parseNamed(cursor) : parseBareSubquery(cursor);
  const partitionBy = cursor.accept('PARTITION') ? parsePartition(cursor) : [];
  if (cursor.is('ORDER')) throw cursor.unsupported('ORDER BY in an argument of a window function');
  return { kind: 'table-argument', input, partitionBy, span: cursor.spanFrom(start) };
}

/** One column, or several in parentheses: a comma would end the argument. */
function parsePartition(cursor: Cursor): Identifier[] {
  cursor.expect('BY');
  const column = (): Identifier => cursor.identifier('a column');
  return cursor.at('(') ? cursor.parenthesized(column) : [column()];
}

function parseDescriptor(cursor: Cursor): Descriptor {
  const { start } = cursor.advance().span;
  const columns = cursor.parenthesized(() => cursor.identifier('a column'));
  return { kind: 'descriptor', columns, span: cursor.spanFrom(start) };
}
