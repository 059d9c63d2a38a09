/** The names in an expression that is kept as text. */
import { tokenize } from './lexer.ts';

/** All words and names in backticks: more than its columns, and never less. */
export const columnsIn = (expression: string): ReadonlySet<string> =>
  new Set(tokenize(expression).flatMap(({ kind, value }) => (kind === 'word' || kind === 'quoted' ? [value] : [])));
