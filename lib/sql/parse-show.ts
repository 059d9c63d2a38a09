/** SHOW. */
import type { Show, ShowCreate, ShowPattern, ShowSubject } from './ast.ts';
import type { Bare } from './parse-create.ts';
import type { Cursor } from './parse-cursor.ts';

const SUBJECTS: readonly ShowSubject[] = ['CATALOGS', 'DATABASES', 'TABLES', 'VIEWS', 'COLUMNS', 'FUNCTIONS', 'USER FUNCTIONS', 'CURRENT CATALOG', 'CURRENT DATABASE', 'JOBS'];

/** Subjects that have a FROM clause; COLUMNS has to have one. */
const FROM: ReadonlySet<ShowSubject> = new Set(['DATABASES', 'TABLES', 'VIEWS', 'COLUMNS', 'FUNCTIONS', 'USER FUNCTIONS']);
const ILIKE: ReadonlySet<ShowSubject> = new Set(['CATALOGS', 'DATABASES', 'FUNCTIONS', 'USER FUNCTIONS']);

const OTHERS = ['PARTITIONS', 'PROCEDURES', 'MODULES', 'MODELS', 'JARS', 'FULL', 'MATERIALIZED'];

/** What follows SHOW. */
export function parseShow(cursor: Cursor): Bare<Show | ShowCreate> {
  if (cursor.accept('CREATE')) return parseShowCreate(cursor);
  const what = SUBJECTS.find((subject) => cursor.accept(...subject.split(' ')));
  if (what === undefined) throw OTHERS.includes(cursor.current.keyword) ? cursor.unsupported(`SHOW ${cursor.current.keyword}`) : cursor.unexpected();
  const from = FROM.has(what) ? parseFrom(cursor, what) : null;
  return { kind: 'show', what, from, like: parsePattern(cursor, what) };
}

function parseShowCreate(cursor: Cursor): Bare<ShowCreate> {
  for (const what of ['table', 'view'] as const) {
    if (cursor.accept(what.toUpperCase())) return { kind: 'show-create', what, name: cursor.qualifiedName(`a ${what}`) };
  }
  const other = ['CATALOG', 'MODEL', 'MATERIALIZED'].find((word) => cursor.is(word));
  throw other === undefined ? cursor.unexpected() : cursor.unsupported(`SHOW CREATE ${other}`);
}

function parseFrom(cursor: Cursor, what: ShowSubject): Show['from'] {
  if (cursor.accept('FROM') || cursor.accept('IN')) return cursor.qualifiedName(what === 'COLUMNS' ? 'a table' : 'a database');
  if (what === 'COLUMNS') throw cursor.unexpected();
  return null;
}

function parsePattern(cursor: Cursor, what: ShowSubject): ShowPattern | null {
  if (what.startsWith('CURRENT') || what === 'JOBS') return null;
  const negated = cursor.accept('NOT');
  const ignoresCase = ILIKE.has(what) && cursor.accept('ILIKE');
  if (!ignoresCase && !cursor.accept('LIKE')) {
    if (negated) throw cursor.unexpected();
    return null;
  }
  return { pattern: cursor.text("a string such as 'a%'"), negated, ignoresCase };
}
