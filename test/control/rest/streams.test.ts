/** Answers that go on for as long as somebody listens. */
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { Connections } from '../../../lib/control/rest/connections.ts';
import { Content } from '../../../lib/control/rest/content.ts';
import { Gate } from '../../../lib/control/rest/gate.ts';
import { get as endpoint } from '../../../lib/control/rest/route.ts';
import { object } from '../../../lib/control/rest/shape.ts';
import { inMemory } from './api.ts';
import { ask } from './world.ts';

interface Served {
  readonly url: string;
  /** Streams that have not been ended. */
  open(): number;
  close(): Promise<void>;
  listen(): Promise<IncomingMessage>;
}

async function serve(closedWithinMs?: number): Promise<Served> {
  const { api } = await inMemory();
  let open = 0;
  async function* events(): AsyncIterable<string> {
    open++;
    try {
      for (let n = 0; ; n++) {
        yield `data: ${n}\n\n`;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      open--;
    }
  }
  const routes = [...api.routes, endpoint({ path: '/events', summary: 'Without an end.', produces: 'text/event-stream' }, object({}), async () => new Content('text/event-stream', events()))];
  const connections = new Connections({ ...api, routes }, new Gate({ runtime: api.rest.plane.runtime }), closedWithinMs);
  onTestFinished(() => connections.close());
  await once(connections.server.listen(0, '127.0.0.1'), 'listening');
  const address = connections.server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const listen = async (): Promise<IncomingMessage> => {
    const request = get(`${url}/events`, { agent: false });
    onTestFinished(() => void request.destroy());
    const [response]: IncomingMessage[] = await once(request, 'response');
    if (response === undefined) throw new Error('there was no answer');
    response.on('error', () => {});
    return response;
  };
  return { url, open: () => open, close: () => connections.close(), listen };
}

test('64 may listen, and none of them keeps others from an answer', async () => {
  const { url, open, listen } = await serve();
  const listeners = await Promise.all(Array.from({ length: 64 }, listen));
  expect(listeners.map(({ statusCode }) => statusCode)).toEqual(listeners.map(() => 200));
  expect((await listen()).statusCode).toBe(503);
  expect(await Promise.all(Array.from({ length: 32 }, () => ask(url, { path: '/config' }).then(({ status }) => status)))).toEqual(Array.from({ length: 32 }, () => 200));
  expect(open()).toBe(64);
  for (const listener of listeners) listener.destroy();
  await expect.poll(open).toBe(0);
  expect((await listen()).statusCode).toBe(200);
});

test('a server that closes ends them: nobody takes what was heard for half of it', async () => {
  const { open, close, listen } = await serve();
  const listener = await listen();
  const heard = text(listener);
  await expect.poll(open).toBe(1);
  await close();
  expect(await heard).toMatch(/^data: 0\n\n/);
  expect({ isWhole: listener.complete, open: open() }).toEqual({ isWhole: true, open: 0 });
});

test('who has not sent all of a request is not waited for much longer', async () => {
  const { url, close } = await serve(50);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`POST /sessions HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 10\r\n\r\n{`);
  await once(socket, 'ready');
  const cut = once(socket, 'close');
  // The server has the head of the request before this answer.
  await ask(url, { path: '/config' });
  await close();
  await cut;
});

test('a connection serves one request: what was sent behind it is not begun', async () => {
  const { url, open, close } = await serve();
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const heard = text(socket);
  socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(3));
  await once(socket, 'readable');
  await ask(url, { path: '/config' });
  expect(open()).toBe(1);
  await close();
  expect((await heard).match(/HTTP\/1\.1 200/g)).toHaveLength(1);
});
