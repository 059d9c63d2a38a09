/** The API without a port: in front of a job in memory. */
import { answer, type Api } from '../../../lib/control/rest/answer.ts';
import type { ControlPlane } from '../../../lib/control/rest/control-plane.ts';
import { ROUTES } from '../../../lib/control/rest/routes.ts';
import { storePlane } from '../../../lib/control/rest/store-plane.ts';
import { Triggered } from '../../../lib/control/rest/triggered.ts';
import { absoluteDirectory } from '../../../lib/place/directories.ts';
import { Stack, type StackOptions } from '../../engine/stack.ts';

export interface Said {
  readonly status: number;
  readonly body: unknown;
}

export interface InMemory {
  readonly stack: Stack;
  readonly api: Api;
  readonly defects: unknown[];
  get(path: string): Promise<Said>;
  send(method: string, path: string, body?: unknown): Promise<Said>;
  /** Waits for what has been triggered. */
  settle(): Promise<void>;
}

/** `change`: what another platform would do differently. */
export async function inMemory(options: StackOptions = {}, change: Partial<ControlPlane> = {}): Promise<InMemory> {
  const stack = await Stack.create(options);
  const defects: unknown[] = [];
  const onDefect = (thrown: unknown): void => void defects.push(thrown);
  const triggers = { runtime: stack.runtime, onDefect };
  const plane = { ...storePlane(stack.workshop, absoluteDirectory), ...change };
  const rest = { plane, savepoints: new Triggered<string>(triggers), checkpoints: new Triggered<number>(triggers), disposals: new Triggered<void>(triggers) };
  const api = { rest, routes: ROUTES, onDefect };
  const send = async (method: string, path: string, body?: unknown): Promise<Said> => {
    const said = await answer(api, { method, target: path, body: body === undefined ? new Uint8Array() : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) });
    return { status: said.status, body: JSON.parse(said.body) };
  };
  const settle = async (): Promise<void> => {
    for (const one of [rest.savepoints, rest.checkpoints, rest.disposals]) await one.settle();
  };
  return { stack, api, defects, get: (path) => send('GET', path), send, settle };
}
