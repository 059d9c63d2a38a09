/** Between BEGIN STATEMENT SET and END, each in a text of its own: the INSERTs that END executes as one job. */
import { SluiceError } from '../core/errors.ts';
import type { Insert, Statement } from '../sql/ast.ts';
import { sqlError } from '../sql/diagnostic.ts';
import type { RawQuery } from '../sql/script.ts';

/** Texts that are kept: members and characters. */
const MEMBERS_MAX = 1000;
const LENGTH_MAX = 1_000_000;

export class OpenStatementSet {
  /** Null where no set is open. */
  #texts: string[] | null = null;

  get isOpen(): boolean {
    return this.#texts !== null;
  }

  begin(): void {
    this.#texts = [];
  }

  add({ text }: Insert): void {
    const texts = [...(this.#texts ?? []), text];
    const length = texts.reduce((sum, each) => sum + each.length, 0);
    if (texts.length > MEMBERS_MAX || length > LENGTH_MAX) {
      throw new SluiceError('SQL_UNSUPPORTED', { message: `a statement set of more than ${MEMBERS_MAX} INSERTs, or of more than ${LENGTH_MAX} characters`, hint: 'END executes those before it; make another set of the others' });
    }
    this.#texts = texts;
  }

  /** Closes the set; null where nothing is in it, else the text that executes it. */
  end({ source, span }: Statement): string | null {
    const texts = this.#texts;
    if (texts === null) throw sqlError('SQL_VALIDATE', source, span, "No Statement Set to submit. 'END' statement should be used after 'BEGIN STATEMENT SET'.");
    this.#texts = null;
    return texts.length === 0 ? null : `EXECUTE STATEMENT SET BEGIN\n${texts.join(';\n')};\nEND`;
  }

  /** Throws for what may not stand in a set. */
  require({ kind, source, span }: Statement | RawQuery): void {
    if (!this.isOpen || kind === 'insert' || kind === 'end-statement-set') return;
    throw sqlError('SQL_VALIDATE', source, span, "Only 'INSERT/CREATE TABLE AS' statement is allowed in Statement Set or use 'END' statement to submit Statement Set.");
  }
}
