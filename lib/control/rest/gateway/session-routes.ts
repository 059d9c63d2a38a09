/** Endpoints of the SQL gateway for sessions, and for what it is. */
import { get, route, type Method, type Route } from '../route.ts';
import { integer, list, mapOf, maybe, object, oneOf, text } from '../shape.ts';
import { FLINK_VERSION } from '../jobmanager/words.ts';
import { orException } from './server-side.ts';
import { requireUntimed } from './untimed.ts';

/** Clients of each release take their own version where it is listed, and fail for a name that they do not know: these are known to all of them. */
const VERSIONS = ['V1', 'V2'] as const;
const UP_TO = 4;

const NOTHING = object({});
const SESSION = object({ sessionHandle: text });
const OPENING = object({ sessionName: maybe(text), properties: maybe(mapOf(text)) });
const CONFIGURING = object({ statement: text, executionTimeout: maybe(integer) });
const COMPLETING = object({ statement: text, position: integer });
const CLOSED = object({ status: oneOf('CLOSED') });

export const SESSION_ROUTES: readonly Route[] = [
  get({ path: '/api_versions', summary: 'The versions of the SQL gateway that clients may choose from.', upToVersion: UP_TO }, object({ versions: list(text) }), async () => ({ versions: VERSIONS })),
  get({ path: '/info', summary: 'Whose SQL gateway this is.', upToVersion: UP_TO }, object({ productName: text, version: text }), async () => ({ productName: 'Apache Flink', version: FLINK_VERSION })),
  route(
    { method: 'POST', path: '/sessions', summary: 'Opens a session; the properties are options that are in force before the first SET.', upToVersion: UP_TO, requestName: 'OpenSessionRequestBody' },
    OPENING,
    SESSION,
    orException(async ({ gateway }, { body }) => ({ sessionHandle: await gateway.openSession(body.properties ?? {}) })),
  ),
  get(
    { path: '/sessions/:sessionHandle', summary: 'The options in force in a session.', upToVersion: UP_TO },
    object({ properties: mapOf(text) }),
    orException(async ({ gateway }, { params }) => ({ properties: (await gateway.session(params.sessionHandle)).properties })),
  ),
  route(
    { method: 'DELETE', path: '/sessions/:sessionHandle', summary: 'Closes a session, and ends its queries.', upToVersion: UP_TO },
    NOTHING,
    CLOSED,
    orException(async ({ gateway }, { params }) => {
      await gateway.closeSession(params.sessionHandle);
      return { status: 'CLOSED' as const };
    }),
  ),
  route(
    { method: 'POST', path: '/sessions/:sessionHandle/heartbeat', summary: 'Keeps a session, which is closed when nobody asks for it for ten minutes.', upToVersion: UP_TO },
    NOTHING,
    NOTHING,
    orException(async ({ gateway }, { params }) => {
      await gateway.session(params.sessionHandle);
      return {};
    }),
  ),
  route(
    { method: 'POST', path: '/sessions/:sessionHandle/configure-session', summary: 'Executes a SET, RESET, USE, CREATE, ALTER or DROP.', upToVersion: UP_TO, requestName: 'ConfigureSessionRequestBody' },
    CONFIGURING,
    NOTHING,
    orException(async ({ gateway }, { params, body }) => {
      requireUntimed(body.executionTimeout);
      const session = await gateway.session(params.sessionHandle);
      await session.configure(body.statement);
      return {};
    }),
  ),
  completing('GET', 'What may stand at a position of a statement.'),
  completing('POST', 'The same for web pages, whose browsers send no body with a GET.'),
];

function completing(method: Method, summary: string): Route {
  return route(
    { method, path: '/sessions/:sessionHandle/complete-statement', summary, upToVersion: UP_TO, requestName: 'CompleteStatementRequestBody' },
    COMPLETING,
    object({ candidates: list(text) }),
    orException(async ({ gateway }, { params, body }) => {
      const session = await gateway.session(params.sessionHandle);
      return { candidates: await session.complete(body.statement, body.position) };
    }),
  );
}
