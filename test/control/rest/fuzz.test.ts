/** Ten thousand requests that nobody means: each is answered, none brings a stack or a defect, and memory stays within bounds. */
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { answer } from '../../../lib/control/rest/answer.ts';
import { ROUTES } from '../../../lib/control/rest/routes.ts';
import { serveRest } from '../../../lib/control/rest/server.ts';
import { Prng } from '../../simulation/prng.ts';
import { HERE, inMemory, textOf } from './api.ts';
import { ask } from './world.ts';

const REQUESTS = 10_000;
const SOCKETS = 600;
const HEAP_GROWTH_MAX = 64 * 1024 * 1024;

const SEGMENTS = ['stop', 'cancel', '', '.', '..', '%', '%00', '%2e%2e', '%ff', 'é', '😀', "'", '"', '<script>', ':jobid', '{jobid}', '__proto__', 'constructor', '0'.repeat(32), 'a'.repeat(33), 'x'.repeat(5000), '-1', '1e9', '9'.repeat(40), '\0', ' ', '\t'];
const VALUES: readonly unknown[] = ['/savepoints', 'CANONICAL', 'FULL', 'b'.repeat(32), null, true, true, 0, -1, 1e308, '', 'x', 'x'.repeat(5000), '\0', '../../etc', '/dev/null/x', 'file:///', 's3://', 's3://b/p?x=y', 'https://evil.example', [], {}, [[]], { toString: 1 }, '0'.repeat(32)];
const BODIES = ['', '{', '}', 'null', 'true', '0', '""', '[]', '[[[[', '{"a":', '{"__proto__":{"x":1}}', '\u{feff}{}', `${'['.repeat(50_000)}`, `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, '1e999', '"\\ud800"', 'x'.repeat(10_000)];
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'get', 'TRACE', 'X', ''];
/** Nothing that a stack has: a line of one, or a file of ours. */
const STACK = /\n\s+at |\.ts\b|node:internal|node_modules/;

class Fuzz {
  readonly #prng: Prng;
  readonly #job: string;

  constructor(seed: number, job: string) {
    this.#prng = new Prng(seed);
    this.#job = job;
  }

  /** One of the table with wrong values, or one that is in no table. */
  request(): { method: string; target: string; body: Uint8Array } {
    const route = this.#prng.pick(ROUTES);
    const method = this.#prng.chance(0.9) ? route.method : this.#prng.pick(METHODS);
    const path = this.#prng.chance(0.9) ? route.path.replace(/:\w+/g, () => this.#segment()) : `/${Array.from({ length: this.#prng.below(6) }, () => this.#segment()).join('/')}`;
    const query = this.#prng.chance(0.3) ? `?${this.#prng.pick([...(route.query ?? []), '', '%', '__proto__'])}=${this.#segment()}` : '';
    const version = this.#prng.chance(0.95) ? this.#prng.pick(['', '/v1']) : this.#prng.pick(['/v2', '//', '\\']);
    return { method, target: `${version}${path}${query}`, body: this.#body(Object.keys(Object(route.request.schema['properties'] ?? {}))) };
  }

  #body(fields: readonly string[]): Uint8Array {
    if (this.#prng.chance(0.1)) return Uint8Array.from({ length: this.#prng.below(200) }, () => this.#prng.below(256));
    if (this.#prng.chance(0.2)) return Buffer.from(this.#prng.pick(BODIES));
    const entries = Array.from({ length: this.#prng.below(4) }, (): [string, unknown] => [this.#prng.pick([...fields, 'constructor']), this.#prng.pick(VALUES)]);
    return Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  }

  #segment(): string {
    return this.#prng.chance(0.7) ? this.#job : this.#prng.pick(SEGMENTS);
  }

  /** A request as bytes, some of which are wrong. */
  bytes(): Buffer {
    const { method, target, body } = this.request();
    const length = this.#prng.chance(0.8) ? body.length : this.#prng.pick([-1, 0, 1e12, 'x', '1, 2']);
    const head = `${method} ${target} HTTP/1.${this.#prng.below(3)}\r\nhost: ${this.#prng.pick(['localhost', '127.0.0.1:1', 'evil.example', ''])}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
    const whole = Buffer.concat([Buffer.from(head), body]);
    if (this.#prng.chance(0.3)) whole[this.#prng.below(whole.length)] = this.#prng.below(256);
    return this.#prng.chance(0.2) ? whole.subarray(0, this.#prng.below(whole.length)) : whole;
  }
}

test('the API answers them all', async () => {
  // The job shall not be over after the first request that ends it.
  const { api, stack, defects, settle, get } = await inMemory({}, { cancel: async () => {}, stop: async () => '/savepoints/savepoint-1' });
  const fuzz = new Fuzz(1, stack.job.id);
  const before = process.memoryUsage().heapUsed;
  const counts = new Map<number, number>();
  for (let i = 0; i < REQUESTS; i++) {
    const request = fuzz.request();
    const said = await answer(api, { ...HERE, ...request });
    const { status } = said;
    const body = textOf(said);
    counts.set(status, (counts.get(status) ?? 0) + 1);
    const { errors }: { errors?: unknown } = said.content.contentType.startsWith('application/json') ? JSON.parse(body) : {};
    if (status >= 300) expect({ errors, stack: STACK.exec(body) }).toEqual({ errors: [expect.any(String)], stack: null });
    if (status === 500) throw new Error(`${JSON.stringify({ ...request, body: Buffer.from(request.body).toString() })} made ${body}`);
    if (i % 50 === 0) await settle();
  }
  await settle();
  expect(defects).toEqual([]);
  // All ways of answering are met: none of them is left out by chance.
  for (const status of [200, 202, 400, 404, 501]) expect(counts.get(status)).toBeGreaterThan(10);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(HEAP_GROWTH_MAX);
  expect((await get('/jobs')).status).toBe(200);
});

test('so does the server, whatever comes over a connection', async () => {
  const { api, stack, defects, get } = await inMemory();
  const server = await serveRest({ plane: api.rest.plane, port: 0, onDefect: api.onDefect });
  onTestFinished(() => server.close());
  const fuzz = new Fuzz(2, stack.job.id);
  let answered = 0;
  for (let i = 0; i < SOCKETS; i++) {
    const text = await said(server.url, fuzz.bytes());
    expect(STACK.exec(text)).toBeNull();
    if (/^HTTP\/1\.1 [2-5]\d\d /.test(text)) answered++;
  }
  expect(defects).toEqual([]);
  // What is cut off gets no answer.
  expect(answered).toBeGreaterThan(SOCKETS / 2);
  expect((await ask(server.url, { path: '/jobs' })).status).toBe(200);
  expect((await get('/jobs')).status).toBe(200);
});

/** What the server says until it, or a reset, ends the connection. */
function said(url: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.end(bytes);
  });
}
