/**
 * One sandbox, as Lambda runs them: a process that holds the function's module, runs one invocation at a time, is frozen (SIGSTOP) in
 * between, and is killed when an invocation takes too long.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Invocation } from '../event-source/target.ts';
import type { FromSandbox, ToSandbox } from './messages.ts';
import type { Reaper } from './reaper.ts';

export interface SandboxOptions {
  /** File of the function's module. */
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly reaper: Reaper;
  /** Lines that the function writes. */
  readonly onLine: (line: string) => void;
}

const CHILD = new URL(`./child${extname(import.meta.filename)}`, import.meta.url);
/** Lambda's limit of the init phase. */
const INIT_MAX_MS = 10_000;

type Answer = (invocation: Invocation) => void;

export class Sandbox {
  readonly #process: ChildProcess;
  readonly #options: SandboxOptions;
  readonly #ended: Promise<void>;
  readonly #ready: Promise<boolean>;
  #answer: Answer | null = null;
  #requestId = '';
  #isFrozen = false;
  #hasEnded = false;
  /** Killed at its timeout; its end is not known yet. */
  #isDoomed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    const execArgv = [`--max-old-space-size=${Math.floor(options.memoryMb * 0.9)}`];
    // Its own process group: Ctrl-C is for the host.
    this.#process = fork(CHILD, [options.module], { execArgv, env: options.environment, detached: true, serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const { pid } = this.#process;
    if (pid !== undefined) options.reaper.watch(pid);
    for (const stream of [this.#process.stdout, this.#process.stderr]) if (stream !== null) createInterface({ input: stream }).on('line', options.onLine);
    this.#process.on('message', (message: FromSandbox) => this.#hear(message));
    this.#process.on('error', () => {}); // `exit` or `close` follows; a send that fails is one to a process that has ended
    this.#ended = new Promise((resolve) => this.#process.once('close', () => resolve(this.#end(pid))));
    this.#ready = this.#awaitReady();
  }

  /** It takes no further invocation. */
  get hasEnded(): boolean {
    return this.#hasEnded || this.#isDoomed;
  }

  /** The function has its event, and has not answered. */
  get isRunning(): boolean {
    return this.#answer !== null;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Answers always: errors of the function, its end, and `Sandbox.Timedout` after `timeoutMs`, with which the sandbox is over. */
  async invoke(request: Omit<ToSandbox, 'kind'>): Promise<Invocation> {
    if (!(await this.#ready)) return exitError(request.requestId, 'ended or hung while it was loading');
    this.#thaw();
    const answered = new Promise<Invocation>((resolve) => {
      this.#answer = resolve;
      this.#requestId = request.requestId;
    });
    const timer = setTimeout(() => this.#timeOut(request), request.timeoutMs);
    if (this.#hasEnded) this.#settle(exitError(request.requestId, 'has ended'));
    else this.#process.send({ kind: 'invoke', ...request } satisfies ToSandbox);
    const invocation = await answered;
    clearTimeout(timer);
    return invocation;
  }

  /** Stops the process where it is. Whoever waits for an invocation in it waits until its timeout. */
  freeze(): void {
    if (this.#hasEnded || this.#isFrozen) return;
    this.#process.kill('SIGSTOP');
    this.#isFrozen = true;
  }

  /** Continues it: an invocation in the middle of which it was frozen goes on, as that of a zombie does, even if nobody waits any more. */
  resume(): void {
    this.#thaw();
  }

  /** Gives up the invocation under way, with the answer that a timeout has; the process stays as it is. */
  abandon(): void {
    this.#settle(timedOut(this.#requestId, 0));
  }

  async kill(): Promise<void> {
    if (!this.#hasEnded) this.#process.kill('SIGKILL');
    await this.#ended;
  }

  async #awaitReady(): Promise<boolean> {
    const ready = new Promise<boolean>((resolve) => {
      this.#process.on('message', (message: FromSandbox) => message.kind === 'ready' && resolve(true));
      void this.#ended.then(() => resolve(false));
    });
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), INIT_MAX_MS);
    const isReady = await ready;
    clearTimeout(timer);
    return isReady;
  }

  #hear(message: FromSandbox): void {
    if (message.kind === 'ready' || message.requestId !== this.#requestId) return;
    // Frozen before anything else: what the function has left behind goes on with the next event, or never.
    this.freeze();
    this.#settle(message.kind === 'ok' ? { kind: 'ok', payload: message.payload } : { kind: 'error', errorType: message.errorType, message: message.message });
  }

  #timeOut({ requestId, timeoutMs }: Omit<ToSandbox, 'kind'>): void {
    this.#isDoomed = true;
    this.#process.kill('SIGKILL');
    this.#settle(timedOut(requestId, timeoutMs));
  }

  #thaw(): void {
    if (this.#isFrozen) this.#process.kill('SIGCONT');
    this.#isFrozen = false;
  }

  #settle(invocation: Invocation): void {
    this.#answer?.(invocation);
    this.#answer = null;
  }

  #end(pid: number | undefined): void {
    this.#hasEnded = true;
    if (pid !== undefined) this.#options.reaper.forget(pid);
    const { exitCode, signalCode } = this.#process;
    this.#settle(exitError(this.#requestId, signalCode === null ? `exited with status ${exitCode}` : `was ended by ${signalCode}`));
  }
}

/** In the words of Lambda. */
const timedOut = (requestId: string, ms: number): Invocation => ({
  kind: 'error',
  errorType: 'Sandbox.Timedout',
  message: `RequestId: ${requestId} Error: Task timed out after ${(ms / 1000).toFixed(2)} seconds`,
});

const exitError = (requestId: string, how: string): Invocation => ({ kind: 'error', errorType: 'Runtime.ExitError', message: `RequestId: ${requestId} Error: the runtime ${how}` });
