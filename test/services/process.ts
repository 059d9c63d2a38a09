/** Whether a process runs, and whether it is still the same one. */
import { readFileSync } from 'node:fs';

/** A process that has ended but was not waited for by its parent (a zombie) does not run. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && statOf(pid)[0] !== 'Z';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process was started, as Linux counts it; elsewhere nothing tells two processes of one pid from each other. */
export const startOf = (pid: number): string => statOf(pid)[19] ?? 'unknown';

/** Fields of `/proc/<pid>/stat` from the state on: the name before it is in parentheses and may contain anything. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
