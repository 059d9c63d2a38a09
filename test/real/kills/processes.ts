/** Processes as the system shows them in /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Null where there is no such process any more. */
function read(pid: number, what: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return null;
  }
}

const pids = (): number[] => readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

/** `T`: stopped; `Z`: has ended; empty: gone. */
export const stateOf = (pid: number): string => /\) (\S)/.exec(read(pid, 'stat') ?? '')?.[1] ?? '';

const parentOf = (pid: number): number => Number(/\) \S (\d+)/.exec(read(pid, 'stat') ?? '')?.[1] ?? 0);

/** Processes of which the command line contains `text`. */
export const running = (text: string): number[] => pids().filter((pid) => pid !== process.pid && read(pid, 'cmdline')?.includes(text) === true);

/** Sandboxes of this process that are not frozen: in the middle of an invocation, or loading. */
export const busySandboxes = (functionName: string): number[] =>
  pids().filter((pid) => parentOf(pid) === process.pid && /[RSD]/.test(stateOf(pid)) && read(pid, 'environ')?.includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}\0`) === true);
