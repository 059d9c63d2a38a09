/** What every server of the tests has in common: it listens on a free port of this machine, and is stopped by whoever started it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

export interface RunningServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Makes an HTTP server listen. `stop` does not wait for clients that keep their connections. */
export async function listen(server: Server & { closeAllConnections?(): void }): Promise<RunningServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections?.();
      await closed;
    },
  };
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

/** Emulators check no credentials, but the SDK wants some. */
export function useTestCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
}

/** A variable that the tests of this file cannot do without. */
export function required(name: string, what: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: it must be ${what}`);
  return value;
}
