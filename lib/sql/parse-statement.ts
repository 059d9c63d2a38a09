/** Statements, by their first words. */
import type { AlterTable, AlterView, Insert, QueryStatement, ShowSubject, Statement } from './ast.ts';
import { parseCreate, parseSpannedQuery, type Bare } from './parse-create.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseOption, parseOptions } from './parse-option.ts';
import { atQuery, parseQuery } from './parse-query.ts';

/** One statement, up to its semicolon or the end of the text, neither of which is taken. */
export function parseOne(cursor: Cursor): Statement {
  const { start } = cursor.current.span;
  const bare = parseBare(cursor);
  if (cursor.current.kind !== 'end' && !cursor.at(';')) throw cursor.unexpected('end of the statement');
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
  throw cursor.unexpected('a statement');
}

const STATEMENTS: ReadonlyMap<string, (cursor: Cursor) => Bare<Statement>> = new Map<
  string,
  (cursor: Cursor) => Bare<Statement>
>([
  ['INSERT', parseInsert],
  ['CREATE', parseCreate],
  ['ALTER', parseAlter],
  ['DROP', parseDrop],
  ['USE', parseUse],
  ['SET', (cursor) => ({ kind: 'set', option: atEnd(cursor) ? null : parseOption(cursor) })],
  ['RESET', (cursor) => ({ kind: 'reset', key: atEnd(cursor) ? null : cursor.text("a string such as 'key'") })],
  ['SHOW', parseShow],
  ['DESCRIBE', parseDescribe],
  ['DESC', parseDescribe],
  ['EXPLAIN', parseExplain],
]);

const atEnd = (cursor: Cursor): boolean => cursor.current.kind === 'end' || cursor.is(';');

/** First words of the statements of Flink SQL that are not run; two words where one would say too little. */
const OTHER: readonly (readonly string[])[] = [
  ['STOP', 'JOB'],
  ['BEGIN', 'STATEMENT', 'SET'],
  ['EXECUTE', 'STATEMENT', 'SET'],
  ['EXECUTE', 'PLAN'],
  ['COMPILE'],
  ['EXECUTE'],
  ['ANALYZE'],
  ['CALL'],
  ['DELETE'],
  ['UPDATE'],
  ['MERGE'],
  ['UPSERT'],
  ['TRUNCATE'],
  ['REPLACE', 'TABLE'],
  ['LOAD', 'MODULE'],
  ['UNLOAD', 'MODULE'],
  ['ADD', 'JAR'],
  ['REMOVE', 'JAR'],
];

function rejectOther(cursor: Cursor): void {
  const found = OTHER.find((words) => cursor.is(...words));
  if (found !== undefined) throw cursor.unsupported(found.join(' '));
}

function parseInsert(cursor: Cursor): Bare<Insert> {
  if (cursor.is('OVERWRITE')) throw cursor.unsupported('INSERT OVERWRITE');
  cursor.expect('INTO');
  const table = cursor.qualifiedName('a table');
  if (cursor.is('/*+')) throw cursor.unsupported('a hint on the table of an INSERT');
  if (cursor.is('PARTITION')) throw cursor.unsupported('INSERT INTO … PARTITION');
  const listed = cursor.at('(') && cursor.peek(1).keyword !== 'SELECT' && cursor.peek(1).keyword !== '(';
  const columns = listed ? cursor.parenthesized(() => cursor.identifier('a column')) : null;
  return { kind: 'insert', table, columns, query: parseQuery(cursor) };
}

function parseAlter(cursor: Cursor): Bare<AlterTable | AlterView> {
  if (cursor.accept('VIEW')) return parseAlterView(cursor);
  if (!cursor.accept('TABLE')) throw cursor.unsupported(`ALTER ${cursor.current.keyword}`);
  const ifExists = parseIfExists(cursor);
  const name = cursor.qualifiedName('a table');
  const altered = { kind: 'alter-table', ifExists, name } as const;
  if (cursor.accept('SET')) return { ...altered, set: parseOptions(cursor), reset: [] };
  if (cursor.accept('RESET')) return { ...altered, set: [], reset: cursor.parenthesized(() => cursor.text("a string such as 'key'")) };
  throw cursor.unsupported(`ALTER TABLE … ${cursor.current.keyword}`, undefined, 'Options are changed with SET and RESET; for other columns, make a new table.');
}

function parseAlterView(cursor: Cursor): Bare<AlterView> {
  const altered = { kind: 'alter-view', name: cursor.qualifiedName('a view') } as const;
  if (cursor.accept('RENAME')) {
    cursor.expect('TO');
    return { ...altered, change: { kind: 'rename', to: cursor.qualifiedName('a view') } };
  }
  cursor.expect('AS');
  return { ...altered, change: { kind: 'query', ...parseSpannedQuery(cursor) } };
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

const parseIfExists = (cursor: Cursor): boolean => cursor.accept('IF', 'EXISTS');

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

const SUBJECTS: readonly ShowSubject[] = [
  'CATALOGS',
  'DATABASES',
  'TABLES',
  'CURRENT CATALOG',
  'CURRENT DATABASE',
  'JOBS',
];

const OTHER_SUBJECTS = ['VIEWS', 'FUNCTIONS', 'USER', 'COLUMNS', 'PARTITIONS', 'PROCEDURES', 'MODULES', 'MODELS', 'JARS'];

function parseShow(cursor: Cursor): Bare<Statement> {
  if (cursor.accept('CREATE', 'TABLE')) return { kind: 'show-create-table', name: cursor.qualifiedName('a table') };
  const what = SUBJECTS.find((subject) => cursor.accept(...subject.split(' ')));
  if (what === undefined) throw notShown(cursor);
  const filtered = ['FROM', 'IN', 'LIKE', 'ILIKE', 'NOT'].find((word) => cursor.is(word));
  if (filtered !== undefined) throw cursor.unsupported(`SHOW ${what} ${filtered}`);
  return { kind: 'show', what };
}

function notShown(cursor: Cursor): Error {
  if (cursor.is('CREATE')) {
    cursor.advance();
    return cursor.is('TABLE') ? cursor.unexpected() : cursor.unsupported('SHOW CREATE of anything but a table');
  }
  const { keyword } = cursor.current;
  return [...OTHER_SUBJECTS, 'FULL'].includes(keyword) ? cursor.unsupported(`SHOW ${keyword}`) : cursor.unexpected();
}

function parseDescribe(cursor: Cursor): Bare<Statement> {
  const other = ['CATALOG', 'DATABASE', 'FUNCTION', 'JOB', 'MODEL'].find(
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

function parseExplain(cursor: Cursor): Bare<Statement> {
  const details = ['ESTIMATED_COST', 'CHANGELOG_MODE', 'JSON_EXECUTION_PLAN', 'PLAN_ADVICE'];
  const detail = details.find((word) => cursor.is(word));
  if (detail !== undefined) throw cursor.unsupported(`EXPLAIN ${detail}`);
  if (cursor.is('STATEMENT', 'SET')) throw cursor.unsupported('EXPLAIN STATEMENT SET');
  cursor.accept('PLAN', 'FOR');
  const { start } = cursor.current.span;
  return { kind: 'explain', statement: located(cursor, parseExplained(cursor), start) };
}

function parseExplained(cursor: Cursor): Bare<Insert | QueryStatement> {
  if (cursor.accept('INSERT')) return parseInsert(cursor);
  return { kind: 'query', query: parseQuery(cursor) };
}
