/** Where commands read and print; the lab and tests put another one in the place of the process's streams. */
import { text } from 'node:stream/consumers';
import { shortened } from '../core/display-width.ts';

export interface Console {
  /** Prints a line, or several, to standard output. */
  out(text: string): void;
  /** Prints a line to standard error. */
  err(text: string): void;
  /** A line that is overwritten by the next one: on a terminal only. */
  progress(text: string): void;
  /** All of standard input; null if that is a terminal. */
  input(): Promise<string | null>;
  /** Where somebody types and reads; null if input or output is anything else. */
  terminal(): Terminal | null;
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  /** `columns`: its width, which may change; 0 if it is not known. */
  readonly output: NodeJS.WritableStream & { readonly columns?: number };
}

const CLEAR_LINE = '\r\u001b[K';

export const processConsole: Console = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  progress: (line) => {
    // A line that is broken would not be overwritten.
    if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE + shortened(line, Math.max(1, (process.stderr.columns || 80) - 1)));
  },
  input: async () => (process.stdin.isTTY ? null : text(process.stdin)),
  terminal: () => (process.stdin.isTTY && process.stdout.isTTY ? { input: process.stdin, output: process.stdout } : null),
};

/** A reader that goes away, such as `head`, ends the command and is no failure. */
export function endOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
