/** The API without a port: in front of a job in memory. */
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { answer, type Api, type RestAnswer, type RestRequest } from '../../../lib/control/rest/answer.ts';
import type { AuditEntry } from '../../../lib/control/rest/audit.ts';
import type { ControlPlane } from '../../../lib/control/rest/control-plane.ts';
import { restOn, settle } from '../../../lib/control/rest/rest.ts';
import { ROUTES } from '../../../lib/control/rest/routes.ts';
import { storePlane } from '../../../lib/control/rest/store-plane.ts';
import { openTableCatalog } from '../../../lib/cli/scripts.ts';
import { SqlSession } from '../../../lib/control/session.ts';
import { absoluteDirectory } from '../../../lib/place/directories.ts';
import type { Runtime } from '../../../lib/ports/runtime.ts';
import { Stack, type StackOptions } from '../../engine/stack.ts';

export interface Said {
  readonly status: number;
  readonly body: unknown;
}

export interface InMemory {
  readonly stack: Stack;
  readonly api: Api;
  readonly defects: unknown[];
  readonly audited: AuditEntry[];
  get(path: string): Promise<Said>;
  send(method: string, path: string, body?: unknown): Promise<Said>;
  /** Waits for what has been triggered. */
  settle(): Promise<void>;
}

/** Who asks, where nobody has to say so. */
export const HERE: Pick<RestRequest, 'who' | 'address'> = { who: 'loopback', address: '127.0.0.1' };

/** What an answer says that is not a stream. */
export function textOf({ content: { body } }: RestAnswer): string {
  if (typeof body === 'string') return body;
  throw new TypeError('the answer is no text');
}

/** The clock of a test; who waits really waits, or a reader that reads again and again would do nothing else. */
const waitingFor = (clock: Runtime): Runtime => ({
  now: () => clock.now(),
  elapsed: () => clock.elapsed(),
  randomHex: (bytes) => clock.randomHex(bytes),
  runWithin: (ms, run) => clock.runWithin(ms, run),
  sleep: (ms) => nodeRuntime.sleep(ms),
});

/** `change`: what another platform would do differently. */
export async function inMemory(options: StackOptions = {}, change: Partial<ControlPlane> = {}): Promise<InMemory> {
  const stack = await Stack.create(options);
  const defects: unknown[] = [];
  const onDefect = (thrown: unknown): void => void defects.push(thrown);
  const plane = { ...storePlane(stack.workshop, absoluteDirectory, (properties) => new SqlSession({ workshop: stack.workshop, openTableCatalog, warehouse: '/nowhere', resolvePath: absoluteDirectory }, properties)), runtime: waitingFor(stack.runtime), ...change };
  const rest = restOn(plane, onDefect);
  const audited: AuditEntry[] = [];
  const api = { rest, routes: ROUTES, audit: (entry: AuditEntry) => void audited.push(entry), onDefect };
  const send = async (method: string, path: string, body?: unknown): Promise<Said> => {
    const said = await answer(api, { ...HERE, method, target: path, body: body === undefined ? new Uint8Array() : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) });
    const text = textOf(said);
    return { status: said.status, body: said.content.contentType.startsWith('application/json') ? JSON.parse(text) : text };
  };
  return { stack, api, defects, audited, get: (path) => send('GET', path), send, settle: () => settle(rest) };
}
