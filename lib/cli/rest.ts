/** The REST API of `sluice up` and `sluice serve`, for as long as they run. */
import { InvalidArgumentError, type Command } from 'commander';
import type { MetricsReader } from '../control/metrics/reader.ts';
import type { ControlPlane } from '../control/rest/control-plane.ts';
import { serveRest, type RestServer } from '../control/rest/server.ts';
import { planeOf } from '../control/rest/store-plane.ts';
import { isError } from '../core/errors.ts';
import { printInfo, type Context, type Place } from './context.ts';
import { errorText } from './errors.ts';
import { userPath } from './paths.ts';

export interface RestOptions {
  readonly restPort?: number;
  /** With what this process has counted; absent: of the logs alone. */
  readonly metrics?: MetricsReader;
}

/** That of Flink's JobManager, where its clients look. */
const DEFAULT_PORT = 8081;

/** Adds what both commands take. */
export const addRestOptions = (command: Command): Command =>
  command.option('--rest-port <port>', "of Flink's REST API on 127.0.0.1; 0 is any free one (default: 8081)", parsePort);

/** Serves while `use` runs; where the default port is taken, a warning is all that comes of it. A port that was named is meant. */
export async function withRest<T>(context: Context, place: Place, options: RestOptions, use: () => Promise<T>): Promise<T> {
  const server = options.restPort === undefined ? await serveIfFree(context, place, options) : await serve(context, place, options);
  return whileServing(server, use);
}

/** Throws OPTION_INVALID where the port is taken. */
export async function withServer<T>(context: Context, place: Place, options: RestOptions, use: () => Promise<T>): Promise<T> {
  return whileServing(await serve(context, place, options), use);
}

async function whileServing<T>(server: RestServer | null, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    await server?.close();
  }
}

async function serveIfFree(context: Context, place: Place, options: RestOptions): Promise<RestServer | null> {
  try {
    return await serve(context, place, options);
  } catch (error) {
    if (!isError(error, 'OPTION_INVALID')) throw error;
    context.console.err(`[WARN] ${error.message}${error.hint === undefined ? '' : `\nhint: ${error.hint}`}`);
    return null;
  }
}

async function serve(context: Context, place: Place, { restPort = DEFAULT_PORT, metrics }: RestOptions): Promise<RestServer> {
  const { console, json } = context;
  const onDefect = (thrown: unknown): void => console.err(errorText(thrown));
  const server = await serveRest({ plane: planeIn(context, place), others: { ...place.triggered, ...(metrics && { metrics }) }, port: restPort, onDefect });
  if (json) console.out(JSON.stringify({ kind: 'rest', url: server.url }));
  printInfo(context, `Flink's REST API is served at ${server.url}.`);
  return server;
}

/** Savepoints of a stack have a place of their own; those of a laptop go where somebody says, as Flink's. */
export const planeIn = ({ stack }: Context, { savepoints, ...place }: Place): ControlPlane => planeOf({ ...place, savepoints: stack === null ? null : savepoints, absolute: userPath });

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}
