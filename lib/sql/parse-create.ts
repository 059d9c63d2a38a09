/** CREATE CATALOG, DATABASE and TABLE. */
import type {
  ColumnDefinition,
  CreateCatalog,
  CreateDatabase,
  CreateTable,
  CreateView,
  Identifier,
  LikeFeature,
  LikeOption,
  LikeStrategy,
  MetadataColumn,
  PrimaryKey,
  Query,
  Span,
  TableLike,
  Text,
  TypeNode,
  WatermarkDefinition,
} from './ast.ts';
import { sqlError } from './diagnostic.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { parseWith } from './parse-option.ts';
import { parseQuery } from './parse-query.ts';
import { parseType } from './parse-type.ts';

/** A statement whose text is not cut out yet. */
export type Bare<Statement> = Statement extends unknown ? Omit<Statement, 'text' | 'source' | 'span'> : never;

type Create = Bare<CreateCatalog | CreateDatabase | CreateTable | CreateView>;

/** What follows CREATE. */
export function parseCreate(cursor: Cursor): Create {
  rejectOther(cursor);
  if (cursor.accept('CATALOG')) return parseCreateCatalog(cursor);
  if (cursor.accept('DATABASE')) return parseCreateDatabase(cursor);
  const temporary = cursor.accept('TEMPORARY');
  rejectOther(cursor);
  if (cursor.accept('VIEW')) return parseCreateView(cursor, temporary);
  cursor.expect('TABLE');
  return parseCreateTable(cursor, temporary);
}

const OTHER = ['FUNCTION', 'SYSTEM', 'MODEL', 'CONNECTION', 'MATERIALIZED'];

function rejectOther(cursor: Cursor): void {
  if (cursor.is('OR', 'REPLACE')) throw cursor.unsupported('CREATE OR REPLACE');
  const found = OTHER.find((keyword) => cursor.is(keyword));
  if (found !== undefined) throw cursor.unsupported(`CREATE ${found}`);
}

const parseIfNotExists = (cursor: Cursor): boolean => cursor.accept('IF', 'NOT', 'EXISTS');

function parseCreateCatalog(cursor: Cursor): Create {
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.identifier('a catalog');
  const comment = parseComment(cursor);
  return { kind: 'create-catalog', name, ifNotExists, comment, options: parseWith(cursor) };
}

function parseCreateDatabase(cursor: Cursor): Create {
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.qualifiedName('a database');
  const comment = parseComment(cursor);
  return { kind: 'create-database', name, ifNotExists, comment, options: parseWith(cursor) };
}

const parseComment = (cursor: Cursor): Text | null => (cursor.accept('COMMENT') ? cursor.text('a string') : null);

function parseCreateTable(cursor: Cursor, temporary: boolean): Create {
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.qualifiedName('a table');
  const body = cursor.at('(') ? parseBody(cursor) : NO_BODY;
  const comment = parseComment(cursor);
  if (cursor.is('DISTRIBUTED')) throw cursor.unsupported('DISTRIBUTED');
  const partitionedBy = parsePartitionedBy(cursor);
  const options = parseWith(cursor);
  if (cursor.is('AS')) throw cursor.unsupported('CREATE TABLE AS', undefined, 'Create the table, then INSERT INTO it.');
  const like = cursor.at('LIKE') ? parseLike(cursor) : null;
  return { kind: 'create-table', name, temporary, ifNotExists, ...body, comment, partitionedBy, options, like };
}

function parseCreateView(cursor: Cursor, temporary: boolean): Create {
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.qualifiedName('a view');
  const columns = cursor.at('(') ? cursor.parenthesized(() => cursor.identifier('a column')) : null;
  const comment = parseComment(cursor);
  cursor.expect('AS');
  return { kind: 'create-view', name, temporary, ifNotExists, columns, comment, ...parseSpannedQuery(cursor) };
}

/** A query, and where it stands. */
export function parseSpannedQuery(cursor: Cursor): { readonly query: Query; readonly querySpan: Span } {
  const { start } = cursor.current.span;
  return { query: parseQuery(cursor), querySpan: cursor.spanFrom(start) };
}

const NO_BODY = { columns: [], watermark: null, primaryKey: null } as const;

const STRATEGIES: readonly LikeStrategy[] = ['INCLUDING', 'EXCLUDING', 'OVERWRITING'];
const FEATURES: readonly LikeFeature[] = ['ALL', 'CONSTRAINTS', 'DISTRIBUTION', 'GENERATED', 'METADATA', 'OPTIONS', 'PARTITIONS', 'WATERMARKS'];

function parseLike(cursor: Cursor): TableLike {
  const { start } = cursor.advance().span;
  const table = cursor.qualifiedName('a table');
  const options: LikeOption[] = [];
  if (cursor.accept('(')) {
    do options.push(parseLikeOption(cursor));
    while (!cursor.accept(')'));
  }
  return { kind: 'like', table, options, span: cursor.spanFrom(start) };
}

function parseLikeOption(cursor: Cursor): LikeOption {
  const { start } = cursor.current.span;
  const strategy = STRATEGIES.find((word) => cursor.accept(word));
  if (strategy === undefined) throw cursor.unexpected();
  const feature = FEATURES.find((word) => cursor.accept(word));
  if (feature === undefined) throw cursor.unexpected();
  return { kind: 'like-option', strategy, feature, span: cursor.spanFrom(start) };
}

function parsePartitionedBy(cursor: Cursor): Identifier[] {
  if (!cursor.accept('PARTITIONED')) return [];
  cursor.expect('BY');
  return cursor.parenthesized(() => cursor.identifier('a column'));
}

