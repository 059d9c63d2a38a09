/** Statements of this and earlier prompts. The file is for its owner alone, and what may hold a secret is never in it. */
import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isSecret, soundsSecret } from '../../core/secrets.ts';
import { tokenize } from '../../sql/lexer.ts';

export const STATEMENTS_MAX = 1000;
const STATEMENT_CHARS_MAX = 20_000;

/** Below the user's state directory, as the XDG specification has it. */
export const historyPath = (): string => join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'sluice', 'sql-history.jsonl');

export class History {
  readonly #path: string;
  /** The newest first, each once. */
  #statements: readonly string[];
  /** Why nothing is written; null while all is well. */
  #trouble: string | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#statements = [];
    this.#trying(() => (this.#statements = readHistory(path)));
  }

  get statements(): readonly string[] {
    return this.#statements;
  }

  /** Why the file is not used; the prompt works without it. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** A statement with a secret can be recalled in this prompt, and is forgotten with it. */
  add(statement: string): void {
    this.#statements = [statement, ...this.#statements.filter((each) => each !== statement)].slice(0, STATEMENTS_MAX);
    if (mayHoldSecret(statement) || statement.length > STATEMENT_CHARS_MAX || this.#trouble !== null) return;
    this.#trying(() => appendFileSync(this.#path, `${JSON.stringify(statement)}\n`, { mode: 0o600 }));
  }

  #trying(access: () => void): void {
    try {
      access();
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
  }
}

/** A value of an option whose name sounds like it, a `password=` within a value, or credentials in a URL. */
export function mayHoldSecret(statement: string): boolean {
  const assigned = [...statement.matchAll(ASSIGNED)].map(([, name = '']) => name);
  // Between a name and its value there may be comments.
  const compared = tokenize(statement).flatMap(({ value }, i, tokens) => (tokens[i + 1]?.keyword === '=' ? [value] : []));
  return USER_INFO.test(statement) || [...assigned, ...compared].some((name) => isSecret(name) || soundsSecret(name));
}

/** A name is looked at from its beginning alone: a long value would take its time for each of its characters. */
const ASSIGNED = /(?<![\w.-])([\w.-]+)["']?\s*[=:]/g;
const USER_INFO = /:\/\/[^\s/@:]+:[^\s/@]+@/;

/** The file grows until a prompt begins; it is then cut to what is kept. */
function readHistory(path: string): readonly string[] {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Also makes the file, and tells early whether it can be written.
  appendFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o600);
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line !== '');
  const statements = [...new Set(lines.flatMap(statementOf).toReversed())].slice(0, STATEMENTS_MAX);
  if (lines.length > 2 * STATEMENTS_MAX) rewrite(path, statements);
  return statements;
}

function rewrite(path: string, statements: readonly string[]): void {
  const next = `${path}.${process.pid}`;
  writeFileSync(next, statements.toReversed().map((statement) => `${JSON.stringify(statement)}\n`).join(''), { mode: 0o600 });
  renameSync(next, path);
}

/** A line that a crash has torn is left out. */
function statementOf(line: string): string[] {
  try {
    const statement: unknown = JSON.parse(line);
    return typeof statement === 'string' ? [statement] : [];
  } catch {
    return [];
  }
}
