/**
 * Flink's clients as its scripts start them, unmodified: `flink` and `sql-client.sh`. Their jars come from Maven Central; `FLINK_HOME` names those of another
 * release instead: a directory whose `lib` has them.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { jarsOf } from '../services/maven.ts';
import { FLINK_VERSION, SQL_CLIENT_VERSION } from '../services/versions.ts';

const HOME = process.env['FLINK_HOME'];
export const COMMAND_WITHIN_MS = 120_000;
/** Maven may have to fetch them. */
export const JARS_WITHIN_MS = 360_000;

const SQL_CLIENT = ['flink-sql-client@jar', 'flink-sql-gateway@jar', 'flink-table-planner-loader', 'flink-table-runtime', 'flink-clients', 'flink-json'];

const jars = (name: string, coordinates: readonly string[]): Promise<string> => (HOME === undefined ? jarsOf(name, coordinates) : Promise.resolve(join(HOME, 'lib')));

export const flinkJars = (): Promise<string> => jars('flink', [`org.apache.flink:flink-clients:${FLINK_VERSION}`]);

export const sqlClientJars = (): Promise<string> =>
  jars('sql-client', SQL_CLIENT.map((each) => each.split('@')).map(([artifact, alone]) => `org.apache.flink:${artifact}:${SQL_CLIENT_VERSION}${alone === undefined ? '' : `@${alone}`}`));

/** What `flink WORDS` prints, standard error included. */
export const flink = (lib: string, words: readonly string[]): Promise<string> => java(lib, ['org.apache.flink.client.cli.CliFrontend', ...words]);

export interface SqlClientRun {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Where its history of statements goes. */
  readonly dir: string;
  /** `-i INIT`, `-f SCRIPT`. */
  readonly words: readonly string[];
}

/** What `sql-client.sh gateway -e ADDRESS WORDS` prints, without colours. */
export async function sqlClient(lib: string, { address, dir, words }: SqlClientRun): Promise<string> {
  const printed = await java(lib, ['org.apache.flink.table.client.SqlClient', 'gateway', '-e', address, '-hist', join(dir, 'history'), ...words]);
  return stripVTControlCharacters(printed);
}

const java = (lib: string, words: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const env = { ...process.env, FLINK_CONF_DIR: join(import.meta.dirname, 'flink-conf') };
    execFile('java', ['-cp', join(lib, '*'), ...words], { env, timeout: COMMAND_WITHIN_MS }, (_, out, err) => resolve(out + err));
  });
