/** ALTER TABLE and ALTER VIEW. */
import type { AlterTable, AlterView, PlacedColumn, PrimaryKey, TableChange, WatermarkDefinition } from './ast.ts';
import { atMostOne, parseElements, parseSpannedQuery, type Bare } from './parse-create.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseOptions } from './parse-option.ts';

/** What follows ALTER. */
export function parseAlter(cursor: Cursor): Bare<AlterTable | AlterView> {
  if (cursor.accept('VIEW')) return parseAlterView(cursor);
  const other = ['DATABASE', 'CATALOG', 'FUNCTION', 'TEMPORARY', 'MODEL', 'MATERIALIZED', 'CONNECTION'].find((word) => cursor.is(word));
  if (other !== undefined) throw cursor.unsupported(`ALTER ${other}`);
  cursor.expect('TABLE');
  const ifExists = parseIfExists(cursor);
  const name = cursor.qualifiedName('a table');
  return { kind: 'alter-table', ifExists, name, change: parseChange(cursor) };
}

export const parseIfExists = (cursor: Cursor): boolean => cursor.accept('IF', 'EXISTS');

function parseAlterView(cursor: Cursor): Bare<AlterView> {
  const altered = { kind: 'alter-view', name: cursor.qualifiedName('a view') } as const;
  if (cursor.accept('RENAME')) {
    cursor.expect('TO');
    return { ...altered, change: { kind: 'rename', to: cursor.qualifiedName('a view') } };
  }
  cursor.expect('AS');
  return { ...altered, change: { kind: 'query', ...parseSpannedQuery(cursor) } };
}

function parseChange(cursor: Cursor): TableChange {
  if (cursor.accept('SET')) return { kind: 'set', options: parseOptions(cursor) };
  if (cursor.accept('RESET')) return { kind: 'reset', keys: cursor.parenthesized(() => cursor.text("a string such as 'key'")) };
  if (cursor.accept('RENAME')) return parseRename(cursor);
  if (cursor.accept('DROP')) return parseDropped(cursor);
  const kind = (['add', 'modify'] as const).find((word) => cursor.accept(word.toUpperCase()));
  if (kind === undefined) throw cursor.unexpected();
  rejectParts(cursor);
  return { kind, ...parseChanged(cursor) };
}

function rejectParts(cursor: Cursor): void {
  const found = ['PARTITION', 'DISTRIBUTION'].find((word) => cursor.is(word));
  if (found !== undefined) throw cursor.unsupported(`ALTER TABLE … ${found}`);
}

function parseRename(cursor: Cursor): TableChange {
  if (cursor.accept('TO')) return { kind: 'rename', to: cursor.qualifiedName('a table') };
  const column = cursor.identifier('a column');
  cursor.expect('TO');
  return { kind: 'rename-column', column, to: cursor.identifier('a column') };
}

function parseDropped(cursor: Cursor): TableChange {
  rejectParts(cursor);
  if (cursor.accept('WATERMARK')) return { kind: 'drop-watermark' };
  if (cursor.accept('PRIMARY', 'KEY')) return { kind: 'drop-key', name: null };
  if (cursor.accept('CONSTRAINT')) return { kind: 'drop-key', name: cursor.identifier('a name') };
  const column = () => cursor.identifier('a column');
  return { kind: 'drop-columns', columns: cursor.at('(') ? cursor.parenthesized(column) : [column()] };
}

interface Changed {
  readonly columns: readonly PlacedColumn[];
  readonly watermark: WatermarkDefinition | null;
  readonly primaryKey: PrimaryKey | null;
}

function parseChanged(cursor: Cursor): Changed {
  const placed = (cursor.at('(') ? cursor.parenthesized(() => parsePlaced(cursor)) : [parsePlaced(cursor)]).flat();
  const elements = placed.map(({ element }) => element);
  return {
    columns: placed.flatMap(({ element, place }) => (element.kind === 'watermark' || element.kind === 'primary-key' ? [] : [{ column: element, place }])),
    watermark: atMostOne(cursor, elements.filter((element) => element.kind === 'watermark'), 'WATERMARK'),
    primaryKey: atMostOne(cursor, elements.filter((element) => element.kind === 'primary-key'), 'PRIMARY KEY'),
  };
}

function parsePlaced(cursor: Cursor): { readonly element: ReturnType<typeof parseElements>[number]; readonly place: PlacedColumn['place'] }[] {
  const elements = parseElements(cursor);
  const place = parsePlace(cursor);
  return elements.map((element) => ({ element, place }));
}

function parsePlace(cursor: Cursor): PlacedColumn['place'] {
  if (cursor.accept('FIRST')) return { kind: 'first' };
  return cursor.accept('AFTER') ? { kind: 'after', column: cursor.identifier('a column') } : null;
}
