/** A REST catalog by its options: the catalog itself says which of them it wants otherwise. */
import { withoutSlash } from './file-io.ts';
import { parseJson } from './json.ts';
import type { CatalogParts, Configure } from './open.ts';
import { bearer, NOBODY, OAuth2 } from './rest-auth.ts';
import { RestCatalog } from './rest-catalog.ts';
import { RestClient, type Authorization } from './rest-client.ts';
import { signer, signingPlace } from './sigv4.ts';

type Options = Readonly<Record<string, string>>;

const DEFAULT_SCOPE = 'catalog';

/** Throws OPTION_INVALID; sends nothing yet. */
export function openRestCatalog(parts: Omit<CatalogParts, 'warehouse' | 'io'>): RestCatalog {
  const { options, fetch, runtime, configure = () => {} } = parts;
  const uri = withoutSlash(options['uri'] ?? '');
  const client = new RestClient({ fetch, runtime, authorization: authorizationOf(uri, parts), headers: headersOf(options) });
  let base: Promise<string> | null = null;
  const ask = (): Promise<string> => {
    base ??= baseOf(client, uri, options, configure).catch((error: unknown) => {
      base = null;
      throw error;
    });
    return base;
  };
  return new RestCatalog({ client, base: ask, configure });
}

/** `GET /v1/config`: its defaults stand behind our options, its overrides before them. */
async function baseOf(client: RestClient, uri: string, options: Options, configure: Configure): Promise<string> {
  const { warehouse } = options;
  const { text } = await client.read(`${uri}/v1/config${warehouse === undefined ? '' : `?${new URLSearchParams({ warehouse })}`}`);
  const { defaults = {}, overrides = {} } = parseJson<{ defaults?: Options; overrides?: Options }>(text, `the configuration of ${uri}`);
  const merged: Options = { ...defaults, ...options, ...overrides };
  configure(merged);
  const prefix = merged['prefix'] ?? '';
  return `${withoutSlash(overrides['uri'] ?? uri)}/v1${prefix === '' ? '' : `/${prefix}`}`;
}

function authorizationOf(uri: string, { options, fetch, runtime, credentials }: Omit<CatalogParts, 'warehouse' | 'io'>): Authorization {
  const isSigned = options['rest.auth.type']?.toLowerCase() === 'sigv4' || options['rest.sigv4-enabled']?.toLowerCase() === 'true';
  if (isSigned) return { sign: signer({ ...signingPlace(uri, options, process.env['AWS_REGION']), credentials, runtime }), renew: () => false };
  const { token, credential, scope = DEFAULT_SCOPE, audience, resource } = options;
  if (token !== undefined) return bearer(token);
  if (credential === undefined) return NOBODY;
  const more = { ...(audience === undefined ? {} : { audience }), ...(resource === undefined ? {} : { resource }) };
  return new OAuth2({ tokenUri: options['oauth2-server-uri'] ?? `${uri}/v1/oauth/tokens`, credential, scope, more }, fetch, runtime);
}

const headersOf = (options: Options): Record<string, string> =>
  Object.fromEntries(Object.entries(options).flatMap(([key, value]) => (key.startsWith('header.') ? [[key.slice('header.'.length), value]] : [])));
