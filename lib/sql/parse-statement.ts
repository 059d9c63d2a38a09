/** Statements, by their first words. */
import type { Insert, QueryStatement, Statement, StatementSet, StatementSetEdge } from './ast.ts';
import { nearest } from '../core/nearest.ts';
import { parseAlter, parseIfExists } from './parse-alter.ts';
import { rejectChange } from './parse-change.ts';
import { parseCreate, type Bare } from './parse-create.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseHints } from './parse-hint.ts';
import { parseDescribeJob, parseStop } from './parse-job.ts';
import { parseOption } from './parse-option.ts';
import { atQuery, parseQuery } from './parse-query.ts';
import { parseShow } from './parse-show.ts';

/** One statement, up to its semicolon or the end of the text, neither of which is taken. */
export function parseOne(cursor: Cursor): Statement {
  const { start } = cursor.current.span;
  const bare = parseBare(cursor);
  if (cursor.current.kind !== 'end' && !cursor.at(';')) throw cursor.unexpected('end of the statement');
  cursor.finish();
  return located(cursor, bare, start);
}

function located<Parsed extends Bare<Statement>>(cursor: Cursor, bare: Parsed, start: number): Parsed & Located {
  const span = cursor.spanFrom(start);
  return { ...bare, span, text: cursor.source.slice(span.start, span.end), source: cursor.source };
}

type Located = Pick<Statement, 'span' | 'text' | 'source'>;

function parseBare(cursor: Cursor): Bare<Statement> {
  rejectOther(cursor);
  if (atQuery(cursor) || cursor.is('(')) return { kind: 'query', query: parseQuery(cursor) };
  for (const [keyword, parse] of STATEMENTS) if (cursor.accept(keyword)) return parse(cursor);
  throw beginsExpression(cursor) ? notAQuery(cursor) : cursor.unexpected('a statement');
}

/** Flink reads what begins with no keyword of a statement as an expression, and finds that it is none of a query. */
function beginsExpression(cursor: Cursor): boolean {
  const { kind } = cursor.current;
  return cursor.atName() || kind === 'string' || kind === 'number';
}

function notAQuery(cursor: Cursor): Error {
  const { value, span } = cursor.current;
  const meant = nearest(value, ['SELECT', ...STATEMENTS.keys()]);
  return cursor.error(span, 'Non-query expression encountered in illegal context', meant === undefined ? 'A statement begins with a word such as SELECT, INSERT or CREATE.' : `Did you mean ${meant}?`);
}

const STATEMENTS: ReadonlyMap<string, (cursor: Cursor) => Bare<Statement>> = new Map<
  string,
  (cursor: Cursor) => Bare<Statement>
>([
  ['INSERT', parseInsert],
  ['EXECUTE', parseExecuted],
  ['BEGIN', parseBegin],
  ['END', () => ({ kind: 'end-statement-set' })],
  ['CREATE', parseCreate],
  ['ALTER', parseAlter],
  ['DROP', parseDrop],
  ['USE', parseUse],
  ['SET', (cursor) => ({ kind: 'set', option: endsBeforeKey(cursor) ? null : parseOption(cursor) })],
  ['RESET', (cursor) => ({ kind: 'reset', key: endsBeforeKey(cursor) ? null : cursor.text(KEY) })],
  ['SHOW', parseShow],
  ['DESCRIBE', parseDescribe],
  ['DESC', parseDescribe],
  ['EXPLAIN', parseExplain],
  ['STOP', parseStop],
]);

const KEY = "a string such as 'key'";

/** SET and RESET alone are statements, too. */
function endsBeforeKey(cursor: Cursor): boolean {
  cursor.offer([KEY]);
  return cursor.current.kind === 'end' || cursor.is(';');
}

/** First words of the statements of Flink SQL that are not run; two words where one would say too little. */
const OTHER: readonly (readonly string[])[] = [
  ['COMPILE'],
  ['ANALYZE'],
  ['CALL'],
  ['MERGE'],
  ['UPSERT'],
  ['REPLACE', 'TABLE'],
  ['LOAD', 'MODULE'],
  ['UNLOAD', 'MODULE'],
  ['ADD', 'JAR'],
  ['REMOVE', 'JAR'],
];

function rejectOther(cursor: Cursor): void {
  rejectChange(cursor);
  const found = OTHER.find((words) => cursor.is(...words));
  if (found !== undefined) throw cursor.unsupported(found.join(' '));
}

function parseInsert(cursor: Cursor): Bare<Insert> {
  if (cursor.is('OVERWRITE')) throw cursor.unsupported('INSERT OVERWRITE');
  cursor.expect('INTO');
  const table = cursor.qualifiedName('a table');
  const hints = parseHints(cursor);
  if (cursor.is('PARTITION')) throw cursor.unsupported('INSERT INTO … PARTITION');
  const listed = cursor.at('(') && cursor.peek(1).keyword !== 'SELECT' && cursor.peek(1).keyword !== '(';
  const columns = listed ? cursor.parenthesized(() => cursor.identifier('a column')) : null;
  return { kind: 'insert', table, hints, columns, query: parseQuery(cursor) };
}

