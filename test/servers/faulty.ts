/** A proxy before a server, on whose way requests and answers get lost. */
import { createServer, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen, type RunningServer } from './listening.ts';

/**
 * | fault | the server | the client |
 * |---|---|---|
 * | none | executes the request | gets the answer |
 * | lost-before | hears nothing | sees the connection end |
 * | lost-after | executes the request | sees the connection end |
 * | silent | hears nothing | hears nothing |
 * | silent-after | executes the request | hears nothing |
 * | stalled | executes the request | gets the first half of the answer |
 * | an answer | hears nothing | gets that |
 */
export type Fault = 'none' | 'lost-before' | 'lost-after' | 'silent' | 'silent-after' | 'stalled' | { readonly status: number; readonly body: string };

export interface FaultyServer extends RunningServer {
  /** What happens to the next requests, one each, instead of what was told before. */
  next(...faults: readonly Fault[]): void;
  /** Requests since the start. */
  readonly seen: number;
}

interface Passed {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export async function startFaulty(backend: string): Promise<FaultyServer> {
  const faults: Fault[] = [];
  let seen = 0;
  const server = createServer((request, response) => {
    seen++;
    void answer(backend, faults.shift(), request, response);
  });
  return {
    ...(await listen(server)),
    next: (...told) => void faults.splice(0, faults.length, ...told),
    get seen() {
      return seen;
    },
  };
}

async function answer(backend: string, fault: Fault | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (typeof fault === 'object') return void response.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' }).end(fault.body);
  if (fault === 'silent') return;
  const passed = fault === 'lost-before' ? null : await passOn(backend, request, body);
  if (fault === 'silent-after') return;
  if (passed === null || fault === 'lost-after') return void request.socket.destroy();
  response.writeHead(passed.status, passed.headers);
  if (fault === 'stalled') response.write(passed.body.subarray(0, passed.body.length / 2));
  else response.end(passed.body);
}

function passOn(backend: string, request: IncomingMessage, body: Buffer): Promise<Passed> {
  const { promise, resolve, reject } = Promise.withResolvers<Passed>();
  const { method, headers } = request;
  const passed = httpRequest(new URL(request.url ?? '/', backend), { ...(method === undefined ? {} : { method }), headers, agent: false }, (response) => {
    bodyOf(response).then((bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }), reject);
  });
  passed.on('error', reject);
  passed.end(body);
  return promise;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
