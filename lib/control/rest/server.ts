/** The REST API on a port of the loopback interface. */
import { once } from 'node:events';
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SluiceError } from '../../core/errors.ts';
import { refusedCaller } from './access.ts';
import { answer, refusalAnswer, type Api, type RestAnswer } from './answer.ts';
import { bodyOf } from './body.ts';
import type { ControlPlane } from './control-plane.ts';
import { Refusal } from './refusal.ts';
import { restOn, settle } from './rest.ts';
import type { Rest } from './route.ts';
import { ROUTES } from './routes.ts';

export interface ServeOptions {
  readonly plane: ControlPlane;
  /** What another one than this process carries out. */
  readonly others?: Partial<Rest>;
  /** 0: any free one. */
  readonly port: number;
  /** Called with what is a mistake of Sluice; clients learn nothing of it. */
  readonly onDefect: (thrown: unknown) => void;
}

export interface RestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Takes no more requests, and returns when the operations that were triggered have ended. */
  close(): Promise<void>;
}

/** Requests that are answered at the same time, and connections; what is more waits, or is told to come again. */
const CONCURRENT_MAX = 32;
const CONNECTIONS_MAX = 256;
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 30_000;
const HEADER_BYTES_MAX = 16 * 1024;

/** Throws OPTION_INVALID where the port is taken, or not for this user. */
export async function serveRest({ plane, others, port, onDefect }: ServeOptions): Promise<RestServer> {
  const rest = restOn(plane, onDefect, others);
  const answering = new Set<Promise<void>>();
  const server = serverOf({ rest, routes: ROUTES, onDefect }, answering);
  await listen(server, port);
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.all(answering);
      await settle(rest);
    },
  };
}

function serverOf(api: Api, answering: Set<Promise<void>>): Server {
  const limits = { headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS, maxHeaderSize: HEADER_BYTES_MAX };
  const server = createServer(limits, (request, response) => {
    const turn = serve(api, request, response, answering.size < CONCURRENT_MAX).finally(() => answering.delete(turn));
    answering.add(turn);
  });
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

/** Never rejects. */
async function serve(api: Api, request: IncomingMessage, response: ServerResponse, isFree: boolean): Promise<void> {
  try {
    await write(response, isFree ? await answerTo(api, request) : OVERLOADED);
  } catch {
    // Whoever asked has gone away.
    response.destroy();
  }
}

const OVERLOADED = refusalAnswer(new Refusal(503, 'Too many requests at the same time.'));

async function answerTo(api: Api, request: IncomingMessage): Promise<RestAnswer> {
  const { method = '', url = '', headers } = request;
  const refusal = refusedCaller({ method, host: headers.host, origin: headers.origin });
  if (refusal !== null) return refusalAnswer(refusal);
  return answer(api, { method, target: url, body: await bodyOf(request) });
}

/** A connection serves one request, as those of Flink's clients do. */
async function write(response: ServerResponse, { status, content: { contentType, body, headers } }: RestAnswer): Promise<void> {
  const isWhole = typeof body === 'string' || body instanceof Uint8Array;
  response.writeHead(status, STATUS_CODES[status], {
    'content-type': contentType,
    ...(isWhole && { 'content-length': Buffer.byteLength(body) }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...headers,
  });
  if (isWhole) response.end(body);
  else await pipeline(Readable.from(body), response);
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    throw new SluiceError('OPTION_INVALID', {
      message: `the REST API cannot be served on 127.0.0.1:${port}: ${reasonOf(error)}`,
      hint: 'name another port with --rest-port, where 0 is any free one, or --no-rest',
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return 'the port is taken';
  return code === 'EACCES' ? 'this user may not open the port' : String(error);
}
