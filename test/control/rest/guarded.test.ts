/** A server for others than this machine: what it takes to be let in, and what is written down of those who are. */
import { expect, onTestFinished, test } from 'vitest';
import type { AuditEntry } from '../../../lib/control/rest/audit.ts';
import { auditLine } from '../../../lib/control/rest/audit.ts';
import type { Rates } from '../../../lib/control/rest/gate.ts';
import { serveRest } from '../../../lib/control/rest/server.ts';
import { Token } from '../../../lib/control/rest/token.ts';
import { wallTime } from '../../../lib/core/numbers.ts';
import { inMemory } from './api.ts';
import { ask, type Ask, type Reply } from './world.ts';

const SECRET = 'a-token-that-nobody-guesses-0123456789';
const BEARER = { authorization: `Bearer ${SECRET}` };
const TRIGGER = 'c'.repeat(32);

interface Guarded {
  readonly url: string;
  readonly job: string;
  readonly audited: readonly AuditEntry[];
  send(asked: Ask): Promise<Reply>;
}

async function guarded(rates?: Rates): Promise<Guarded> {
  const { api, stack } = await inMemory({}, { savepoint: async () => '/savepoints/savepoint-1' });
  const audited: AuditEntry[] = [];
  const token = new Token(SECRET, stack.runtime);
  const server = await serveRest({ plane: api.rest.plane, port: 0, address: '0.0.0.0', names: ['sluice.example'], token, audit: (entry) => void audited.push(entry), onDefect: api.onDefect, ...(rates === undefined ? {} : { rates }) });
  onTestFinished(() => server.close());
  const url = server.url.replace('0.0.0.0', '127.0.0.1');
  return { url, job: stack.job.id, audited, send: (asked) => ask(url, asked) };
}

test('no other address without a token', async () => {
  const { api } = await inMemory();
  await expect(serveRest({ plane: api.rest.plane, port: 0, address: '0.0.0.0', onDefect: api.onDefect })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    hint: 'make one with `sluice token > FILE`, and name it with --token-file FILE, or SLUICE_TOKEN',
  });
});

test('who knows the token is let in, by any of its names; others learn only that there is one', async () => {
  const { send, job } = await guarded();
  for (const host of ['127.0.0.1', 'sluice.example', 'sluice.example:443']) expect(await send({ path: '/v1/jobs', headers: { ...BEARER, host } })).toMatchObject({ status: 200 });
  for (const path of ['/jobs', '/v1/jobs', `/jobs/${job}`, '/sluice/v1/openapi.json', '/nowhere']) {
    expect(await send({ path })).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' }, text: expect.not.stringContaining(SECRET) });
  }
  expect(await send({ path: '/jobs', headers: { ...BEARER, host: 'evil.example' } })).toMatchObject({ status: 403 });
  expect(await send({ path: '/jobs', headers: { ...BEARER, origin: 'http://evil.example' } })).toMatchObject({ status: 403 });
});

test('a page logs in with the token, goes on with a cookie, and logs out', async () => {
  const { send, job } = await guarded();
  const login = (token: string, headers = {}): Promise<Reply> => send({ method: 'POST', path: '/sluice/v1/login', body: JSON.stringify({ token }), headers });
  expect(await login('wrong')).toMatchObject({ status: 401 });
  const { status, headers } = await login(SECRET);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  expect(status).toBe(200);
  // Behind a proxy, where TLS ends.
  const overTls = await login(SECRET, { host: 'sluice.example', origin: 'https://sluice.example' });
  expect([headers, overTls.headers].map((one) => one['set-cookie']?.[0]?.endsWith('; Secure'))).toEqual([false, true]);
  expect(await send({ path: `/jobs/${job}`, headers: { cookie } })).toMatchObject({ status: 200 });
  expect(await send({ method: 'POST', path: '/sluice/v1/logout', headers: { cookie } })).toMatchObject({ status: 200, headers: { 'set-cookie': [expect.stringContaining('Max-Age=0')] } });
});

test('after ten wrong tokens an address waits, even with the right one', async () => {
  const { send } = await guarded();
  const wrong = { authorization: 'Bearer wrong' };
  for (let i = 0; i < 20; i++) expect(await send({ method: 'POST', path: '/sessions', body: '{}' })).toMatchObject({ status: 401 });
  for (let i = 0; i < 5; i++) {
    expect(await send({ path: '/jobs', headers: wrong })).toMatchObject({ status: 401 });
    expect(await send({ method: 'POST', path: '/sluice/v1/login', body: '{"token":"wrong"}' })).toMatchObject({ status: 401 });
  }
  for (const headers of [wrong, BEARER]) expect(await send({ path: '/jobs', headers })).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
});

test('one address has its turns, and all together have theirs', async () => {
  const { send } = await guarded({ ofAddress: { burst: 3, perSecond: 0 }, inAll: { burst: 1000, perSecond: 0 } });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await send({ path: '/config', headers: BEARER })).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const other = await guarded({ ofAddress: { burst: 1000, perSecond: 0 }, inAll: { burst: 1, perSecond: 0 } });
  expect([(await other.send({ path: '/config', headers: BEARER })).status, (await other.send({ path: '/config', headers: BEARER })).status]).toEqual([200, 429]);
});

test('what would change something is written down, and nothing that is secret', async () => {
  const { send, job, audited } = await guarded();
  await send({ path: '/jobs', headers: BEARER });
  await send({ method: 'POST', path: `/v1/jobs/${job}/savepoints`, headers: BEARER, body: JSON.stringify({ 'target-directory': '/savepoints', triggerId: TRIGGER }) });
  await send({ method: 'PATCH', path: `/jobs/${job}?mode=nonsense`, headers: BEARER });
  await send({ method: 'PATCH', path: `/jobs/${job}` });
  await send({ method: 'POST', path: '/sluice/v1/login', body: '{"token":"wrong"}' });
  const common = { time: expect.any(Number), address: '127.0.0.1' };
  expect(audited).toEqual([
    { ...common, who: 'token', method: 'POST', path: '/jobs/:jobid/savepoints', job, trigger: TRIGGER, status: 202 },
    { ...common, who: 'token', method: 'PATCH', path: '/jobs/:jobid', job, trigger: '', status: 400 },
    { ...common, who: 'anonymous', method: 'POST', path: '/sluice/v1/login', job: '', trigger: '', status: 401 },
  ]);
  expect(auditLine({ time: wallTime(0), who: 'token', address: '::1', method: 'PATCH', path: '/jobs/:jobid', job, trigger: '', status: 202 })).toBe(
    `{"time":"1970-01-01T00:00:00.000Z","who":"token","address":"::1","method":"PATCH","path":"/jobs/:jobid","job":"${job}","trigger":"","status":202}`,
  );
});
