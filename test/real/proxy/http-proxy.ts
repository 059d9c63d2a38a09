/** An HTTP proxy before DynamoDB or S3: counts what passes, and lets go wrong what a test asks for. */
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorAnswer, type Answer, type Fault, type Rule, type Seen, type When } from './faults.ts';
import { isDynamo, seenIn, type Received } from './seen.ts';

interface Forwarded {
  readonly status: number;
  readonly headers: IncomingMessage['rawHeaders'];
  readonly body: Buffer;
}

export interface HttpProxy {
  /** `http://127.0.0.1:PORT`, to be used as endpoint. */
  readonly url: string;
  /** Requests so far by `<operation> <keys>`, also those that went wrong; a query of the newest item is `Query newest`. */
  counts(): Readonly<Record<string, number>>;
  /** Capacity units that DynamoDB says it took for them, by the same names. */
  units(): Readonly<Record<string, number>>;
  reset(): void;
  /** The newest rule that matches a request decides about it. Returns what takes the rule away. */
  inject(rule: Rule): () => void;
  /** Nothing answers for so long: connections end, new ones too. */
  outage(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free loopback port. */
export async function openHttpProxy(target: string): Promise<HttpProxy> {
  const counts = new Map<string, number>();
  const units = new Map<string, number>();
  const rules: { rule: Rule; left: number }[] = [];
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing).catch(() => outgoing.destroy()));

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const received: Received = { method: incoming.method ?? '', url: incoming.url ?? '/', headers: incoming.headers, body: await bodyOf(incoming) };
    const seen = seenIn(received);
    const name = [seen.operation, ...(seen.isBackward ? ['newest'] : []), ...seen.keys].join(' ');
    add(counts, name, 1);
    await answer(received, outgoing, faultFor(seen), async () => {
      const forwarded = await forward(target, received, incoming.rawHeaders);
      add(units, name, unitsIn(forwarded));
      return forwarded;
    });
  }

  function faultFor(seen: Seen): Fault | null {
    const found = rules.findLast(({ rule, left }) => left > 0 && (rule.matches?.(seen) ?? true));
    if (found === undefined) return null;
    found.left -= 1;
    return found.rule.fault;
  }

  function inject(rule: Rule): () => void {
    const entry = { rule, left: rule.times ?? Infinity };
    rules.push(entry);
    return () => void (entry.left = 0);
  }

  async function outage(ms: number): Promise<void> {
    const end = inject({ fault: { kind: 'cut', when: 'before' } });
    server.closeAllConnections();
    await sleep(ms);
    end();
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    counts: () => byName(counts),
    units: () => byName(units),
    reset: () => {
      counts.clear();
      units.clear();
    },
    inject,
    outage,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const add = (sums: Map<string, number>, name: string, n: number): void => void sums.set(name, (sums.get(name) ?? 0) + n);
const byName = (sums: ReadonlyMap<string, number>): Record<string, number> => Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Quotes within items are escaped: this is no text of theirs. */
const unitsIn = ({ body }: Forwarded): number => Number(/"ConsumedCapacity":\{[^}]*"CapacityUnits":([\d.]+)/.exec(body.toString())?.[1] ?? 0);

async function answer(received: Received, outgoing: ServerResponse, fault: Fault | null, act: () => Promise<Forwarded>): Promise<void> {
  if (fault === null) return relay(outgoing, await act());
  if (fault.kind === 'throttle' || fault.kind === 'deny') return reply(outgoing, errorAnswer(isDynamo(received), fault));
  const wait = async (when: When): Promise<unknown> => (fault.when !== when ? null : fault.kind === 'delay' ? sleep(fault.ms) : fault.kind === 'hold' ? fault.until : null);
  await wait('before');
  const forwarded = fault.when === 'after' || fault.kind === 'delay' || fault.kind === 'hold' ? await act() : null;
  await wait('after');
  if (fault.kind === 'cut') outgoing.destroy();
  else if (fault.kind === 'failure') reply(outgoing, errorAnswer(isDynamo(received), fault));
  else if (forwarded !== null) relay(outgoing, forwarded);
}

function forward(target: string, { method, url, body }: Received, headers: readonly string[]): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const request = send(new URL(target), { method, path: url, headers: [...headers], agent: false }, (response) => {
      bodyOf(response).then((answered) => resolve({ status: response.statusCode ?? 502, headers: response.rawHeaders, body: answered }), reject);
    });
    request.once('error', reject).end(body);
  });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function relay(outgoing: ServerResponse, { status, headers, body }: Forwarded): void {
  outgoing.writeHead(status, headers).end(body);
}

function reply(outgoing: ServerResponse, { status, type, body }: Answer): void {
  outgoing.writeHead(status, { 'content-type': type }).end(body);
}
