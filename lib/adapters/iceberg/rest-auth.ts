/** Who a REST catalog takes us for: nobody, the bearer of a token, a client of OAuth2, a principal of AWS. */
import { SluiceError, StoreError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { parseJson } from './json.ts';
import { errorOf, type Authorization, type Fetch, type RestRequest } from './rest-client.ts';

export const NOBODY: Authorization = { sign: async (request) => request, renew: () => false };

const withBearer = (request: RestRequest, token: string): RestRequest => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });

/** A token that somebody else has made; nothing here can renew it. */
export const bearer = (token: string): Authorization => ({ sign: async (request) => withBearer(request, token), renew: () => false });

export interface ClientCredentials {
  readonly tokenUri: string;
  /** `ID:SECRET`, or only the secret. */
  readonly credential: string;
  readonly scope: string;
  /** `audience` and `resource`, as given. */
  readonly more: Readonly<Record<string, string>>;
}

interface Token {
  readonly text: string;
  /** Of the runtime's monotonic clock. */
  readonly until: number;
}

const TIMEOUT_MS = 30_000;
const HOUR_S = 3600;
/** Share of its lifetime after which a token is renewed. */
const FRESH = 0.9;

/** The client credentials flow of OAuth2. A token is fetched with the first request, and again before it expires or once it is refused. */
export class OAuth2 implements Authorization {
  readonly #credentials: ClientCredentials;
  readonly #fetch: Fetch;
  readonly #runtime: Pick<Runtime, 'elapsed'>;
  #token: Promise<Token> | null = null;

  constructor(credentials: ClientCredentials, fetch: Fetch, runtime: Pick<Runtime, 'elapsed'>) {
    this.#credentials = credentials;
    this.#fetch = fetch;
    this.#runtime = runtime;
  }

  readonly sign = async (request: RestRequest): Promise<RestRequest> => withBearer(request, (await this.#current()).text);

  readonly renew = (): boolean => {
    this.#token = null;
    return true;
  };

  async #current(): Promise<Token> {
    const token = await (this.#token ??= this.#ask());
    if (this.#runtime.elapsed() < token.until) return token;
    return (this.#token = this.#ask());
  }

  /** What failed is asked again with the next request. */
  #ask(): Promise<Token> {
    return this.#request().catch((error: unknown) => {
      this.#token = null;
      throw error;
    });
  }

  async #request(): Promise<Token> {
    const { tokenUri } = this.#credentials;
    const { status, text } = await this.#post(tokenUri);
    if (status !== 200) throw refused(tokenUri, status, errorOf({ status, text }).message);
    const { access_token: token, expires_in: lifetime = HOUR_S } = parseJson<{ access_token?: string; expires_in?: number }>(text, `the answer of ${tokenUri}`);
    if (typeof token !== 'string') throw refused(tokenUri, status, 'the answer has no access_token');
    return { text: token, until: this.#runtime.elapsed() + lifetime * 1000 * FRESH };
  }

  async #post(uri: string): Promise<{ status: number; text: string }> {
    try {
      const response = await this.#fetch(uri, { method: 'POST', body: this.#form(), redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw new StoreError('no', { message: `the token server at ${uri} does not answer`, hint: "check 'oauth2-server-uri'", cause });
    }
  }

  #form(): URLSearchParams {
    const { credential, scope, more } = this.#credentials;
    const at = credential.indexOf(':');
    const client: Record<string, string> = at < 0 ? { client_secret: credential } : { client_id: credential.slice(0, at), client_secret: credential.slice(at + 1) };
    return new URLSearchParams({ grant_type: 'client_credentials', ...client, scope, ...more });
  }
}

/** A secret never stands in a message. */
function refused(uri: string, status: number, message: string): SluiceError {
  return new StoreError('no', { message: `the token server at ${uri} gives no token (${status}): ${message}`, hint: "check the 'credential' and the 'scope' of the catalog" });
}
