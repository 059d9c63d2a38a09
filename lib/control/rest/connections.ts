/** What becomes of a connection: one request, and its answer. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { answer, refusalAnswer, type Api, type RestAnswer } from './answer.ts';
import { BODY_MAX, bodyOf } from './body.ts';
import type { Content } from './content.ts';
import type { Gate, Who } from './gate.ts';
import { headersOf } from './headers.ts';
import { Refusal } from './refusal.ts';

/** Requests that are answered at the same time, streams that somebody listens to, and connections; what is more is told to come again, or waits. */
const CONCURRENT_MAX = 32;
const STREAMS_MAX = 64;
const CONNECTIONS_MAX = 256;
/** Of the request's head, of all of it, and of an answer that nobody takes. */
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 30_000;
const ANSWER_WITHIN_MS = 30_000;
const CHECKED_EVERY_MS = 2000;
/** Of what is under way when the server closes: streams end and answers go out within this time, or are cut. */
const CLOSED_WITHIN_MS = 2000;
const HEADER_BYTES_MAX = 16 * 1024;
/** Who has not shown the token has nothing else to say. */
const LOGIN_BYTES_MAX = 4096;

const LIMITS = { headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS, connectionsCheckingInterval: CHECKED_EVERY_MS, maxHeaderSize: HEADER_BYTES_MAX };
const OVERLOADED = refusalAnswer(new Refusal(503, 'Too many requests at the same time.'));
const TOO_MANY_STREAMS = refusalAnswer(new Refusal(503, 'Too many listeners at the same time.'));

export class Connections {
  readonly server: Server;
  readonly #api: Api;
  readonly #gate: Gate;
  readonly #closedWithinMs: number;
  readonly #answering = new Set<Promise<RestAnswer>>();
  /** From a request to the end of its answer. */
  readonly #served = new Set<Promise<void>>();
  readonly #streams = new Set<AsyncIterator<string>>();

  constructor(api: Api, gate: Gate, closedWithinMs = CLOSED_WITHIN_MS) {
    this.#api = api;
    this.#gate = gate;
    this.#closedWithinMs = closedWithinMs;
    this.server = createServer(LIMITS, (request, response) => {
      // It waits behind another one on its connection, which ends with the answer to that: nobody would ever see this one's.
      if (response.socket === null) return;
      const served = this.#serve(request, response);
      this.#served.add(served);
      void served.finally(() => this.#served.delete(served));
    });
    this.server.maxConnections = CONNECTIONS_MAX;
  }

  /** Ends streams and lets answers go out, cuts what takes longer, and returns when nothing is being answered any more. */
  async close(): Promise<void> {
    this.server.close();
    for (const events of this.#streams) void events.return?.();
    void delay(this.#closedWithinMs, null, { ref: false }).then(() => this.server.closeAllConnections());
    await Promise.all(this.#served);
    // Those on which nothing was asked.
    this.server.closeAllConnections();
  }

  /** Never rejects. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const who = this.#gate.admit(visitorOf(request));
      const body = await bodyOf(request, bytesFrom(who));
      await this.#write(response, this.#answering.size < CONCURRENT_MAX ? await this.#answer(request, who, body) : OVERLOADED);
    } catch {
      // Whoever asked has gone away.
      response.destroy();
    }
  }

  async #answer(request: IncomingMessage, who: Who | Refusal, body: Uint8Array | null): Promise<RestAnswer> {
    const { method = '', url = '', headers } = request;
    const address = addressOf(request);
    const answering = answer(this.#api, { method, target: url, body, ifNoneMatch: headers['if-none-match'], origin: headers.origin, who, address });
    this.#answering.add(answering);
    const answered = await answering.finally(() => this.#answering.delete(answering));
    if (answered.isWrongToken) this.#gate.failed(address);
    return answered;
  }

  /** A connection serves one request, as those of Flink's clients do. */
  async #write(response: ServerResponse, answered: RestAnswer): Promise<void> {
    const { status, content } = answered;
    const { body } = content;
    if (typeof body === 'string' || body instanceof Uint8Array) {
      response.setTimeout(ANSWER_WITHIN_MS, () => response.destroy());
      head(response, status, content, status === 304 ? {} : { 'content-length': String(Buffer.byteLength(body)) });
      response.end(body);
      await finished(response);
    } else if (this.#streams.size >= STREAMS_MAX) await this.#write(response, TOO_MANY_STREAMS);
    else await this.#stream(response, answered, body);
  }

  async #stream(response: ServerResponse, { status, content }: RestAnswer, events: AsyncIterable<string>): Promise<void> {
    const iterator = events[Symbol.asyncIterator]();
    this.#streams.add(iterator);
    try {
      head(response, status, content, {});
      await pipeline(Readable.from({ [Symbol.asyncIterator]: () => iterator }), response);
    } finally {
      this.#streams.delete(iterator);
    }
  }
}

function head(response: ServerResponse, status: number, content: Content, more: Content['headers']): void {
  response.writeHead(status, STATUS_CODES[status], { ...headersOf(content), ...more, connection: 'close' });
}

const bytesFrom = (who: Who | Refusal): number => (who instanceof Refusal ? 0 : who === 'anonymous' ? LOGIN_BYTES_MAX : BODY_MAX);

const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? '';

function visitorOf(request: IncomingMessage): Parameters<Gate['admit']>[0] {
  const { method = '', headers, socket } = request;
  const { host, origin, authorization, cookie } = headers;
  const page = { site: one(headers['sec-fetch-site']), mode: one(headers['sec-fetch-mode']) };
  return { method, host, origin, authorization, cookie, ...page, local: socket.localAddress, address: addressOf(request) };
}

/** Node gives only some headers once. */
const one = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.join());
