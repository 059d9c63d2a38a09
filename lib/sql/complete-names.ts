/** Names for what the grammar expects. */
import { catalogNames, databaseNames, objectAt, tableNames, viewNames, type Catalogs } from './catalog.ts';
import { connectorNames } from './connectors.ts';
import { isReserved, NILADIC } from './keywords.ts';
import type { Token } from './lexer.ts';
import { TYPE_NAMES } from './parse-type.ts';
import { FUNCTION_NAMES } from './plan-expression.ts';
import { SESSION_KEYS, sessionValues } from './session-options.ts';

/** What the cursor stands behind. */
export interface Place {
  /** The statements up to what was typed, the name in front of a point left out. */
  readonly head: readonly Token[];
  /** `a` and `b` of `a.b.`. */
  readonly qualifiers: readonly string[];
  /** The statement around the cursor, what follows it included, and what was typed left out. */
  readonly statement: readonly Token[];
}

export interface Suggestion {
  readonly name: string;
  readonly kind: 'keyword' | 'function' | 'catalog' | 'database' | 'table' | 'column' | 'option' | 'value';
}

/** What `expected` of the grammar can be here; nothing for what nobody can guess, such as a number. */
export function namesFor(expected: string, place: Place, catalogs: Catalogs): readonly Suggestion[] {
  if (/^[A-Z]/.test(expected)) return place.qualifiers.length === 0 ? [{ name: expected, kind: 'keyword' }] : [];
  switch (expected) {
    case 'an expression':
      return expressions(place, catalogs);
    case 'a column':
      return columnsAround(place, catalogs);
    case 'a table':
      return isNew(place) ? [] : tablesOf(place.qualifiers, catalogs, tableNames);
    case 'a view':
      return isNew(place) ? [] : tablesOf(place.qualifiers, catalogs, viewNames);
    case 'a database':
      return isNew(place) ? [] : databases(place.qualifiers, catalogs);
    case 'a catalog':
      return isNew(place) ? [] : catalogNames(catalogs).map(as('catalog'));
    case "a string such as 'key'":
      return isSession(place) ? SESSION_KEYS.map(as('option')) : [];
    case "a string such as 'value'":
      return valuesOf(place.head.at(-2)?.value ?? '', place).map(as('value'));
    case 'a type':
      return TYPE_NAMES.map(as('keyword'));
    default:
      return [];
  }
}

const as = (kind: Suggestion['kind']) => (name: string): Suggestion => ({ name, kind });

function valuesOf(key: string, place: Place): readonly string[] {
  if (isSession(place)) return sessionValues(key);
  return key === 'connector' ? connectorNames() : [];
}

/** The options of connectors have keys of their own. */
const isSession = ({ statement }: Place): boolean => ['SET', 'RESET'].includes(statement[0]?.keyword ?? '');

/** What is created has a name that is not there yet. */
const isNew = ({ statement, head }: Place): boolean => {
  const before = head.slice(head.findLastIndex(({ keyword }) => keyword === ';') + 1);
  return statement[0]?.keyword === 'CREATE' && before.every(({ keyword }) => CREATING.has(keyword));
};

const CREATING: ReadonlySet<string> = new Set(['CREATE', 'TEMPORARY', 'CATALOG', 'DATABASE', 'TABLE', 'VIEW', 'IF', 'NOT', 'EXISTS']);

const OPERANDS = ['CASE', 'CAST', 'DATE', 'FALSE', 'INTERVAL', 'NOT', 'NULL', 'TIMESTAMP', 'TRUE', 'TRY_CAST', ...NILADIC];

function expressions(place: Place, catalogs: Catalogs): Suggestion[] {
  const columns = columnsAround(place, catalogs);
  return place.qualifiers.length > 0 ? columns : [...columns, ...OPERANDS.map(as('keyword')), ...FUNCTION_NAMES.map(as('function'))];
}

function databases([catalog, more]: readonly string[], catalogs: Catalogs): Suggestion[] {
  if (more !== undefined) return [];
  const names = databaseNames(catalogs, catalog).map(as('database'));
  return catalog === undefined ? [...names, ...catalogNames(catalogs).map(as('catalog'))] : names;
}

/** Without a qualifier also what may become one. */
function tablesOf(qualifiers: readonly string[], catalogs: Catalogs, list: typeof tableNames): Suggestion[] {
  const [first, second, more] = qualifiers;
  if (more !== undefined) return [];
  if (first === undefined) return [...list(catalogs).map(as('table')), ...databases([], catalogs)];
  if (second !== undefined) return list(catalogs, first, second).map(as('table'));
  return [...list(catalogs, catalogs.currentCatalog, first).map(as('table')), ...databases(qualifiers, catalogs)];
}

/** The columns of the tables that the statement names; behind a point those of the table before it. */
function columnsAround({ statement, qualifiers }: Place, catalogs: Catalogs): Suggestion[] {
  const [qualifier, more] = qualifiers;
  if (more !== undefined) return [];
  const tables = tablesIn(statement).filter(({ parts, alias }) => qualifier === undefined || qualifier === (alias ?? parts.at(-1)));
  const bounds = qualifier === undefined && statement.some(({ keyword }) => WINDOWS.has(keyword)) ? WINDOW_COLUMNS : [];
  return [...tables.flatMap(({ parts }) => columnsOf(parts, catalogs)), ...bounds].map(as('column'));
}

const WINDOWS: ReadonlySet<string> = new Set(['TUMBLE', 'HOP', 'CUMULATE', 'SESSION']);
const WINDOW_COLUMNS = ['window_start', 'window_end', 'window_time'];

interface NamedTable {
  readonly parts: readonly string[];
  readonly alias: string | null;
}

const BEFORE_TABLE: ReadonlySet<string> = new Set(['FROM', 'JOIN', 'INTO', 'TABLE']);

/** The names behind FROM, JOIN, INTO and TABLE, wherever in the statement: it need not be whole. */
const tablesIn = (statement: readonly Token[]): NamedTable[] =>
  statement.flatMap(({ keyword }, i) => (BEFORE_TABLE.has(keyword) ? (tableAt(statement, i + 1) ?? []) : []));

function tableAt(tokens: readonly Token[], begin: number): NamedTable | null {
  if (!isName(tokens[begin])) return null;
  let last = begin;
  while (tokens[last + 1]?.keyword === '.' && isName(tokens[last + 2])) last += 2;
  const parts = tokens.slice(begin, last + 1).filter(isName).map(({ value }) => value);
  const behind = tokens[last + 1]?.keyword === 'AS' ? tokens[last + 2] : tokens[last + 1];
  return { parts, alias: isName(behind) ? (behind?.value ?? null) : null };
}

export const isName = (token: Token | undefined): boolean => token?.kind === 'quoted' || (token?.kind === 'word' && !isReserved(token.keyword));

function columnsOf(parts: readonly string[], catalogs: Catalogs): readonly string[] {
  const [table = '', database = catalogs.currentDatabase, catalog = catalogs.currentCatalog] = parts.toReversed();
  const found = objectAt(catalogs, { catalog, database, table });
  if (found?.kind === 'table') return found.table.columns.map(({ name }) => name);
  return found?.view.columns ?? [];
}
