/** What the sandboxes of this process use, as the kernel counts it: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
import { readdirSync, readFileSync } from 'node:fs';

export interface SandboxUse {
  readonly pid: number;
  /** `sluice-writer`, … */
  readonly name: string;
  /** User and system time. */
  readonly cpuSeconds: number;
  /** MB of resident memory, at most so far. */
  readonly peakMb: number;
}

const TICKS_PER_S = 100;

/** Children of this process that run a function, frozen ones too. */
export function sandboxes(): SandboxUse[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => useOf(Number(pid)) ?? []);
}

/** Null for other processes, and for one that has ended meanwhile. */
function useOf(pid: number): SandboxUse | null {
  try {
    // Behind the name, which is in parentheses: state, parent, …
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    if (Number(stat[1]) !== process.pid) return null;
    const name = /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
    if (name === undefined) return null;
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { pid, name, cpuSeconds: (Number(stat[11]) + Number(stat[12])) / TICKS_PER_S, peakMb: Number(peak) / 1024 };
  } catch {
    return null;
  }
}
