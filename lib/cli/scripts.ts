/** SQL from files and from the command line, executed in one session; an error says which statement it is about. */
import { join } from 'node:path';
import { beginQuery } from '../control/live-query.ts';
import { SqlSession, type SessionParts } from '../control/session.ts';
import type { StatementResult } from '../control/statement-result.ts';
import type { Surroundings } from '../sql/plan-catalog.ts';
import { locatedInScript, type Script } from '../sql/script.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { openScratch } from '../place/scratch.ts';
import type { OpenTableCatalog } from '../ports/table-catalog.ts';
import type { Context, Place } from './context.ts';
import { readUserFile } from './files.ts';
import { userPath } from './paths.ts';

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

export interface SessionChoices extends Pick<SessionParts, 'submit' | 'savepoints' | 'resultMax' | 'openLiveQuery'> {
  /** Options that are in force before the first SET. */
  readonly properties?: Readonly<Record<string, string>>;
}

export function openSession(context: Context, place: Place, { properties, ...choices }: SessionChoices = {}): SqlSession {
  const { workshop, operations } = place;
  return new SqlSession({ workshop, openTableCatalog, openLiveQuery: liveQueriesOf(place), ...surroundingsOf(context), operations, ...choices }, properties);
}

export const liveQueriesOf =
  ({ workshop }: Pick<Place, 'workshop'>): NonNullable<SessionParts['openLiveQuery']> =>
  (plan) =>
    beginQuery({ workshop, openScratch }, plan);

/** Loaded with the first statement that needs it. */
export const openTableCatalog: OpenTableCatalog = async (options) => (await import('../place/iceberg.ts')).openTables(options, nodeRuntime);

/** Where things lie that a script names no place for. */
export const surroundingsOf = ({ dir }: Context): Surroundings => ({ warehouse: join(dir, 'warehouse'), resolvePath: userPath });

/** Executes a script to its end, or to its first mistake. */
export async function runScript(session: SqlSession, script: Script, onResult: (result: StatementResult) => Promise<void>): Promise<void> {
  const statements = session.run(script.text);
  for (let count = 1; ; count++) {
    try {
      const { value, done } = await statements.next();
      if (done === true) return;
      await onResult(value);
    } catch (error) {
      throw locatedInScript(error, script, count);
    }
  }
}
