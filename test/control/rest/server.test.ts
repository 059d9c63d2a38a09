/** The port: who may call, and what there is not more of. */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { ControlPlane } from '../../../lib/control/rest/control-plane.ts';
import { serveRest, type RestServer } from '../../../lib/control/rest/server.ts';
import { inMemory } from './api.ts';
import { ask } from './world.ts';

interface Served {
  readonly server: RestServer;
  readonly url: string;
  readonly job: string;
}

async function serve(change: Partial<ControlPlane> = {}): Promise<Served> {
  const { api, stack } = await inMemory({}, change);
  const server = await serveRest({ plane: api.rest.plane, port: 0, onDefect: api.onDefect });
  onTestFinished(() => server.close());
  return { server, url: server.url, job: stack.job.id };
}

test('answers are JSON that nobody keeps, and no other page may read', async () => {
  const { url } = await serve();
  const { status, headers } = await ask(url, { path: '/v1/jobs' });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': 'application/json; charset=UTF-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', connection: 'close', 'referrer-policy': 'no-referrer', 'content-security-policy': expect.stringMatching(/^default-src 'none'; frame-ancestors 'none'/), 'cross-origin-resource-policy': 'same-origin' });
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('it listens on 127.0.0.1 alone', async () => {
  const { url } = await serve();
  await expect(ask(url.replace('127.0.0.1', '127.0.0.2'), { path: '/jobs' })).rejects.toMatchObject({ syscall: 'connect' });
});

test('other names of this machine, and pages of others, are refused before anything is done', async () => {
  const { url, job } = await serve({ cancel: () => Promise.reject(new Error('this was to be refused')) });
  expect(await ask(url, { path: '/jobs', headers: { host: 'evil.example:8081' } })).toMatchObject({ status: 403 });
  expect(await ask(url, { method: 'PATCH', path: `/jobs/${job}`, headers: { origin: 'http://evil.example' } })).toMatchObject({ status: 403, text: `{"errors":["Pages of 'http://evil.example' may not call this server."]}` });
});

test('a body of up to 1 MB is read, a larger one is refused when it has come in', async () => {
  const { url, job } = await serve();
  const padded = (bytes: number): string => `{"target-directory":"/savepoints"}`.padEnd(bytes);
  const path = `/jobs/${job}/savepoints`;
  expect(await ask(url, { method: 'POST', path, body: padded(1024 * 1024) })).toMatchObject({ status: 202 });
  expect(await ask(url, { method: 'POST', path, body: padded(1024 * 1024 + 1) })).toMatchObject({ status: 413 });
  expect(await ask(url, { method: 'POST', path: '/v1/jobs', body: padded(20 * 1024 * 1024) })).toMatchObject({ status: 501 });
});

test('32 are answered at a time; the next one is told to come again', async () => {
  const { promise, resolve } = Promise.withResolvers<readonly []>();
  let asked = 0;
  const { url } = await serve({
    jobs: () => {
      asked++;
      return promise;
    },
  });
  const waiting = Array.from({ length: 40 }, () => ask(url, { path: '/jobs' }));
  await expect.poll(() => asked).toBe(32);
  expect(await ask(url, { path: '/config' })).toMatchObject({ status: 503, text: '{"errors":["Too many requests at the same time."]}' });
  resolve([]);
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(32);
  expect(statuses.filter((status) => status === 503)).toHaveLength(8);
  expect(await ask(url, { path: '/config' })).toMatchObject({ status: 200 });
});

test('a server that ends finishes what it does, and what was triggered', async () => {
  const [answered, saved] = [Promise.withResolvers<readonly []>(), Promise.withResolvers<string>()];
  let asked = 0;
  const { server, url, job } = await serve({
    jobs: () => {
      asked++;
      return answered.promise;
    },
    savepoint: () => saved.promise,
  });
  await ask(url, { method: 'POST', path: `/jobs/${job}/savepoints`, body: '{"target-directory":"/savepoints"}' });
  const underWay = ask(url, { path: '/jobs' });
  await expect.poll(() => asked).toBe(1);
  let isClosed = false;
  const closing = server.close().then(() => (isClosed = true));
  await expect.poll(() => ask(url, { path: '/config' }).catch(({ code }) => code)).toBe('ECONNREFUSED');
  answered.resolve([]);
  expect(await underWay).toMatchObject({ status: 200, text: '{"jobs":[]}' });
  expect(isClosed).toBe(false);
  saved.resolve('/savepoints/savepoint-1');
  expect(await closing).toBe(true);
});

test('a port that is taken is said by name', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { api } = await inMemory();
  await expect(serveRest({ plane: api.rest.plane, port, onDefect: () => {} })).rejects.toMatchObject({ code: 'OPTION_INVALID', message: `the REST API cannot be served on 127.0.0.1:${port}: the port is taken` });
});

test.each(['nonsense\r\n\r\n', 'GET /jobs HTTP/1.1\r\n\r\n', `GET /jobs HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'GET /jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n'])('%j is no HTTP', async (bytes) => {
  const { url } = await serve();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(bytes);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(await ask(url, { path: '/config' })).toMatchObject({ status: 200 });
});
