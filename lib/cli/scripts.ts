/** SQL from files and from the command line, executed in one session; an error says which statement it is about. */
import { join } from 'node:path';
import { SqlSession, type SessionParts, type StatementResult } from '../control/session.ts';
import { isError, SluiceError } from '../core/errors.ts';
import type { Context, Place } from './context.ts';
import { readUserFile } from './files.ts';
import { userPath } from './paths.ts';

/** A text with statements; `name` is its file, or null for SQL from the command line. */
export interface Script {
  readonly name: string | null;
  readonly text: string;
}

/** As the options were given; files are read when their turn comes. */
export interface ScriptOption {
  readonly kind: 'file' | 'text';
  readonly value: string;
}

/** Collects options of both kinds in the order in which they stand. */
export const collect =
  (kind: ScriptOption['kind']) =>
  (value: string, before: readonly ScriptOption[] = []): ScriptOption[] => [...before, { kind, value }];

export async function readScript({ kind, value }: ScriptOption): Promise<Script> {
  return kind === 'text' ? { name: null, text: value } : { name: value, text: await readUserFile(value) };
}

export function openSession({ dir }: Context, { workshop }: Place, submit?: SessionParts['submit']): SqlSession {
  const parts = { workshop, warehouse: join(dir, 'warehouse'), resolvePath: userPath };
  return new SqlSession(submit === undefined ? parts : { ...parts, submit });
}

/** Executes a script to its end, or to its first mistake. */
export async function runScript(session: SqlSession, script: Script, onResult: (result: StatementResult) => void): Promise<void> {
  const statements = session.run(script.text);
  for (let count = 1; ; count++) {
    try {
      const { value, done } = await statements.next();
      if (done === true) return;
      onResult(value);
    } catch (error) {
      throw isError(error) ? located(error, script, count) : error;
    }
  }
}

/** Says in which file and statement it happened; lines and columns are those of the file already. */
function located(error: SluiceError, { name }: Script, count: number): SluiceError {
  const { line, column } = error.details;
  const at = typeof line === 'number' ? `${name ?? 'command line'}:${line}:${column}` : (name ?? 'command line');
  const { code, hint, details } = error;
  const message = `${error.message}\n  at ${at}, statement ${count}`;
  return new SluiceError(code, { message, ...(hint === undefined ? {} : { hint }), details: { ...details, file: name, statement: count }, cause: error.cause });
}
