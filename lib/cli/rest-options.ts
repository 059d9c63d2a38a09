/** Where the REST API is served, and to whom. */
import { isIP } from 'node:net';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { MetricsReader } from '../control/metrics/reader.ts';
import { Token } from '../control/rest/token.ts';
import { readUserFile } from './files.ts';

export interface RestOptions {
  readonly restPort?: number;
  readonly restAddress?: string;
  readonly restHost?: readonly string[];
  readonly audit?: string;
  readonly tokenFile?: string;
  /** From the environment: on a command line, everybody on this machine would see it. */
  readonly token?: string;
  /** With what this process has counted; absent: of the logs alone. */
  readonly metrics?: MetricsReader;
}

/** Adds what both commands take. */
export const addRestOptions = (command: Command): Command =>
  command
    .option('--rest-port <port>', "of Flink's REST API; 0 is any free one (default: 8081)", parsePort)
    .option('--rest-address <address>', 'IP address that it is served on; any but the default needs a token (default: 127.0.0.1)', parseAddress)
    .option('--rest-host <name...>', 'names by which clients call this machine, if they do not call its address')
    .option('--audit <file>', 'gets a line for each request that would change something; - is standard error (default: audit.jsonl in the data directory)')
    .option('--token-file <file>', 'a token that clients have to send; or SLUICE_TOKEN (see `sluice token`)')
    .addOption(new Option('--token <token>').env('SLUICE_TOKEN').hideHelp());

/** Null where none is named. Throws FILE_UNREADABLE, OPTION_INVALID. */
export async function tokenOf({ tokenFile, token }: RestOptions): Promise<Token | null> {
  const secret = tokenFile === undefined ? token : (await readUserFile(tokenFile)).trim();
  return secret === undefined ? null : new Token(secret, nodeRuntime);
}

export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}

function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new InvalidArgumentError('It is an IP address of this machine; 0.0.0.0 and :: are all of them.');
}
