/** CREATE CATALOG, DATABASE and TABLE. */
import type {
  ColumnDefinition,
  CreateCatalog,
  CreateDatabase,
  CreateTable,
  CreateView,
  Identifier,
  MetadataColumn,
  PrimaryKey,
  Query,
  Span,
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
  rejectDerivedTable(cursor);
  const body = parseBody(cursor);
  const comment = parseComment(cursor);
  if (cursor.is('DISTRIBUTED')) throw cursor.unsupported('DISTRIBUTED');
  const partitionedBy = parsePartitionedBy(cursor);
  const options = parseWith(cursor);
  rejectDerivedTable(cursor);
  return { kind: 'create-table', name, temporary, ifNotExists, ...body, comment, partitionedBy, options };
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

function rejectDerivedTable(cursor: Cursor): void {
  if (cursor.is('AS')) throw cursor.unsupported('CREATE TABLE AS', undefined, 'Create the table, then INSERT INTO it.');
  if (cursor.is('LIKE')) throw cursor.unsupported('CREATE TABLE LIKE');
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

function atMostOne<T extends Element>(cursor: Cursor, [first, second]: readonly T[], what: string): T | null {
  if (second === undefined) return first ?? null;
  throw sqlError('SQL_VALIDATE', cursor.source, second.span, `a table has at most one ${what}`);
}

function parseElements(cursor: Cursor): Element[] {
  if (cursor.at('WATERMARK')) return [parseWatermark(cursor)];
  if (cursor.is('UNIQUE')) throw cursor.unsupported('UNIQUE');
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

function parseConstraintName(cursor: Cursor): Identifier | null {
  if (!cursor.accept('CONSTRAINT')) return null;
  const name = cursor.identifier('a name');
  if (cursor.is('UNIQUE')) throw cursor.unsupported('UNIQUE');
  return name;
}

/** Keys are never checked, so Flink wants NOT ENFORCED to be written. */
function finishKey(cursor: Cursor, name: Identifier | null, columns: Identifier[], start: number): PrimaryKey {
  const stated = cursor.accept('NOT', 'ENFORCED');
  const span = cursor.spanFrom(start);
  if (stated) return { kind: 'primary-key', name, columns, span };
  const message = 'a primary key is not checked and must say so';
  throw sqlError('SQL_VALIDATE', cursor.source, span, message, 'Write NOT ENFORCED behind it.');
}

/** A column, and the primary key if it is declared with it. */
function parseColumn(cursor: Cursor): (ColumnDefinition | PrimaryKey)[] {
  const name = cursor.identifier('a column');
  const { start } = name.span;
  if (cursor.accept('AS')) {
    const expression = parseExpression(cursor);
    const comment = parseComment(cursor);
    return [{ kind: 'computed-column', name, expression, comment, span: cursor.spanFrom(start) }];
  }
  const type = parseType(cursor);
  if (cursor.accept('METADATA')) return [parseMetadata(cursor, name, type)];
  const key = parseColumnKey(cursor, name);
  const comment = parseComment(cursor);
  return [{ kind: 'physical-column', name, type, comment, span: cursor.spanFrom(start) }, ...key];
}

function parseMetadata(cursor: Cursor, name: Identifier, type: TypeNode): MetadataColumn {
  const key = cursor.accept('FROM') ? cursor.text('a string') : null;
  const virtual = cursor.accept('VIRTUAL');
  const comment = parseComment(cursor);
  return { kind: 'metadata-column', name, type, key, virtual, comment, span: cursor.spanFrom(name.span.start) };
}

function parseColumnKey(cursor: Cursor, column: Identifier): PrimaryKey[] {
  if (cursor.is('UNIQUE')) throw cursor.unsupported('UNIQUE');
  if (!cursor.at('PRIMARY') && !cursor.at('CONSTRAINT')) return [];
  const { start } = cursor.current.span;
  const name = parseConstraintName(cursor);
  cursor.expect('PRIMARY', 'KEY');
  return [finishKey(cursor, name, [column], start)];
}
