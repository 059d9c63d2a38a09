/**
 * Who may call. The server is for this machine alone; what remains are web pages that its browsers show. A page cannot choose the `Host` that its browser
 * sends, so a name that is made to point here (DNS rebinding) gives itself away; and a browser says by `Origin` which page wants to change something.
 */
import { Refusal } from './refusal.ts';

export interface Caller {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

/** Null for who may. */
export function refusedCaller({ method, host = '', origin }: Caller): Refusal | null {
  if (!LOOPBACK.test(host)) return new Refusal(403, `Host '${host.slice(0, 64)}' is not this machine: call 127.0.0.1 or localhost.`);
  const isOwn = origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`;
  return isOwn || method === 'GET' ? null : new Refusal(403, `Pages of '${origin.slice(0, 64)}' may not change jobs.`);
}
