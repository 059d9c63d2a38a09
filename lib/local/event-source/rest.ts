/**
 * Lambda's REST API for event source mappings, as AWS SDKs and the AWS CLI call it when their Lambda endpoint is this one. Everything else of Lambda's
 * API is passed on to the endpoint behind, if there is one. It listens on 127.0.0.1, and looks at no signature.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { EventSources, MappingFilter } from './event-sources.ts';
import { EXCEPTIONS, exceptionOf } from './exceptions.ts';
import { bodyOf, send, type Answer } from './http.ts';
import { parseCreate, parseUpdate } from './validation.ts';

export interface RestParts {
  readonly sources: EventSources;
  /** 0: any free one. */
  readonly port: number;
  /** Where other calls of Lambda's API go; null: they are refused. */
  readonly lambdaEndpoint: string | null;
}

export interface RestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

const PATH = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?\/?$/;
const PAGE_MAX = 100;

export async function serveRest(parts: RestParts): Promise<RestServer> {
  const server = createServer((request, response) => {
    answer(parts, request)
      .catch((error: unknown) => failure(error))
      .then((reply) => write(response, reply))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(parts.port, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : parts.port;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(parts: RestParts, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const found = PATH.exec(url.pathname);
  const body = await bodyOf(request);
  return found === null ? forward(parts, request, body) : mappings(parts.sources, { method: request.method ?? 'GET', uuid: found[1] ?? '', url, body });
}

interface Call {
  readonly method: string;
  /** Empty for the collection. */
  readonly uuid: string;
  readonly url: URL;
  readonly body: Buffer;
}

async function mappings(sources: EventSources, call: Call): Promise<Answer> {
  const { method, uuid } = call;
  if (uuid === '' && method === 'POST') return json(202, await sources.create(parseCreate(parsed(call.body))));
  if (uuid === '' && method === 'GET') return json(200, await page(sources, call.url.searchParams));
  if (uuid !== '' && method === 'GET') return json(200, await sources.get(uuid));
  if (uuid !== '' && method === 'PUT') return json(202, await sources.update(uuid, parseUpdate(parsed(call.body))));
  if (uuid !== '' && method === 'DELETE') return json(202, await sources.delete(uuid));
  return refused(405, 'InvalidRequestException', `${method} ${call.url.pathname} is no call of Lambda's API`);
}

async function page(sources: EventSources, query: URLSearchParams): Promise<object> {
  const filter: { -readonly [K in keyof MappingFilter]: MappingFilter[K] } = {};
  const arn = query.get('EventSourceArn');
  const name = query.get('FunctionName');
  if (arn !== null) filter.EventSourceArn = arn;
  if (name !== null) filter.FunctionName = name;
  const all = await sources.list(filter);
  // The marker is the UUID that the last page ended with.
  const from = all.findIndex((m) => m.UUID === query.get('Marker')) + 1;
  const max = Math.min(PAGE_MAX, Math.max(1, Number(query.get('MaxItems') ?? PAGE_MAX) || PAGE_MAX));
  const EventSourceMappings = all.slice(from, from + max);
  const isLast = from + max >= all.length;
  return isLast ? { EventSourceMappings } : { EventSourceMappings, NextMarker: EventSourceMappings.at(-1)?.UUID };
}

async function forward({ lambdaEndpoint }: RestParts, { method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  if (lambdaEndpoint === null) {
    const why = 'this endpoint serves event source mappings only; --lambda-endpoint URL names the one that has the functions';
    return refused(404, 'ResourceNotFoundException', `${method} ${url}: ${why}`);
  }
  const { host: _, connection: __, 'transfer-encoding': ___, ...kept } = headers;
  try {
    return await send(new URL(url, lambdaEndpoint), { method, headers: { ...kept, 'content-length': body.length } }, body);
  } catch (error) {
    return refused(502, 'ServiceException', `the Lambda endpoint ${lambdaEndpoint} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Null, which is no request, for what is no JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function failure(error: unknown): Answer {
  const exception = exceptionOf(error);
  if (exception !== null) return refused(EXCEPTIONS[exception.name], exception.name, exception.message);
  return refused(500, 'ServiceException', error instanceof Error ? error.message : String(error));
}

const json = (status: number, data: object): Answer => ({ status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(data)) });

function refused(status: number, type: string, message: string): Answer {
  const { headers, ...rest } = json(status, { Type: status < 500 ? 'User' : 'Service', Message: message, message });
  return { ...rest, headers: { ...headers, 'x-amzn-errortype': type } };
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _, connection: __, ...kept } = headers;
  response.writeHead(status, { ...kept, 'content-length': body.length });
  response.end(body);
}
