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
  return target === undefined ? objectRequest(request) : itemRequest(target, JSON.parse(request.body.toString() || '{}'));
}

function objectRequest({ method, url }: Received): Seen {
  const [path = ''] = url.split('?');
  const [, , ...key] = decodeURIComponent(path).split('/');
  const name = key.join('/');
  return { operation: `${method} ${name === '' ? 'bucket' : 'object'}`, keys: name === '' ? [] : [pattern(name)], isBackward: false };
}

function itemRequest(target: string, body: unknown): Seen {
  const keys = new Set<string>();
  collect(body, keys);
  return { operation: target.split('.')[1] ?? target, keys: [...keys].sort(), isBackward: isObject(body) && body['ScanIndexForward'] === false };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** Partition keys, wherever in the request they are: items, keys, values of a key condition, members of a batch. */
function collect(value: unknown, keys: Set<string>): void {
  if (!isObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    const key = KEYS.includes(name) ? textOf(member) : null;
    if (key === null) collect(member, keys);
    else keys.add(withKind(pattern(key), textOf(value['sk'])));
  }
}

/** What requests call a partition key: an attribute, or a value of a key condition. */
const KEYS = ['pk', ':pk', ':log'];

const textOf = (member: unknown): string | null => (isObject(member) && typeof member['S'] === 'string' ? member['S'] : null);

const withKind = (key: string, sortKey: string | null): string => (key === 'J#*' && sortKey !== null ? `${key} ${sortKey.split('#')[0]}` : key);

/** Leaves out what differs from run to run. */
const pattern = (key: string): string => key.replace(/[0-9a-f]{16,}/g, '*').replace(/\d+/g, '*');
