/** Reads out of a request what tests count and choose by. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Seen } from './faults.ts';

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const targetOf = ({ headers }: Received): string | undefined => {
  const target = headers['x-amz-target'];
  return typeof target === 'string' ? target : undefined;
};

export const isDynamo = (request: Received): boolean => targetOf(request) !== undefined;

export function seenIn(request: Received): Seen {
  const target = targetOf(request);
  return target === undefined ? objectRequest(request) : { operation: target.split('.')[1] ?? target, keys: keysIn(request.body) };
}

function objectRequest({ method, url }: Received): Seen {
  const [path = ''] = url.split('?');
  const [, , ...key] = decodeURIComponent(path).split('/');
  const name = key.join('/');
  return { operation: `${method} ${name === '' ? 'bucket' : 'object'}`, keys: name === '' ? [] : [pattern(name)] };
}

/** Partition keys, wherever in the request they are: items, keys, values of a key condition, members of a batch. */
function keysIn(body: Buffer): string[] {
  const keys = new Set<string>();
  collect(JSON.parse(body.toString() || '{}'), keys);
  return [...keys].sort();
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** What the store calls them in items, keys and conditions. */
const NAMES: ReadonlySet<string> = new Set(['pk', ':pk', ':log']);

function collect(value: unknown, keys: Set<string>): void {
  if (!isObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (NAMES.has(name) && isObject(member) && typeof member['S'] === 'string') keys.add(pattern(member['S']));
    else collect(member, keys);
  }
}

/** Leaves out what differs from run to run. */
const pattern = (key: string): string => key.replace(/[0-9a-f]{16,}/g, '*').replace(/\d+/g, '*');
