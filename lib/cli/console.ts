/** Where commands read and print; the lab and tests put another one in the place of the process's streams. */
import { text } from 'node:stream/consumers';
import { shortened } from '../core/display-width.ts';

export interface Console {
  /** Prints a line, or several, to standard output. */
  out(text: string): void;
  /** Prints a line to standard error. */
  err(text: string): void;
  /** A line that is overwritten by the next one, or taken away by an empty one: on a terminal only. */
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

/** What a stream has that lines are printed to; `isTTY`: a terminal. */
export interface Lines {
  readonly isTTY?: boolean;
  /** Width of a terminal; 0 if it is not known. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** On a terminal both streams meet: the line of progress gives way to whatever is printed next. */
export function printingTo(stdout: Lines, stderr: Lines): Pick<Console, 'out' | 'err' | 'progress'> {
  let isShown = false;
  const clear = (): void => {
    if (isShown) stderr.write(CLEAR_LINE);
    isShown = false;
  };
  const to = (stream: Lines) => (line: string): void => {
    clear();
    stream.write(`${line}\n`);
  };
  const progress = (line: string): void => {
    clear();
    if (line === '' || stderr.isTTY !== true) return;
    // A line that is broken would not be overwritten.
    stderr.write(shortened(line, Math.max(1, (stderr.columns || 80) - 1)));
    isShown = true;
  };
  return { out: to(stdout), err: to(stderr), progress };
}

export const processConsole: Console = {
  ...printingTo(process.stdout, process.stderr),
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
