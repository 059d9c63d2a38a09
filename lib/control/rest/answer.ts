/** From a request to its answer, whatever carries them. Nothing is thrown, and nothing that is not meant for clients is said. */
import { isError } from '../../core/errors.ts';
import { Content } from './content.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { matchIn, type Rest, type Route } from './route.ts';

export interface RestRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  /** Of no bytes: the same as `{}`. Null: larger than what is taken. */
  readonly body: Uint8Array | null;
}

export interface RestAnswer {
  readonly status: number;
  readonly content: Content;
}

export interface Api {
  readonly rest: Rest;
  readonly routes: readonly Route[];
  readonly onDefect: (thrown: unknown) => void;
}

/** All endpoints are there with and without a version of the API. */
const VERSION = /^\/v([1-4])(?=\/)/;
const TARGET_MAX = 8192;
const BASE = 'http://localhost';

export async function answer({ rest, routes, onDefect }: Api, { method, target, body }: RestRequest): Promise<RestAnswer> {
  const url = target.length <= TARGET_MAX && target.startsWith('/') && URL.canParse(target, BASE) ? new URL(target, BASE) : null;
  const version = Number(url === null ? 1 : (VERSION.exec(url.pathname)?.[1] ?? 1));
  const found = url === null ? null : matchIn(routes, { method, path: url.pathname.replace(VERSION, ''), version });
  if (url === null || found === null) return refusalAnswer(new Refusal(404, `Not found: ${target.slice(0, 256)}`));
  const { route, params } = found;
  if (params instanceof Refusal) return refusalAnswer(params);
  if (body === null && route.takesNoJson !== true) return refusalAnswer(new Refusal(413, 'The body is too large.'));
  try {
    const response = await route.answer(rest, { params, version, query: url.searchParams, body: body === null ? undefined : parsed(body) });
    if (response instanceof Refusal) return refusalAnswer(response);
    return { status: route.status ?? 200, content: response instanceof Content ? response : json(response) };
  } catch (thrown) {
    if (!isError(thrown) || thrown.kind === 'bug') onDefect(thrown);
    return refusalAnswer(isError(thrown) ? refusalOf(thrown, params.jobid) : new Refusal(500, 'Internal server error.'));
  }
}

export const refusalAnswer = ({ status, errors }: Refusal): RestAnswer => ({ status, content: json({ errors }) });

const json = (value: unknown): Content => new Content('application/json; charset=UTF-8', JSON.stringify(value));

/** Undefined, which no request is, for what is no JSON. */
function parsed(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
