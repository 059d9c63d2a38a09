/** The REST API of `sluice up` and `sluice serve`, for as long as they run. */
import { join } from 'node:path';
import { auditLine, type Audit } from '../control/rest/audit.ts';
import type { ControlPlane } from '../control/rest/control-plane.ts';
import { boundedQueries } from '../control/rest/gateway/query-bound.ts';
import { serveRest, type RestServer } from '../control/rest/server.ts';
import { planeOf } from '../control/rest/store-plane.ts';
import type { Token } from '../control/rest/token.ts';
import { isError } from '../core/errors.ts';
import { isEmbedded } from '../place/urls.ts';
import { auditFile } from './audit-file.ts';
import { printInfo, type Context, type Place } from './context.ts';
import { errorText } from './errors.ts';
import { userPath } from './paths.ts';
import { withProgress } from './progress.ts';
import { tokenOf, type RestOptions } from './rest-options.ts';
import { liveQueriesOf, openSession } from './scripts.ts';
import { counted } from './text.ts';

/** That of Flink's JobManager, where its clients look. */
export const DEFAULT_PORT = 8081;

/** Of a batch query in a session of the SQL gateway, whose results are held in the memory of the process that runs the jobs. */
const RESULT_MAX = { rows: 100_000, bytes: 64 * 1024 * 1024 };
const AUDIT_FILE = 'audit.jsonl';

/** Serves while `use` runs; where the default port is taken, a warning is all that comes of it. A port that was named is meant. */
export async function withRest<T>(context: Context, place: Place, options: RestOptions, use: () => Promise<T>): Promise<T> {
  const isNamed = options.restPort !== undefined || options.restAddress !== undefined;
  const token = await tokenOf(options);
  const server = isNamed ? await serve(context, place, options, token) : await serveIfFree(context, place, options, token);
  return whileServing(context, server, use);
}

/** Throws OPTION_INVALID where the port is taken, FILE_UNREADABLE for the file of a token. */
export async function withServer<T>(context: Context, place: Place, options: RestOptions, use: () => Promise<T>): Promise<T> {
  return whileServing(context, await serve(context, place, options, await tokenOf(options)), use);
}

async function whileServing<T>(context: Context, server: RestServer | null, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    if (server !== null) await close(context, server);
  }
}

/** What clients have triggered is carried out to its end, unless somebody is in a hurry: a signal ends the process now. */
async function close(context: Context, server: RestServer): Promise<void> {
  const { underWay } = server;
  if (underWay === 0) return server.close();
  const waited = `${counted(underWay, 'operation')} of the REST API`;
  printInfo(context, `Waiting for ${waited}; Ctrl-C again leaves at once, and \`sluice up\` goes on with what was recorded.`);
  await withProgress(context, `Waiting for ${waited}`, () => server.close());
}

async function serveIfFree(context: Context, place: Place, options: RestOptions, token: Token | null): Promise<RestServer | null> {
  try {
    return await serve(context, place, options, token);
  } catch (error) {
    if (!isError(error, 'OPTION_INVALID')) throw error;
    context.console.err(`[WARN] ${error.message}${error.hint === undefined ? '' : `\nhint: ${error.hint}`}`);
    return null;
  }
}

async function serve(context: Context, place: Place, options: RestOptions, token: Token | null): Promise<RestServer> {
  const { console, json } = context;
  const { restPort: port = DEFAULT_PORT, restAddress, restHost: names = [], metrics } = options;
  const onDefect = (thrown: unknown): void => console.err(errorText(thrown));
  const others = { ...place.triggered, ...(metrics && { metrics }) };
  const address = restAddress === undefined ? {} : { address: restAddress };
  const server = await serveRest({ plane: planeIn(context, place), others, port, names, token, audit: auditOf(context, options), onDefect, ...address });
  if (json) console.out(JSON.stringify({ kind: 'rest', url: server.url }));
  printInfo(context, `Flink's REST API is served at ${server.url}${token === null ? '' : ', to those who know the token'}.`);
  return server;
}

function auditOf({ console, dir }: Context, { audit = join(dir, AUDIT_FILE) }: RestOptions): Audit {
  if (audit === '-') return (entry) => console.err(auditLine(entry));
  return auditFile(audit, (error) => console.err(`[WARN] what clients do is not written down: ${String(error)}`));
}

/** Savepoints of a stack have a place of their own; those of a laptop go where somebody says, as Flink's. */
export const planeIn = (context: Context, place: Place): ControlPlane => {
  const savepoints = context.stack === null ? null : place.savepoints;
  const choices = { savepoints, resultMax: RESULT_MAX, openLiveQuery: boundedQueries(liveQueriesOf(place)) };
  return planeOf({ ...place, isPaid: !isEmbedded(place.urls.store), savepoints, absolute: userPath, openSession: (properties) => openSession(context, place, { properties, ...choices }) });
};
