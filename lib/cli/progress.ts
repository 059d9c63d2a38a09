/** A line on a terminal that says what a command waits for, and since when. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Wait, WatchedWorkshop } from '../control/operations.ts';
import type { Context } from './context.ts';
import { bytesText, counted } from './text.ts';

const EVERY_MS = 200;

/** What is waited for; a function where that changes in the meantime. */
export type Waited = string | (() => string);

/** Shows what is waited for from now on; null: nothing is. */
export type WaitLine = (what: Waited | null) => void;

/** The line of one thing that goes on at a time. With `--json` nobody looks at it. */
export function waitLine({ console, json }: Pick<Context, 'console' | 'json'>): WaitLine {
  let shown: Waited | null = null;
  let since = 0;
  let timer: NodeJS.Timeout | null = null;
  const show = (): void => console.progress(`${typeof shown === 'function' ? shown() : shown} ... ${((nodeRuntime.elapsed() - since) / 1000).toFixed(1)} s`);
  return (what) => {
    if (json || what === shown) return;
    shown = what;
    since = nodeRuntime.elapsed();
    if (timer !== null) clearInterval(timer);
    timer = what === null ? null : setInterval(show, EVERY_MS);
    if (what === null) console.progress('');
  };
}

export async function withProgress<T>(context: Pick<Context, 'console' | 'json'>, what: Waited, action: () => Promise<T>): Promise<T> {
  const line = waitLine(context);
  line(what);
  try {
    return await action();
  } finally {
    line(null);
  }
}

/** Steps of operations, for people. */
const WAITS: Readonly<Record<Wait, string>> = {
  fence: 'Settling what sinks have of the state',
  start: 'Starting from the state',
  attach: 'Attaching the consumers',
  close: 'Closing the logs of what ran before',
  freeze: 'Freezing the partitions',
  barrier: 'Waiting for the barrier',
  export: 'Exporting the savepoint',
  detach: 'Detaching the consumers',
  others: 'Waiting for others who work on the job',
};

/** Shows what operations on a store wait for. */
export function waitsOn(context: Context): Required<Pick<WatchedWorkshop, 'onWait' | 'onExported'>> {
  const line = waitLine(context);
  let files = 0;
  let bytes = 0;
  const exported = (): string => `${WAITS.export}: ${counted(files, 'file')}, ${bytesText(bytes)}`;
  return {
    onWait: (wait) => {
      files = bytes = 0;
      line(wait === null ? null : WAITS[wait]);
    },
    onExported: (size) => {
      files += 1;
      bytes += size;
      line(exported);
    },
  };
}