function parseDrop(cursor: Cursor): Bare<Statement> {
  if (cursor.accept('CATALOG')) {
    return { kind: 'drop-catalog', ifExists: parseIfExists(cursor), name: cursor.identifier('a catalog') };
  }
  if (cursor.accept('DATABASE')) return parseDropDatabase(cursor);
  const temporary = cursor.accept('TEMPORARY');
  if (cursor.accept('VIEW')) return { kind: 'drop-view', temporary, ifExists: parseIfExists(cursor), name: cursor.qualifiedName('a view') };
  const other = ['FUNCTION', 'SYSTEM', 'MODEL', 'CONNECTION', 'MATERIALIZED'].find((word) => cursor.is(word));
  if (other !== undefined) throw cursor.unsupported(`DROP ${other}`);
  cursor.expect('TABLE');
  return { kind: 'drop-table', temporary, ifExists: parseIfExists(cursor), name: cursor.qualifiedName('a table') };
}

function parseDropDatabase(cursor: Cursor): Bare<Statement> {
  const ifExists = parseIfExists(cursor);
  const name = cursor.qualifiedName('a database');
  const cascade = cursor.accept('CASCADE');
  if (!cascade) cursor.accept('RESTRICT');
  return { kind: 'drop-database', ifExists, name, cascade };
}

function parseUse(cursor: Cursor): Bare<Statement> {
  if (cursor.is('MODULES')) throw cursor.unsupported('USE MODULES');
  if (cursor.accept('CATALOG')) return { kind: 'use-catalog', name: cursor.identifier('a catalog') };
  return { kind: 'use-database', name: cursor.qualifiedName('a database') };
}

function parseDescribe(cursor: Cursor): Bare<Statement> {
  if (cursor.is('JOB') && !isLast(cursor)) {
    cursor.advance();
    return parseDescribeJob(cursor);
  }
  const other = ['CATALOG', 'DATABASE', 'FUNCTION', 'MODEL'].find(
    (word) => cursor.is(word) && !isLast(cursor),
  );
  if (other !== undefined) throw cursor.unsupported(`DESCRIBE ${other}`);
  if (cursor.is('EXTENDED')) throw cursor.unsupported('DESCRIBE EXTENDED');
  return { kind: 'describe', name: cursor.qualifiedName('a table') };
}

/** A table may be called `job`: then nothing but its end follows. */
function isLast(cursor: Cursor): boolean {
  const { kind, keyword } = cursor.peek(1);
  return kind === 'end' || keyword === ';' || keyword === '.';
}

const DETAILS = ['ESTIMATED_COST', 'CHANGELOG_MODE', 'JSON_EXECUTION_PLAN', 'PLAN_ADVICE'];

function parseExplain(cursor: Cursor): Bare<Statement> {
  const detail = DETAILS.find((word) => cursor.is(word));
  if (detail !== undefined) throw cursor.unsupported(`EXPLAIN ${detail}`, undefined, 'EXPLAIN alone shows the plan with its state.');
  cursor.accept('PLAN', 'FOR');
  const { start } = cursor.current.span;
  return { kind: 'explain', statement: located(cursor, parseExplained(cursor), start) };
}

function parseExplained(cursor: Cursor): Bare<Insert | StatementSet | QueryStatement> {
  if (cursor.accept('EXECUTE')) return parseExecuted(cursor);
  if (cursor.at('STATEMENT')) return parseStatementSet(cursor);
  if (cursor.is('CREATE')) throw cursor.unsupported('EXPLAIN CREATE TABLE AS');
  if (cursor.accept('INSERT')) return parseInsert(cursor);
  return { kind: 'query', query: parseQuery(cursor) };
}

/** What follows EXECUTE: a statement set, or a statement that is executed without it as well. */
function parseExecuted(cursor: Cursor): Bare<Insert | StatementSet | QueryStatement> {
  if (cursor.is('PLAN')) throw cursor.unsupported('EXECUTE PLAN');
  if (cursor.at('STATEMENT')) return parseStatementSet(cursor);
  if (cursor.accept('INSERT')) return parseInsert(cursor);
  return { kind: 'query', query: parseQuery(cursor) };
}

/** `STATEMENT SET BEGIN INSERT …; … END`. */
function parseStatementSet(cursor: Cursor): Bare<StatementSet> {
  cursor.expect('STATEMENT', 'SET', 'BEGIN');
  return parseInserts(cursor);
}

/** `BEGIN STATEMENT SET; INSERT …; … END`, in one text, or each statement in a text of its own. */
function parseBegin(cursor: Cursor): Bare<StatementSet | StatementSetEdge> {
  cursor.expect('STATEMENT', 'SET');
  if (cursor.current.kind === 'end' || (cursor.at(';') && cursor.peek(1).kind === 'end')) return { kind: 'begin-statement-set' };
  cursor.expect(';');
  return parseInserts(cursor);
}

function parseInserts(cursor: Cursor): Bare<StatementSet> {
  const first = parseMember(cursor);
  const rest: Insert[] = [];
  while (!cursor.accept('END')) rest.push(parseMember(cursor));
  return { kind: 'statement-set', inserts: [first, ...rest] };
}

function parseMember(cursor: Cursor): Insert {
  const { start } = cursor.current.span;
  cursor.expect('INSERT');
  const insert = located(cursor, parseInsert(cursor), start);
  cursor.expect(';');
  return insert;
}
