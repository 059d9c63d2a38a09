/** Requests to an Iceberg REST catalog, and what their answers mean. */
import { StoreError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { jsonText, parseJson } from './json.ts';

export type Fetch = typeof globalThis.fetch;

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Puts authorization into a request. */
export type Sign = (request: RestRequest) => Promise<RestRequest>;

/** Authorization; `renew` is told that the catalog has refused it, and says whether asking again makes sense. */
export interface Authorization {
  readonly sign: Sign;
  readonly renew: () => boolean;
}

export interface RestClientParts {
  readonly fetch: Fetch;
  readonly runtime: Pick<Runtime, 'sleep' | 'randomHex'>;
  readonly authorization: Authorization;
  /** Of every request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The body is not looked into yet; `error` is what the catalog says where it refuses. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

const TIMEOUT_MS = 60_000;
/** Requests that change nothing. */
const READ_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
const OVERLOADED = 429;

export class RestClient {
  readonly #parts: RestClientParts;

  constructor(parts: RestClientParts) {
    this.#parts = parts;
  }

  /** Repeats a request that changes nothing, a few times. Statuses of `expected` are answers, all others StoreErrors. */
  async read(url: string, expected: readonly number[] = [200]): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send({ method: 'GET', url, headers: {}, body: null }, expected);
      } catch (error) {
        if (attempt >= READ_ATTEMPTS || !(error instanceof StoreError) || error.details['passing'] !== true) throw error;
        await this.#parts.runtime.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }

  /** Sent once: whoever repeats it must know what became of it. A StoreError says whether it may have happened. */
  write(method: 'POST' | 'DELETE', url: string, body: object | null, expected: readonly number[]): Promise<Answer> {
    const json = body === null ? {} : { 'content-type': 'application/json' };
    return this.#send({ method, url, headers: json, body: body === null ? null : jsonText(body) }, expected);
  }

  async #send(request: RestRequest, expected: readonly number[]): Promise<Answer> {
    const answer = await this.#authorized(request);
    if (expected.includes(answer.status)) return answer;
    throw refusal(request, answer);
  }

  /** What was refused for its authorization has not happened, and is sent again once with another one. */
  async #authorized(request: RestRequest): Promise<Answer> {
    const first = await this.#once(request);
    return isUnauthorized(first) && this.#parts.authorization.renew() ? this.#once(request) : first;
  }

  async #once(request: RestRequest): Promise<Answer> {
    const { fetch, authorization, headers } = this.#parts;
    const signed = await authorization.sign({ ...request, headers: { ...headers, ...request.headers } });
    try {
      const { method, body } = signed;
      const response = await fetch(signed.url, { method, headers: signed.headers, ...(body === null ? {} : { body }), redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw new StoreError(request.method === 'GET' ? 'no' : 'maybe', {
        message: `the Iceberg catalog at ${request.url} does not answer: ${reasonOf(cause)}`,
        hint: "check that it runs, and the 'uri' of the catalog",
        cause,
        details: { passing: true },
      });
    }
  }
}

/** Also 419: the token has expired. */
const isUnauthorized = ({ status }: Answer): boolean => status === 401 || status === 419;

function reasonOf(cause: unknown): string {
  const error = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return error instanceof Error ? error.message : String(error);
}

/**
 * A status of 5xx does not say whether the request was carried out (CommitStateUnknown of the specification); all others say that it was not.
 */
function refusal({ method, url }: RestRequest, answer: Answer): StoreError {
  const { status } = answer;
  const isPassing = status >= 500 || status === OVERLOADED;
  const { type, message } = errorOf(answer);
  return new StoreError(status >= 500 && method !== 'GET' ? 'maybe' : 'no', {
    message: `the Iceberg catalog answers ${method} ${url} with ${status}${type === '' ? '' : ` ${type}`}: ${message}`,
    hint: hintOf(status),
    details: { status, type, passing: isPassing },
  });
}

function hintOf(status: number): string {
  if (status === 401 || status === 419) return "check the 'token' or 'credential' of the catalog, or the credentials of AWS";
  if (status === 403) return 'ask whoever runs the catalog for permission';
  return status >= 500 || status === OVERLOADED ? 'the catalog has a problem of its own: repeat the command later' : 'correct what the catalog names, then repeat the statement';
}

/** The error model of the specification; whatever else stands there is cut short. */
export function errorOf({ text }: Answer): { readonly type: string; readonly message: string } {
  try {
    const { error } = parseJson<{ error?: { type?: string; message?: string } }>(text, 'the answer');
    if (error !== undefined) return { type: error.type ?? '', message: error.message ?? '' };
  } catch {
    // Proxies answer in HTML.
  }
  return { type: '', message: text.slice(0, 200) };
}
