/** Lambda's Invoke API in front of local functions, so that one function invokes another exactly as on AWS: AWS_ENDPOINT_URL_LAMBDA. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isError, SluiceError } from '../../core/errors.ts';
import type { FunctionTarget } from '../event-source/target.ts';

export interface InvokeEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** Lambda's limit of a synchronous request. */
const BODY_MAX = 6 * 1024 * 1024;
const PATH = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/;

/** On a free port of the loopback interface. */
export async function serveInvoke(target: FunctionTarget): Promise<InvokeEndpoint> {
  const server = createServer((request, response) => void answer(target, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new SluiceError('INVARIANT', { message: 'the endpoint has no port' });
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(target: FunctionTarget, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const name = PATH.exec(url.pathname)?.[1];
    if (request.method !== 'POST' || name === undefined) return send(response, 404, { Type: 'User', Message: 'only Invoke is served here' });
    const asked = request.headers['x-amz-invocation-type'];
    if (asked === 'DryRun') return void response.writeHead(204).end();
    const type = asked === 'Event' ? 'Event' : 'RequestResponse';
    const payload = await bodyOf(request);
    if (payload === null) return send(response, 413, { Type: 'User', Message: `the payload is larger than ${BODY_MAX} bytes` });
    const invocation = await target.invoke({ functionArn: arnOf(decodeURIComponent(name), url.searchParams.get('Qualifier')), payload: payload === '' ? '{}' : payload, type });
    if (type === 'Event') return void response.writeHead(202).end();
    if (invocation.kind === 'ok') return void response.writeHead(200, { 'content-type': 'application/json' }).end(invocation.payload);
    response.writeHead(200, { 'content-type': 'application/json', 'x-amz-function-error': 'Unhandled' });
    response.end(JSON.stringify({ errorType: invocation.errorType, errorMessage: invocation.message }));
  } catch (error) {
    refuse(response, error);
  }
}

/** Lambda takes a name, `name:alias`, or an ARN. */
function arnOf(name: string, qualifier: string | null): string {
  const arn = name.startsWith('arn:') ? name : `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  return qualifier === null ? arn : `${arn}:${qualifier}`;
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function refuse(response: ServerResponse, error: unknown): void {
  const [status, type] = isError(error, 'USAGE')
    ? [404, 'ResourceNotFoundException'] as const
    : isError(error, 'CONTENTION')
      ? [429, 'TooManyRequestsException'] as const
      : [500, 'ServiceException'] as const;
  response.setHeader('x-amzn-errortype', type);
  send(response, status, { Type: 'User', Message: error instanceof Error ? error.message : String(error) });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
