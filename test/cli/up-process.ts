/** `sluice up` as a process of its own, which ends with the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { ROOT } from './sluice.ts';

export interface Up {
  /** All that it has printed, once it has said this. */
  says(what: string): Promise<string>;
  /** All of its standard error, when it has ended. */
  readonly errors: Promise<string>;
  /** Ends it as Ctrl-C does; its exit code. */
  end(): Promise<unknown>;
}

export function startUp(dir: string, ...words: string[]): Up {
  const child = spawn(process.execPath, [`${ROOT}bin/sluice.ts`, '--dir', dir, 'up', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  return {
    says: async (what) => {
      while (!printed.includes(what)) await once(child.stdout, 'data');
      return printed;
    },
    errors: text(child.stderr),
    end: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}
