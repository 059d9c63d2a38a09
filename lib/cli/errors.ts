/** The one place that prints errors. */
import { isError, SluiceError } from '../core/errors.ts';

/** Exit codes of the command. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

export const usage = (message: string, hint?: string): SluiceError => new SluiceError('USAGE', hint === undefined ? { message } : { message, hint });

/** A failure that needs no code: its message is all there is to say. */
export class Reported extends Error {}

/** The end of a command that has done its work, and says something with its exit code. */
export class EndsWith extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

export const exitCodeOf = (error: unknown): number => (isError(error, 'USAGE') ? EXIT.usage : EXIT.failed);

/** What people are shown: code, message and hint of an error that Sluice means to throw; everything about a defect. */
export function errorText(error: unknown): string {
  if (error instanceof Reported) return `[ERROR] ${error.message}`;
  if (!isError(error)) return `[ERROR] DEFECT: this is a mistake of Sluice, please report it\n${stackOf(error)}`;
  const { code, message, hint } = error;
  const head = message.startsWith(code) ? message : `${code}: ${message}`;
  const lines = [`[ERROR] ${head}`, ...(hint === undefined ? [] : [`hint: ${hint}`]), ...(error.kind === 'bug' ? [stackOf(error)] : [])];
  return lines.join('\n');
}

/** The same as one JSON object, for `--json`. */
export function errorJson(error: unknown): string {
  if (!isError(error)) return JSON.stringify({ error: { code: 'DEFECT', message: stackOf(error) } });
  const { code, message, hint = null, details } = error;
  return JSON.stringify({ error: { code, message, hint, details } });
}

function stackOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? `\ncaused by ${stackOf(error.cause)}` : '';
  return (error instanceof Error ? (error.stack ?? error.message) : String(error)) + cause;
}
