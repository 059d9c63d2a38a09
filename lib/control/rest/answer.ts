/** From a request to its answer, whatever carries them. Nothing is thrown, and nothing that is not meant for clients is said. */
import { isError } from '../../core/errors.ts';
import type { Audit } from './audit.ts';
import { Content } from './content.ts';
import { UNAUTHORIZED, WRONG_TOKEN, type Who } from './gate.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { matchIn, type Params, type Rest, type Route } from './route.ts';
import { fits, hex32, object } from './shape.ts';

export interface RestRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  /** Of no bytes: the same as `{}`. Null: larger than what is taken. */
  readonly body: Uint8Array | null;
  /** The `If-None-Match` of who has an older answer. */
  readonly ifNoneMatch?: string | undefined;
  /** The `Origin` of the page that asks. */
  readonly origin?: string | undefined;
  /** Who asks, or why nobody looks at what is asked. */
  readonly who: Who | Refusal;
  /** Of the network, where the request came from. */
  readonly address: string;
  /** ARN of whom IAM has let in. */
  readonly principal?: string | undefined;
}

export interface RestAnswer {
  readonly status: number;
  readonly content: Content;
  /** Of a login, whose attempts are counted; what needs a token and comes without is none. */
  readonly isWrongToken: boolean;
}

export interface Api {
  readonly rest: Rest;
  readonly routes: readonly Route[];
  readonly audit: Audit;
  readonly onDefect: (thrown: unknown) => void;
}

/** What a request names. */
interface Asked {
  readonly route: Route;
  readonly params: Params;
  readonly version: number;
  readonly query: URLSearchParams;
}

/** All endpoints are there with and without a version of the API. */
const VERSION = /^\/v([1-4])(?=\/)/;
const TARGET_MAX = 8192;
/** What begins with two slashes names another host, and its path would be taken for ours. */
const PATH = /^\/(?![/\\])/;
const BASE = 'http://localhost';

export async function answer(api: Api, request: RestRequest): Promise<RestAnswer> {
  const { who } = request;
  if (who instanceof Refusal) return refusalAnswer(who);
  const asked = askedIn(api.routes, who, request);
  if (asked instanceof Refusal) return refusalAnswer(asked);
  const response = await respond(api, asked, request);
  const answered = answerOf(asked.route, response, request);
  const { method, path } = asked.route;
  const { address, principal } = request;
  const by = { time: api.rest.plane.runtime.now(), who, ...(principal === undefined ? {} : { principal }), address };
  if (method !== 'GET') api.audit({ ...by, method, path, job: asked.params.jobid, trigger: triggerOf(response), status: answered.status });
  return answered;
}

/** Who is not known sees what is open to all, and learns of the rest only that there is a token. */
function askedIn(routes: readonly Route[], who: Who, { method, target }: RestRequest): Asked | Refusal {
  const url = target.length <= TARGET_MAX && PATH.test(target) && URL.canParse(target, BASE) ? new URL(target, BASE) : null;
  const version = Number(url === null ? 1 : (VERSION.exec(url.pathname)?.[1] ?? 1));
  const found = url === null ? null : matchIn(routes, { method, path: url.pathname.replace(VERSION, ''), version });
  if (who === 'anonymous' && found?.route.isOpen !== true) return UNAUTHORIZED;
  if (url === null || found === null) return new Refusal(404, `Not found: ${target.slice(0, 256)}`);
  const { route, params } = found;
  return params instanceof Refusal ? params : { route, params, version, query: url.searchParams };
}

/** The response, a `Content`, or a `Refusal`. */
async function respond({ rest, onDefect }: Api, { route, ...call }: Asked, { body, origin }: RestRequest): Promise<unknown> {
  if (body === null && route.takesNoJson !== true) return new Refusal(413, 'The body is too large.');
  try {
    return await route.answer(rest, { ...call, origin, body: body === null ? undefined : parsed(body) });
  } catch (thrown) {
    if (!isError(thrown) || thrown.kind === 'bug') onDefect(thrown);
    return isError(thrown) ? refusalOf(thrown, call.params.jobid) : new Refusal(500, 'Internal server error.');
  }
}

function answerOf({ status = 200 }: Route, response: unknown, { ifNoneMatch }: RestRequest): RestAnswer {
  if (response instanceof Refusal) return refusalAnswer(response);
  if (!(response instanceof Content)) return { status, content: json(response), isWrongToken: false };
  const { contentType, headers } = response;
  const isKnown = ifNoneMatch !== undefined && headers['etag'] === ifNoneMatch;
  return isKnown ? { status: 304, content: new Content(contentType, '', headers), isWrongToken: false } : { status, content: response, isWrongToken: false };
}

/** By status: what tells clients how to go on. */
const REFUSAL_HEADERS: Readonly<Record<number, Content['headers']>> = { 401: { 'www-authenticate': 'Bearer' }, 429: { 'retry-after': '1' }, 503: { 'retry-after': '1' } };

export function refusalAnswer(refusal: Refusal): RestAnswer {
  const { status, errors } = refusal;
  return { status, content: json({ errors }, REFUSAL_HEADERS[status]), isWrongToken: refusal === WRONG_TOKEN };
}

const json = (value: unknown, headers: Content['headers'] = {}): Content => new Content('application/json; charset=UTF-8', JSON.stringify(value), headers);

const TRIGGERED = object({ 'request-id': hex32 });

const triggerOf = (response: unknown): string => (fits(TRIGGERED, response) ? response['request-id'] : '');

/** Undefined, which no request is, for what is no JSON. */
function parsed(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
