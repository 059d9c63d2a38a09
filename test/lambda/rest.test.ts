/** The REST API behind a function URL: events as Lambda makes them, and what it takes for answers. */
import { expect, test } from 'vitest';
import { Gate } from '../../lib/control/rest/gate.ts';
import { Token } from '../../lib/control/rest/token.ts';
import { restHandler, type UrlEvent, type UrlResult } from '../../lib/lambda/rest-handler.ts';
import { inMemory, type InMemory } from '../control/rest/api.ts';

const NAME = 'abcdefgh.lambda-url.eu-central-1.on.aws';
const SECRET = 'S'.repeat(48);

/** As a function URL sends it (payload 2.0); members that nobody looks at are left out. */
const event = (method: string, path: string, more: Partial<UrlEvent> = {}): UrlEvent => ({
  rawPath: path.split('?')[0] ?? '',
  rawQueryString: path.split('?')[1] ?? '',
  isBase64Encoded: false,
  ...more,
  headers: { host: NAME, 'x-forwarded-proto': 'https', ...more.headers },
  requestContext: { domainName: NAME, http: { method, sourceIp: '203.0.113.7' } },
});

const OPERATOR = 'arn:aws:sts::123456789012:assumed-role/operator/session';

/** As one that IAM has allowed. */
const signed = (...given: Parameters<typeof event>): UrlEvent => {
  const unsigned = event(...given);
  return { ...unsigned, requestContext: { ...unsigned.requestContext, authorizer: { iam: { userArn: OPERATOR } } } };
};

interface World extends InMemory {
  ask(asked: UrlEvent): Promise<UrlResult>;
}

async function world(secret: string | null): Promise<World> {
  const there = await inMemory({}, { savepoint: async () => 's3://bucket/savepoints/savepoint-1' });
  const { runtime } = there.stack;
  const token = secret === null ? null : new Token(secret, runtime);
  const api = { ...there.api, rest: { ...there.api.rest, token } };
  return { ...there, ask: restHandler({ api, gate: (name) => new Gate({ runtime, names: [name], token }), stack: 'prod' }) };
}

test('where IAM has checked who calls: JSON, pages, and bytes', async () => {
  const { ask, stack, audited } = await world(null);
  expect(await ask(signed('GET', '/v1/jobs'))).toMatchObject({ statusCode: 200, isBase64Encoded: false, body: JSON.stringify({ jobs: [{ id: stack.job.id, status: 'RUNNING' }] }) });
  expect(await ask(signed('GET', '/'))).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=UTF-8', 'x-content-type-options': 'nosniff' } });
  const { headers } = await ask(signed('GET', '/'));
  expect(await ask(signed('GET', '/', { headers: { 'if-none-match': headers['etag'] ?? '' } }))).toMatchObject({ statusCode: 304, body: '' });
  const body = Buffer.from('{"target-directory":"s3://bucket/savepoints"}').toString('base64');
  expect(await ask(signed('POST', `/jobs/${stack.job.id}/savepoints`, { body, isBase64Encoded: true }))).toMatchObject({ statusCode: 202 });
  expect(audited).toMatchObject([{ who: 'iam', principal: OPERATOR, address: '203.0.113.7', method: 'POST', job: stack.job.id, status: 202 }]);
});

test('a query is one, and what is too large is refused', async () => {
  const { ask, stack } = await world(null);
  expect(await ask(signed('PATCH', `/jobs/${stack.job.id}?mode=nonsense`))).toMatchObject({ statusCode: 400 });
  expect(await ask(signed('POST', `/jobs/${stack.job.id}/stop`, { body: ' '.repeat(1024 * 1024 + 1) }))).toMatchObject({ statusCode: 413 });
});

test('where nobody has checked who calls, nobody is let in', async () => {
  const { ask, stack } = await world(null);
  for (const asked of [event('GET', '/jobs'), event('PATCH', `/jobs/${stack.job.id}`), event('POST', '/sessions')]) expect(await ask(asked)).toMatchObject({ statusCode: 403 });
});

test('for those who know the token, as a header or a cookie, and call it by its name', async () => {
  const { ask } = await world(SECRET);
  expect(await ask(event('GET', '/jobs'))).toMatchObject({ statusCode: 401 });
  expect(await ask(event('GET', '/jobs', { headers: { authorization: `Bearer ${SECRET}` } }))).toMatchObject({ statusCode: 200 });
  const { cookies = [], headers } = await ask(event('POST', '/sluice/v1/login', { body: JSON.stringify({ token: SECRET }), headers: { origin: `https://${NAME}` } }));
  expect({ cookies, inHeaders: headers['set-cookie'] }).toEqual({ cookies: [expect.stringMatching(/^sluice=.*; HttpOnly; SameSite=Strict; Secure$/)], inHeaders: undefined });
  expect(await ask(event('GET', '/jobs', { cookies: ['a=b', cookies[0]?.split(';')[0] ?? ''] }))).toMatchObject({ statusCode: 200 });
  expect(await ask(event('GET', '/jobs', { headers: { host: 'evil.example', authorization: `Bearer ${SECRET}` } }))).toMatchObject({ statusCode: 403 });
  expect(await ask(event('POST', '/sluice/v1/login', { body: '{"token":"x"}', headers: { origin: 'https://evil.example' } }))).toMatchObject({ statusCode: 403 });
});

test('wrong tokens are counted, at the login too', async () => {
  const { ask } = await world(SECRET);
  // What needs a token and comes without one is no attempt.
  for (let i = 0; i < 10; i++) expect(await ask(event('POST', '/v1/sessions'))).toMatchObject({ statusCode: 401, body: expect.not.stringContaining('prod') });
  for (let i = 0; i < 10; i++) expect(await ask(event('POST', '/sluice/v1/login', { body: '{"token":"x"}' }))).toMatchObject({ statusCode: 401 });
  expect(await ask(event('GET', '/jobs', { headers: { authorization: `Bearer ${SECRET}` } }))).toMatchObject({ statusCode: 429 });
});

test.each([['POST', '/v1/sessions'], ['GET', '/v4/sessions/01234567-89ab-cdef-0123-456789abcdef'], ['POST', '/sessions']])('%s %s needs a process', async (method, path) => {
  const { ask } = await world(null);
  const { statusCode, body } = await ask(signed(method, path));
  expect({ statusCode, body }).toEqual({ statusCode: 501, body: expect.stringContaining('sessions of the SQL gateway need a process that keeps them. Let one serve them: sluice serve --stack prod') });
});