type Element = ColumnDefinition | WatermarkDefinition | PrimaryKey;

/** The columns, at most one watermark and at most one primary key. */
function parseBody(cursor: Cursor): Pick<CreateTable, 'columns' | 'watermark' | 'primaryKey'> {
  const elements = cursor.parenthesized(() => parseElements(cursor)).flat();
  const watermark = atMostOne(cursor, elements.filter((element) => element.kind === 'watermark'), 'WATERMARK');
  const primaryKey = atMostOne(cursor, elements.filter((element) => element.kind === 'primary-key'), 'PRIMARY KEY');
  const columns = elements.filter((element) => element.kind !== 'watermark' && element.kind !== 'primary-key');
  return { columns, watermark, primaryKey };
}

/** Refuses a second one. */
export function atMostOne<T extends Element>(cursor: Cursor, [first, second]: readonly T[], what: 'WATERMARK' | 'PRIMARY KEY'): T | null {
  if (second === undefined) return first ?? null;
  if (what === 'WATERMARK') throw cursor.error(second.span, 'Multiple WATERMARK statements is not supported yet.', 'A table has at most one.');
  throw sqlError('SQL_VALIDATE', cursor.source, second.span, 'Duplicate primary key definition', 'A table has at most one.');
}

/** A column with what is declared with it, a watermark or a key. */
export function parseElements(cursor: Cursor): Element[] {
  if (cursor.at('WATERMARK')) return [parseWatermark(cursor)];
  if (cursor.is('UNIQUE')) throw notUnique(cursor);
  if (cursor.at('PRIMARY') || cursor.at('CONSTRAINT')) return [parseTableKey(cursor)];
  return parseColumn(cursor);
}

function parseWatermark(cursor: Cursor): WatermarkDefinition {
  const { start } = cursor.current.span;
  cursor.expect('WATERMARK', 'FOR');
  const column = cursor.identifier('a column');
  if (cursor.is('.')) throw cursor.unsupported('a watermark on a nested field');
  cursor.expect('AS');
  const expression = parseExpression(cursor);
  return { kind: 'watermark', column, expression, span: cursor.spanFrom(start) };
}

function parseTableKey(cursor: Cursor): PrimaryKey {
  const { start } = cursor.current.span;
  const name = parseConstraintName(cursor);
  cursor.expect('PRIMARY', 'KEY');
  const columns = cursor.parenthesized(() => cursor.identifier('a column'));
  return finishKey(cursor, name, columns, start);
}

const notUnique = (cursor: Cursor): Error => sqlError('SQL_VALIDATE', cursor.source, cursor.current.span, 'UNIQUE constraint is not supported yet');

function parseConstraintName(cursor: Cursor): Identifier | null {
  if (!cursor.accept('CONSTRAINT')) return null;
  const name = cursor.identifier('a name');
  if (cursor.is('UNIQUE')) throw notUnique(cursor);
  return name;
}

/** Keys are never checked, so Flink wants NOT ENFORCED to be written. */
function finishKey(cursor: Cursor, name: Identifier | null, columns: Identifier[], start: number): PrimaryKey {
  const stated = cursor.accept('NOT');
  if (stated) cursor.expect('ENFORCED');
  const span = cursor.spanFrom(start);
  if (stated) return { kind: 'primary-key', name, columns, span };
  cursor.accept('ENFORCED');
  throw sqlError('SQL_VALIDATE', cursor.source, span, ENFORCED, 'Write NOT ENFORCED behind it.');
}

const ENFORCED =
  "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT ENFORCED  controls if the constraint checks are performed on the incoming/outgoing data. " +
  'Flink does not own the data therefore the only supported mode is the NOT ENFORCED mode';

/** A column, and the primary key if it is declared with it. */
function parseColumn(cursor: Cursor): (ColumnDefinition | PrimaryKey)[] {
  const name = cursor.identifier('a column');
  const { start } = name.span;
  if (cursor.accept('AS')) {
    const expression = parseExpression(cursor);
    const comment = parseComment(cursor);
    return [{ kind: 'computed-column', name, expression, comment, span: cursor.spanFrom(start) }];
  }
  if (cursor.is(',') || cursor.is(')')) throw cursor.error(name.span, WITHOUT_TYPE, `Write ${name.name} and its type, such as ${name.name} STRING.`);
  const type = parseType(cursor);
  if (cursor.accept('METADATA')) return [parseMetadata(cursor, name, type)];
  const key = parseColumnKey(cursor, name);
  const comment = parseComment(cursor);
  return [{ kind: 'physical-column', name, type, comment, span: cursor.spanFrom(start) }, ...key];
}

const WITHOUT_TYPE = 'Columns identifiers without types in the schema are supported on CTAS/RTAS statements only.';

function parseMetadata(cursor: Cursor, name: Identifier, type: TypeNode): MetadataColumn {
  const key = cursor.accept('FROM') ? cursor.text('a string') : null;
  const virtual = cursor.accept('VIRTUAL');
  const comment = parseComment(cursor);
  return { kind: 'metadata-column', name, type, key, virtual, comment, span: cursor.spanFrom(name.span.start) };
}

function parseColumnKey(cursor: Cursor, column: Identifier): PrimaryKey[] {
  if (cursor.is('UNIQUE')) throw notUnique(cursor);
  if (!cursor.at('PRIMARY') && !cursor.at('CONSTRAINT')) return [];
  const { start } = cursor.current.span;
  const name = parseConstraintName(cursor);
  cursor.expect('PRIMARY', 'KEY');
  return [finishKey(cursor, name, [column], start)];
}
