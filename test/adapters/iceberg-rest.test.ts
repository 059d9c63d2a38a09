/** The REST catalog keeps the laws of IcebergCatalog; what each answer means, who we are taken for, and what is signed. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { IcebergCatalog, LoadedTable } from '../../lib/adapters/iceberg/catalog.ts';
import { openRestCatalog } from '../../lib/adapters/iceberg/rest-open.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { wallTime } from '../../lib/core/numbers.ts';
import { appending, icebergCatalogContract, NEW_TABLE } from '../contracts/iceberg-catalog.ts';
import { startRestServer, type Asked, type RestServer } from './iceberg-rest-server.ts';

const ID = { namespace: 'demo', name: 't' };
const credentials = async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'SECRET', sessionToken: 'SESSION' });
const quick = { ...nodeRuntime, sleep: async () => {} };

const opened = ({ uri }: RestServer, options: Record<string, string> = {}, runtime = quick): IcebergCatalog => openRestCatalog({ options: { uri, ...options }, fetch, runtime, credentials });

icebergCatalogContract('rest', async () => {
  const server = await startRestServer();
  return { first: opened(server), second: opened(server) };
});

async function world(options: Record<string, string> = {}): Promise<{ server: RestServer; catalog: IcebergCatalog; table: LoadedTable }> {
  const server = await startRestServer();
  const catalog = opened(server, options);
  await catalog.createNamespace(ID.namespace, {});
  const made = await catalog.create(ID, NEW_TABLE);
  if (made.kind !== 'created') throw new Error('exists');
  return { server, catalog, table: made.table };
}

const commit = (catalog: IcebergCatalog, table: LoadedTable, id = 1n) => {
  const { requirements, updates } = appending(table, id);
  return catalog.commit(ID, table, requirements, updates);
};

const isCommit = ({ method, path }: Asked): boolean => method === 'POST' && path.endsWith('/tables/t');

describe('the outcome of a commit', () => {
  test.each([500, 502, 503, 504])('%s does not say whether it happened', async (status) => {
    const { server, catalog, table } = await world();
    server.interference = { when: 'after', say: (asked) => (isCommit(asked) ? { status, body: { error: { message: 'broken', type: 'E', code: status } } } : undefined) };
    await expect(commit(catalog, table)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'maybe', message: expect.stringContaining('broken') });
    expect((await catalog.load(ID))?.metadata['current-snapshot-id']).toBe(1n);
    expect(server.asked.filter(isCommit)).toHaveLength(1);
  });

  test('a connection that breaks does not say it either, and nothing is sent twice', async () => {
    const { server, catalog, table } = await world();
    server.interference = { when: 'after', say: (asked) => (isCommit(asked) ? null : undefined) };
    await expect(commit(catalog, table)).rejects.toMatchObject({ happened: 'maybe' });
    expect(server.asked.filter(isCommit)).toHaveLength(1);
  });

  test.each([400, 403, 406, 429])('%s says that it did not', async (status) => {
    const { server, catalog, table } = await world();
    server.interference = { when: 'before', say: (asked) => (isCommit(asked) ? { status, body: '<html>no</html>' } : undefined) };
    await expect(commit(catalog, table)).rejects.toMatchObject({ happened: 'no', hint: expect.any(String), message: expect.stringContaining('<html>no') });
    server.interference = null;
    expect((await catalog.load(ID))?.metadata['current-snapshot-id']).toBeNull();
  });

  test('409 and 404 are conflicts', async () => {
    const { server, catalog, table } = await world();
    server.interference = { when: 'before', say: (asked) => (isCommit(asked) ? { status: 409 } : undefined) };
    expect(await commit(catalog, table)).toEqual({ kind: 'conflict' });
    server.interference = null;
    await catalog.drop(ID);
    expect(await commit(catalog, table)).toEqual({ kind: 'conflict' });
    expect(server.asked.at(-2)?.query.get('purgeRequested')).toBe('true');
  });
});

describe('reading', () => {
  test('is repeated where the catalog has a problem of its own, a few times', async () => {
    const { server, catalog } = await world();
    let refusals = 3;
    server.interference = { when: 'before', say: ({ method }) => (method === 'GET' && refusals-- > 0 ? { status: 503 } : undefined) };
    expect(await catalog.load(ID)).not.toBeNull();
    server.interference = { when: 'before', say: () => ({ status: 503 }) };
    const before = server.asked.length;
    await expect(catalog.load(ID)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
    expect(server.asked.length - before).toBe(4);
  });

  test('a catalog that is not there says where it was looked for', async () => {
    const catalog = openRestCatalog({ options: { uri: 'http://127.0.0.1:1/' }, fetch, runtime: quick, credentials });
    await expect(catalog.namespaces()).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining('http://127.0.0.1:1/v1/config'), hint: expect.stringContaining("'uri'") });
  });

  test('listings come in pages', async () => {
    const { server, catalog } = await world();
    server.pageSize = 2;
    for (const name of ['a', 'b', 'c', 'e']) await catalog.createNamespace(name, {});
    expect(await catalog.namespaces()).toEqual(['a', 'b', 'c', 'demo', 'e']);
  });

  test('names are encoded', async () => {
    const { catalog } = await world();
    await catalog.createNamespace('ä/b c', {});
    expect(await catalog.dropNamespace('ä/b c')).toBe('dropped');
  });

  test('what is no table is an error that names it', async () => {
    const { server, catalog } = await world();
    server.interference = { when: 'before', say: ({ path }) => (path.endsWith('/t') ? { status: 200, body: { metadata: { 'format-version': 1 } } } : undefined) };
    await expect(catalog.load(ID)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining("'demo.t'") });
    server.interference = { when: 'before', say: ({ path }) => (path.endsWith('/t') ? { status: 200, body: '<html>' } : undefined) };
    await expect(catalog.load(ID)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

describe('configuration', () => {
  test('is asked for once, for the warehouse; an override moves the catalog', async () => {
    const server = await startRestServer();
    const other = await startRestServer();
    server.config = { defaults: { prefix: 'never' }, overrides: { prefix: 'main', uri: `${other.uri}/` } };
    const catalog = opened(server, { warehouse: 'wh 1', prefix: 'mine' });
    await catalog.createNamespace('a', {});
    expect(await catalog.namespaces()).toEqual(['a']);
    expect(server.asked.map(({ path, query }) => [path, query.get('warehouse')])).toEqual([['/v1/config', 'wh 1']]);
    expect(other.asked.map(({ path }) => path)).toEqual(['/v1/main/namespaces', '/v1/main/namespaces']);
  });

  test('headers of the options go with every request', async () => {
    const { server } = await world({ 'header.X-Team': 'core' });
    expect(server.asked.map(({ headers }) => headers['x-team'])).toEqual(server.asked.map(() => 'core'));
  });
});

describe('authorization', () => {
  test('a token is sent as it is', async () => {
    const { server } = await world({ token: 'abc' });
    expect(new Set(server.asked.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer abc']));
  });

  test('a refused token is an error with a hint, without the token in it', async () => {
    const { server, catalog } = await world({ token: 'sesame' });
    server.interference = { when: 'before', say: () => ({ status: 401, body: { error: { message: 'who?', type: 'NotAuthorizedException', code: 401 } } }) };
    const failure = await catalog.load(ID).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining('NotAuthorizedException: who?'), hint: expect.stringContaining("'token'") });
    expect(JSON.stringify(failure)).not.toContain('sesame');
  });

  test('OAuth2: a token by client credentials, kept until it expires or is refused', async () => {
    let elapsed = 0;
    const server = await startRestServer();
    const catalog = opened(server, { credential: 'me:pass:word', scope: 'PRINCIPAL_ROLE:ALL' }, { ...quick, elapsed: () => elapsed });
    await catalog.createNamespace('a', {});
    const asked = server.asked.filter(({ path }) => path.endsWith('/tokens'));
    expect(asked.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toEqual([{ grant_type: 'client_credentials', client_id: 'me', client_secret: 'pass:word', scope: 'PRINCIPAL_ROLE:ALL' }]);
    const bearerOf = (): string | undefined => server.asked.at(-1)?.headers.authorization;
    const first = bearerOf();
    await catalog.namespaces();
    expect(bearerOf()).toBe(first);
    elapsed = 3_300_000;
    await catalog.namespaces();
    const second = bearerOf();
    expect(second).not.toBe(first);
    server.interference = { when: 'before', say: ({ headers }) => (headers.authorization === second ? { status: 401 } : undefined) };
    await catalog.createNamespace('b', {});
    expect(bearerOf()).not.toBe(second);
    expect([...server.namespaces.keys()]).toEqual(['a', 'b']);
  });

  test('OAuth2: a refusal names the server, and not the secret', async () => {
    const server = await startRestServer();
    server.interference = { when: 'before', say: ({ path }) => (path === '/tokens' ? { status: 400, body: { error: 'invalid_client', error_description: 'unknown' } } : undefined) };
    const catalog = opened(server, { credential: 'sesame', 'oauth2-server-uri': `${server.uri}/tokens` });
    const failure = await catalog.namespaces().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining(`${server.uri}/tokens`), hint: expect.stringContaining("'credential'") });
    expect(JSON.stringify([failure, String(failure)])).not.toContain('sesame');
  });
});

describe('Signature Version 4', () => {
  const AT = Date.UTC(2026, 10, 21, 12, 0, 0);

  test('every request is signed, over its body and its encoded path', async () => {
    const { server, catalog } = await signed({ 'rest.auth.type': 'sigv4', 'rest.signing-name': 'glue', 'rest.signing-region': 'eu-west-1' });
    await catalog.createNamespace('ä b', {});
    await catalog.namespaces();
    await catalog.dropNamespace('ä b');
    expect(server.asked).toHaveLength(4);
    for (const asked of server.asked) {
      expect(asked.headers['x-amz-security-token']).toBe('SESSION');
      expect(asked.headers['x-amz-content-sha256']).toBe(sha256(asked.body));
      expect(asked.headers.authorization).toBe(expectedAuthorization(asked, 'glue', 'eu-west-1'));
    }
  });

  test.each([
    ['https://glue.eu-central-1.amazonaws.com/iceberg', 'eu-central-1/glue'],
    ['https://s3tables.us-east-2.amazonaws.com/iceberg', 'us-east-2/s3tables'],
    ['https://catalog.example.com', 'us-west-2/execute-api'],
  ])('service and region of %s', async (uri, scope) => {
    const sent: Request[] = [];
    const fake: typeof fetch = async (input, init) => {
      sent.push(new Request(input, init));
      return new Response('{"overrides":{"prefix":"p"},"namespaces":[]}');
    };
    const catalog = openRestCatalog({ options: { uri, 'rest.sigv4-enabled': 'true', 'client.region': 'us-west-2' }, fetch: fake, runtime: quick, credentials });
    await catalog.namespaces();
    expect(sent[0]?.headers.get('authorization')).toContain(`/${scope}/aws4_request`);
  });

  async function signed(options: Record<string, string>): Promise<{ server: RestServer; catalog: IcebergCatalog }> {
    const server = await startRestServer();
    return { server, catalog: opened(server, options, { ...quick, now: () => wallTime(AT) }) };
  }

  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const encoded = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

  /** The algorithm as AWS describes it, for any service but S3: the path is encoded once more than it is sent. */
  function expectedAuthorization({ method, path, query, headers, body }: Asked, service: string, region: string): string {
    const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1] ?? '';
    expect(names.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token']));
    const listed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
    const sorted = [...query].map(([key, value]) => `${encoded(key)}=${encoded(value)}`).toSorted();
    const request = [method, path.split('/').map(encoded).join('/'), sorted.join('&'), listed.join(''), names, sha256(body)].join('\n');
    const day = '20261121';
    const scope = `${day}/${region}/${service}/aws4_request`;
    const toSign = ['AWS4-HMAC-SHA256', '20261121T120000Z', scope, sha256(request)].join('\n');
    const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>((secret, part) => hmac(secret, part), 'AWS4SECRET');
    return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${names}, Signature=${hmac(key, toSign).toString('hex')}`;
  }
});
