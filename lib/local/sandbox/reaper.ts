/**
 * Ends sandboxes whose host is gone. A frozen process cannot notice that, so a shell does, which is never frozen: it reads the ids of
 * processes from a pipe that only the host holds, and kills those that are left when the pipe ends, be it by SIGKILL of the host.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const SCRIPT = `pids=' '
while read -r what pid; do
  case $what in
    watch) pids="$pids$pid " ;;
    forget) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done`;

export class Reaper {
  readonly #shell: ChildProcess;

  constructor() {
    // Its own process group: Ctrl-C is for the host.
    this.#shell = spawn('sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#shell.unref();
    this.#shell.stdin?.on('error', () => {}); // a shell that is gone cannot be told
  }

  watch(pid: number): void {
    this.#shell.stdin?.write(`watch ${pid}\n`);
  }

  /** The process has ended; another one may get its id. */
  forget(pid: number): void {
    this.#shell.stdin?.write(`forget ${pid}\n`);
  }

  async close(): Promise<void> {
    const ended = this.#shell.exitCode === null && this.#shell.signalCode === null ? once(this.#shell, 'exit') : null;
    this.#shell.ref();
    this.#shell.stdin?.end();
    await ended;
  }
}
