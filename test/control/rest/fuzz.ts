/** Requests that nobody means: to the API itself, and as bytes to its port. Every way of answering is allowed but a stack, a defect and silence about a whole request. */
import { connect } from 'node:net';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { expect } from 'vitest';
import { answer } from '../../../lib/control/rest/answer.ts';
import { ROUTES } from '../../../lib/control/rest/routes.ts';
import { Prng } from '../../simulation/prng.ts';
import { HERE, textOf, type InMemory } from './api.ts';

const UUID = '01234567-89ab-cdef-0123-456789abcdef';
const SEGMENTS = ['stop', 'cancel', '', '.', '..', '%', '%00', '%2e%2e', '%ff', 'é', '😀', "'", '"', '<script>', ':jobid', '{jobid}', '__proto__', 'constructor', '0'.repeat(32), 'a'.repeat(33), 'x'.repeat(5000), '-1', '1e9', '9'.repeat(40), UUID, '\0', ' ', '\t'];
const STATEMENTS = ['SHOW TABLES', 'SELECT', 'SET', "SET 'a'='b'", ';', "'", '--', '/*', 'DROP TABLE x', 'USE CATALOG x', 'STOP JOB', '\u0000', `${'('.repeat(2000)}`];
const VALUES: readonly unknown[] = [...STATEMENTS, '/savepoints', 'CANONICAL', 'FULL', 'b'.repeat(32), null, true, true, 0, -1, 1e308, '', 'x', 'x'.repeat(5000), '\0', '../../etc', '/dev/null/x', 'file:///', 's3://', 's3://b/p?x=y', 'https://evil.example', [], {}, [[]], { toString: 1 }, '0'.repeat(32)];
const BODIES = ['', '{', '}', 'null', 'true', '0', '""', '[]', '[[[[', '{"a":', '{"__proto__":{"x":1}}', '\u{feff}{}', `${'['.repeat(50_000)}`, `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, '1e999', '"\\ud800"', 'x'.repeat(10_000)];
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'get', 'TRACE', 'X', ''];
/** Nothing that a stack has: a line of one, or a file of ours. */
const STACK = /\n\s+at |\.ts\b|node:internal|node_modules/;
/** Where Flink's SQL client stops to read the exception that it is told of. */
const SAID_TO_JAVA = /\\n\\tat org\.apache\.flink\.table\.gateway\.service\.SqlGatewayServiceImpl \(sluice\)/g;
const hasStack = (text: string): boolean => STACK.test(text.replaceAll(SAID_TO_JAVA, ''));
const HEAP_GROWTH_MAX = 64 * 1024 * 1024;
const SOCKETS_AT_A_TIME = 16;
const SILENT_MS = 3000;

/** Others than this machine, and pages of others. */
const FOREIGN = ['host: evil.example', 'host: 127.0.0.1.evil.example:8081', 'host: localhost\r\norigin: http://evil.example', 'host: localhost\r\norigin: null', 'host: localhost\r\nsec-fetch-site: cross-site', 'host: localhost\r\nsec-fetch-site: same-site\r\nsec-fetch-mode: cors'];
const OWN = ['host: localhost', 'host: 127.0.0.1:1', 'host: [::1]\r\norigin: http://[::1]'];

interface Request {
  readonly method: string;
  readonly target: string;
  readonly body: Uint8Array;
}

interface Bytes {
  readonly bytes: Buffer;
  /** Nothing of it may be done. */
  readonly isForeign: boolean;
}

export class Fuzz {
  readonly #prng: Prng;
  readonly #job: string;
  readonly #session: string;

  constructor(seed: number, { job, session }: { readonly job: string; readonly session: string }) {
    this.#prng = new Prng(seed);
    this.#job = job;
    this.#session = session;
  }

  /** One of the table with wrong values, or one that is in no table. */
  request(): Request {
    const route = this.#prng.pick(ROUTES);
    const method = this.#prng.chance(0.9) ? route.method : this.#prng.pick(METHODS);
    const path = this.#prng.chance(0.9) ? route.path.replace(/:(\w+)/g, (_, name: string) => this.#parameter(name, route.method)) : `/${Array.from({ length: this.#prng.below(6) }, () => this.#segment()).join('/')}`;
    const query = this.#prng.chance(0.3) ? `?${this.#prng.pick([...(route.query ?? []), '', '%', '__proto__'])}=${this.#segment()}` : '';
    const version = this.#prng.chance(0.95) ? this.#prng.pick(['', '/v1', `/v${route.upToVersion ?? 1}`]) : this.#prng.pick(['/v2', '/v9', '//', '\\']);
    return { method, target: `${version}${path}${query}`, body: this.#body(Object.keys(Object(route.request.schema['properties'] ?? {}))) };
  }

  #body(fields: readonly string[]): Uint8Array {
    if (this.#prng.chance(0.1)) return Uint8Array.from({ length: this.#prng.below(200) }, () => this.#prng.below(256));
    if (this.#prng.chance(0.2)) return Buffer.from(this.#prng.pick(BODIES));
    const entries = Array.from({ length: this.#prng.below(4) }, (): [string, unknown] => [this.#prng.pick([...fields, 'constructor']), this.#prng.pick(VALUES)]);
    return Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  }

  /** The session is to live as long as the test. */
  #parameter(name: string, method: string): string {
    if (name.endsWith('Handle')) return this.#prng.chance(0.8) ? this.#prng.pick(method === 'DELETE' ? [UUID] : [this.#session, UUID, UUID, UUID]) : this.#segment();
    if (name === 'token' || name === 'checkpointid') return this.#prng.chance(0.7) ? String(this.#prng.below(5)) : this.#segment();
    return this.#segment();
  }

  #segment(): string {
    return this.#prng.chance(0.7) ? this.#job : this.#prng.pick(SEGMENTS);
  }

  /** What a connection brings: one request or several, some bytes of which are wrong, or missing. */
  connection(): Bytes {
    const isForeign = this.#prng.chance(0.2);
    const requests = Array.from({ length: this.#prng.chance(0.1) ? 1 + this.#prng.below(20) : 1 }, () => this.#httpRequest(isForeign));
    const whole = Buffer.concat(requests);
    if (isForeign) return { bytes: whole, isForeign };
    if (this.#prng.chance(0.3)) whole[this.#prng.below(whole.length)] = this.#prng.below(256);
    return { bytes: this.#prng.chance(0.2) ? whole.subarray(0, this.#prng.below(whole.length)) : whole, isForeign };
  }

  #httpRequest(isForeign: boolean): Buffer {
    const { method, target, body } = this.request();
    const [framing, content] = this.#framed(body);
    const line = `${method} ${encodeURI(target.toWellFormed())} HTTP/${this.#prng.chance(0.95) ? '1.1' : this.#prng.pick(['1.0', '1.2', '2.0', '0.9', 'x'])}`;
    const more = isForeign ? [] : this.#prng.chance(0.8) ? [] : this.#prng.pick([[`x: ${'y'.repeat(20_000)}`], Array.from({ length: 3000 }, (_, i) => `x${i}: y`), ['host: localhost'], ['expect: 100-continue'], ['upgrade: websocket', 'connection: upgrade'], [': x'], ['x : y'], ['x: \u0001']]);
    const head = [line, this.#prng.pick(isForeign ? FOREIGN : OWN), ...framing, ...more];
    return Buffer.concat([Buffer.from(`${head.join(this.#prng.chance(0.95) ? '\r\n' : '\n')}\r\n\r\n`), content]);
  }

  /** With its length or in chunks, which may be wrong. */
  #framed(body: Uint8Array): [readonly string[], Uint8Array] {
    if (this.#prng.chance(0.8)) return [[`content-length: ${this.#prng.chance(0.9) ? body.length : this.#prng.pick([-1, 0, 1e12, 'x', '1, 2', '0x10', body.length + 1])}`], body];
    const size = this.#prng.chance(0.7) ? body.length.toString(16) : this.#prng.pick(['zz', '-1', 'ffffffffffffffffff', '', '0', '7fffffff', `${'0'.repeat(5000)}1`]);
    const framing = this.#prng.chance(0.8) ? ['transfer-encoding: chunked'] : ['transfer-encoding: chunked', `content-length: ${body.length}`];
    return [framing, Buffer.concat([Buffer.from(`${size};x=${this.#prng.chance(0.1) ? 'y'.repeat(20_000) : 'y'}\r\n`), body, Buffer.from(`\r\n${this.#prng.pick(['0\r\n\r\n', '0\r\nx: y\r\n\r\n', ''])}`)])];
  }
}

/** A job, and a session of the gateway. */
export async function targetsIn({ stack, send }: InMemory): Promise<ConstructorParameters<typeof Fuzz>[1]> {
  const { sessionHandle }: { sessionHandle: string } = JSON.parse(JSON.stringify((await send('POST', '/v1/sessions', {})).body));
  return { job: stack.job.id, session: sessionHandle };
}

/** How often each status was answered. */
export async function answerAll({ api, defects, settle }: InMemory, fuzz: Fuzz, requests: number): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  const before = heapUsed();
  for (let i = 0; i < requests; i++) {
    const request = fuzz.request();
    const said = await answer(api, { ...HERE, ...request });
    counts.set(said.status, (counts.get(said.status) ?? 0) + 1);
    if (said.status >= 300) refusalIn(textOf(said), request);
    // Flink's gateway says so of all that goes wrong in a session.
    if (said.status === 500 && !request.target.includes('/sessions')) throw new Error(`${request.method} ${request.target} made ${textOf(said)}`);
    if (i % 50 === 0) await settle();
  }
  await settle();
  expect(defects).toEqual([]);
  expect(heapUsed() - before).toBeLessThan(HEAP_GROWTH_MAX);
  return counts;
}

function refusalIn(body: string, request: Request): void {
  const { errors }: { errors?: unknown } = JSON.parse(body);
  const isFine = Array.isArray(errors) && errors.length > 0 && errors.every((error) => typeof error === 'string') && (errors[0] !== 'Internal server error.' || String(errors[1]).startsWith('<Exception on server side:'));
  if (!isFine || hasStack(body)) throw new Error(`${JSON.stringify({ ...request, body: Buffer.from(request.body).toString() })} made ${body}`);
}

/** How many of the connections got an answer: what is cut off gets none. */
export async function connectAll(url: string, fuzz: Fuzz, connections: number): Promise<number> {
  const before = heapUsed();
  let [made, answered] = [0, 0];
  const next = async (): Promise<void> => {
    while (made++ < connections) {
      const { bytes, isForeign } = fuzz.connection();
      const text = await said(url, bytes);
      if (hasStack(text) || (isForeign && /^HTTP\/1\.1 [235]/m.test(text))) throw new Error(`${bytes.toString('latin1').slice(0, 2000)} was answered with ${text}`);
      if (/^HTTP\/1\.1 [2-5]\d\d /.test(text)) answered++;
    }
  };
  await Promise.all(Array.from({ length: SOCKETS_AT_A_TIME }, next));
  expect(heapUsed() - before).toBeLessThan(HEAP_GROWTH_MAX);
  return answered;
}

/** What the server says until it, a reset, or nobody's patience ends the connection. */
function said(url: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    // Who has said all is not waited for: a body that is cut off is refused, and a request that is not whole, too.
    socket.setTimeout(SILENT_MS, () => void socket.destroy());
    socket.end(bytes);
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
