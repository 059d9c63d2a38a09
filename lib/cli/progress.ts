/** A line on a terminal that says what a command waits for, and since when. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Context } from './context.ts';

const EVERY_MS = 200;

export async function withProgress<T>({ console }: Context, what: string, action: () => Promise<T>): Promise<T> {
  const since = nodeRuntime.elapsed();
  const show = (): void => console.progress(`${what} ... ${((nodeRuntime.elapsed() - since) / 1000).toFixed(1)} s`);
  const timer = setInterval(show, EVERY_MS);
  try {
    return await action();
  } finally {
    clearInterval(timer);
    console.progress('');
  }
}
