/** The REST API of `sluice up`, for as long as it runs. */
import { serveRest, type RestServer } from '../control/rest/server.ts';
import { storePlane } from '../control/rest/store-plane.ts';
import { isError } from '../core/errors.ts';
import { printInfo, type Context, type Place } from './context.ts';
import { errorText } from './errors.ts';
import { userPath } from './paths.ts';

export interface RestOptions {
  readonly once?: true;
  /** False with `--no-rest`. */
  readonly rest: boolean;
  readonly restPort?: number;
}

/** That of Flink's JobManager, where its clients look. */
const DEFAULT_PORT = 8081;

/** What ends by itself has nobody to answer, unless a port is named. */
export async function withRest<T>(context: Context, place: Place, options: RestOptions, use: () => Promise<T>): Promise<T> {
  const isWanted = options.rest && (options.once !== true || options.restPort !== undefined);
  const server = isWanted ? await serve(context, place, options) : null;
  try {
    return await use();
  } finally {
    await server?.close();
  }
}

/** Null, with a warning, where the default port is taken: the jobs run all the same. A port that was named is meant. */
async function serve(context: Context, { workshop }: Place, { restPort }: RestOptions): Promise<RestServer | null> {
  const { console, json } = context;
  const onDefect = (thrown: unknown): void => console.err(errorText(thrown));
  try {
    const server = await serveRest({ plane: storePlane(workshop, userPath), port: restPort ?? DEFAULT_PORT, onDefect });
    if (json) console.out(JSON.stringify({ kind: 'rest', url: server.url }));
    printInfo(context, `Flink's REST API is served at ${server.url}.`);
    return server;
  } catch (error) {
    if (!isError(error, 'OPTION_INVALID') || restPort !== undefined) throw error;
    console.err(`[WARN] ${error.message}${error.hint === undefined ? '' : `\nhint: ${error.hint}`}`);
    return null;
  }
}
