/** Lines as they are typed, until they make a statement. */
import { tokenize, type Token } from '../../sql/lexer.ts';

/** Nobody types more; whoever pastes it has a file. */
const PENDING_CHARS_MAX = 1_000_000;

/** A semicolon, or the end of a comment behind one. All is read again for such lines alone: thousands that are pasted would take minutes. */
const MAY_END = /;|\*\//;

export class StatementLines {
  #pending = '';

  get isEmpty(): boolean {
    return this.#pending === '';
  }

  /** What the prompt has with a line that is still being typed. */
  with(line: string): string {
    return this.isEmpty ? line : `${this.#pending}\n${line}`;
  }

  /** The statement that the line completes, or several; null while there is none. Lines without a word are left out, and so is a statement without an end. */
  take(line: string): string | null {
    const text = this.with(line);
    if (!this.isEmpty && !MAY_END.test(line) && text.length <= PENDING_CHARS_MAX) {
      this.#pending = text;
      return null;
    }
    const tokens = wordsOf(text);
    const isDone = isComplete(tokens);
    this.#pending = isDone || tokens.every(isSemicolon) || text.length > PENDING_CHARS_MAX ? '' : text;
    return isDone ? text : null;
  }

  clear(): void {
    this.#pending = '';
  }
}

const wordsOf = (text: string): readonly Token[] => tokenize(text).slice(0, -1);

const isSemicolon = ({ keyword }: Token): boolean => keyword === ';';

/** Semicolons in quotes and comments end nothing, and neither do those within a statement set. */
function isComplete(tokens: readonly Token[]): boolean {
  if (tokens.at(-1)?.keyword !== ';' || tokens.every(isSemicolon)) return false;
  return lastOf(tokens, ['STATEMENT', 'SET']) <= lastOf(tokens, [';', 'END', ';']);
}

/** Where the keywords stand one behind the other for the last time; -1: nowhere. */
const lastOf = (tokens: readonly Token[], keywords: readonly string[]): number => tokens.findLastIndex((_, at) => keywords.every((keyword, i) => tokens[at + i]?.keyword === keyword));
