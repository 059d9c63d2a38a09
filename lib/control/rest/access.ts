/**
 * From where this server may be called. A web page cannot choose the `Host` that its browser sends, so a name that is made to point here (DNS rebinding)
 * gives itself away; and the browser says by `Origin` and `Sec-Fetch-Site` which page asks.
 */
import { Refusal } from './refusal.ts';

export interface Caller {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin?: string | undefined;
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`: how the page that asks is related to this server, and whether it asks to be left for it. */
  readonly site?: string | undefined;
  readonly mode?: string | undefined;
  /** The address of this machine that the connection came to: no name points to it but itself. */
  readonly local?: string | undefined;
}

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?)$/i;
const HOST = /^([a-z\d._-]+|\[[a-f\d:.]+\])(:\d{1,5})?$/;
/** Those of a browser that its user leads here. */
const OWN_SITES = ['same-origin', 'none'];

/** Whether only this machine calls such an address or name. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** How an address is written in a URL. */
export const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Null for who may. `names`: of this machine, lower case and without ports, beside those of its loopback interface. */
export function refusedCaller(caller: Caller, names: readonly string[] = []): Refusal | null {
  const host = caller.host?.toLowerCase() ?? '';
  const [, name = ''] = HOST.exec(host) ?? [];
  const isNamed = names.includes(name);
  if (!isNamed && !isLoopback(name) && name !== literalOf(caller.local)) return wrongHost(host, names);
  const { method, origin, site, mode } = caller;
  // Before a machine that has a name there may be a proxy, where TLS ends.
  const own = [`http://${host}`, ...(isNamed ? [`https://${host}`] : [])];
  if (origin !== undefined && !own.includes(origin.toLowerCase())) return new Refusal(403, `Pages of '${origin.slice(0, 64)}' may not call this server.`);
  const isLink = method === 'GET' && mode === 'navigate';
  return site === undefined || OWN_SITES.includes(site) || isLink ? null : new Refusal(403, 'Pages of other servers may not call this one.');
}

/** IPv4 comes as IPv6 where the server listens to both. */
const literalOf = (address: string | undefined): string | undefined => (address === undefined ? undefined : inUrl(address.replace(/^::ffff:(?=\d+\.)/, '')));

function wrongHost(host: string, names: readonly string[]): Refusal {
  const known = names.length === 0 ? '127.0.0.1 or localhost' : names.join(', ');
  return new Refusal(403, `Host '${host.slice(0, 64)}' is not this machine: call ${known}, or name it with --rest-host.`);
}
