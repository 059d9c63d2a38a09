/** Completion: what may stand where the cursor is, by the parser itself and the names that there are. Pure. */
import type { Catalogs } from './catalog.ts';
import { quoted } from './catalog-table.ts';
import { isName, namesFor, type Place, type Suggestion } from './complete-names.ts';
import { expectedBehind } from './complete-expected.ts';
import { isReserved } from './keywords.ts';
import { tokenize, type Token } from './lexer.ts';

export interface Candidate extends Suggestion {
  /** What takes the place of the text, quotes included. */
  readonly text: string;
}

export interface Completions {
  /** Offsets of what was typed and is replaced; both are the position where nothing was. */
  readonly start: number;
  readonly end: number;
  /** The names of tables and columns first. */
  readonly candidates: readonly Candidate[];
}

/** The candidates at `position`, an offset in `text`: what begins with what was typed, whatever the case of its letters. None inside a comment or a closed string. */
export function completionsAt(text: string, position: number, catalogs: Catalogs): Completions {
  const typed = typedAt(text, position);
  if (typed === null) return { start: position, end: position, candidates: [] };
  const place = placeOf(text, typed);
  const expected = expectedBehind(text, place.head);
  const found = expected.flatMap((what) => namesFor(what, place, catalogs));
  const wanted = typed.value.toLowerCase();
  const matching = found.filter(({ name, kind }) => name.toLowerCase().startsWith(wanted) && isOfKind(kind, typed.quote));
  const candidates = matching.sort(byRank).map((suggestion) => ({ ...suggestion, text: written(suggestion, typed) }));
  return { start: typed.start, end: typed.end, candidates: [...new Map(candidates.map((candidate) => [candidate.text, candidate])).values()] };
}

interface Typed {
  readonly start: number;
  readonly end: number;
  /** Without its quote. */
  readonly value: string;
  readonly quote: "'" | '`' | '';
}

/** The beginning of a word, a name or a string that ends at the position; null where there is nothing to complete. */
function typedAt(text: string, position: number): Typed | null {
  const before = text.slice(0, position);
  const token = tokenize(before).at(-2);
  const rest = before.slice(token?.span.end ?? 0);
  if (/(--|\/\/)[^\r\n]*$|\*\/$/.test(rest)) return null;
  if (token === undefined || rest !== '' || token.kind === 'symbol') return { start: position, end: position, value: '', quote: '' };
  const { start } = token.span;
  const written = before.slice(start);
  if (token.kind === 'word') return { start, end: position, value: written, quote: '' };
  const quote = written[0] === "'" || written[0] === '`' ? written[0] : null;
  if (token.problem?.kind === 'lexical' || token.kind !== 'invalid' || quote === null) return null;
  return { start, end: text[position] === quote ? position + 1 : position, value: written.slice(1), quote };
}

function placeOf(text: string, { start, end }: Typed): Place {
  const head = tokensOf(text.slice(0, start));
  const tail = tokensOf(text.slice(end));
  const next = tail.findIndex(isEnd);
  const statement = [...head.slice(head.findLastIndex(isEnd) + 1), ...tail.slice(0, next < 0 ? tail.length : next)];
  const qualifiers: string[] = [];
  while (head.at(-1)?.keyword === '.' && isName(head.at(-2))) {
    qualifiers.unshift(head.at(-2)?.value ?? '');
    head.splice(-2);
  }
  return { head, qualifiers, statement };
}

const tokensOf = (text: string): Token[] => tokenize(text).slice(0, -1);
const isEnd = ({ keyword }: Token): boolean => keyword === ';';

const STRINGS: ReadonlySet<Suggestion['kind']> = new Set(['option', 'value']);
const WORDS: ReadonlySet<Suggestion['kind']> = new Set(['keyword', 'function']);

/** In backticks stand names alone. */
const isOfKind = (kind: Suggestion['kind'], quote: Typed['quote']): boolean => quote === '' || (quote === "'" ? STRINGS.has(kind) : !STRINGS.has(kind) && !WORDS.has(kind));

const RANK: Readonly<Record<Suggestion['kind'], number>> = { option: 0, value: 0, column: 0, table: 1, database: 2, catalog: 3, keyword: 4, function: 5 };

const byRank = (a: Suggestion, b: Suggestion): number => RANK[a.kind] - RANK[b.kind] || (a.name < b.name ? -1 : 1);

/** As it is typed: keywords in the case of what is there, names as they are, in quotes where they need some. */
function written({ name, kind }: Suggestion, { value, quote }: Typed): string {
  if (WORDS.has(kind)) return value !== '' && value === value.toLowerCase() ? name.toLowerCase() : name;
  if (STRINGS.has(kind)) return `'${name}'`;
  return quote === '`' || !/^[\p{L}_$][\p{L}\p{Nd}\p{M}_$]*$/u.test(name) || isReserved(name.toUpperCase()) ? quoted(name) : name;
}
