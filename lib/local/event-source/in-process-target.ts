/** A function of this process: what tests and small tools invoke. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '../../ports/runtime.ts';
import type { FunctionTarget, Invocation } from './target.ts';

/** What a handler may read of Lambda's context. */
export interface HandlerContext {
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: HandlerContext) => Promise<unknown>;

export interface InProcessParts {
  readonly handler: Handler;
  readonly runtime: Runtime;
  /** Default 30 s. What runs on behind it is a zombie, as nothing can end a function of the same process. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** Events are copied by way of JSON, as on AWS. */
export function inProcess({ handler, runtime, timeoutMs = TIMEOUT_MS }: InProcessParts): FunctionTarget {
  const underWay = new Set<Promise<Invocation>>();
  const run = async (functionArn: string, payload: string): Promise<Invocation> => {
    try {
      return { kind: 'ok', payload: JSON.stringify((await handler(JSON.parse(payload), contextOf(functionArn, timeoutMs, runtime))) ?? null) };
    } catch (error) {
      return { kind: 'error', errorType: error instanceof Error ? error.name : 'Error', message: error instanceof Error ? error.message : String(error) };
    }
  };
  return {
    invoke: async ({ functionArn, payload, type }) => {
      const running = run(functionArn, payload).finally(() => underWay.delete(running));
      underWay.add(running);
      return type === 'Event' ? { kind: 'ok', payload: '' } : withinTime(running, timeoutMs);
    },
    close: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function withinTime(running: Promise<Invocation>, timeoutMs: number): Promise<Invocation> {
  const timer = new AbortController();
  return new Promise((resolve) => {
    delay(timeoutMs, undefined, { signal: timer.signal }).then(
      () => resolve({ kind: 'error', errorType: 'Sandbox.Timedout', message: `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds` }),
      () => {},
    );
    running.then((invocation) => {
      timer.abort();
      resolve(invocation);
    }, () => {});
  });
}

function contextOf(invokedFunctionArn: string, timeoutMs: number, runtime: Runtime): HandlerContext {
  const until = runtime.elapsed() + timeoutMs;
  return {
    functionName: invokedFunctionArn.split(':')[6] ?? '',
    invokedFunctionArn,
    awsRequestId: runtime.randomHex(16),
    getRemainingTimeInMillis: () => Math.max(0, until - runtime.elapsed()),
  };
}
