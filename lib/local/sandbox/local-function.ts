/** A function: its sandboxes, what waits for one, and the queue of asynchronous invocations with their retries. */
import { randomUUID } from 'node:crypto';
import type { Invocation } from '../event-source/target.ts';
import type { Reaper } from './reaper.ts';
import { Sandbox } from './sandbox.ts';

export interface FunctionOptions {
  readonly module: string;
  /** What the function gets beside what Lambda sets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Sandboxes at most (reserved concurrency); invocations wait for one. */
  readonly concurrency: number;
  /** Of asynchronous invocations (MaximumRetryAttempts), 0 to 2. */
  readonly retries: number;
}

/** Asynchronous invocations that wait. */
const EVENTS_MAX = 1000;
/** Lambda waits a minute before the first retry; a laptop does not. */
const RETRY_AFTER_MS = 1000;
const NAP_MS = 20;
/** For invocations that run when the function is closed. */
const GRACE_MS = 5000;

/** A sandbox in the middle of an invocation that nobody waits for any more. */
export interface Zombie {
  readonly pid: number | undefined;
  /** It goes on with what it was doing. */
  resume(): void;
  kill(): Promise<void>;
}

export class LocalFunction {
  readonly #name: string;
  readonly #options: FunctionOptions;
  readonly #reaper: Reaper;
  readonly #onLine: (line: string) => void;
  readonly #idle: Sandbox[] = [];
  readonly #busy = new Set<Sandbox>();
  readonly #zombies = new Set<Sandbox>();
  readonly #waiting: (() => void)[] = [];
  readonly #events = new Set<Promise<void>>();
  /** Events without a sandbox. */
  readonly #queued = new Set<string>();
  #closing = false;

  constructor(name: string, options: FunctionOptions, reaper: Reaper, onLine: (line: string) => void) {
    this.#name = name;
    this.#options = options;
    this.#reaper = reaper;
    this.#onLine = onLine;
  }

  async invoke(functionArn: string, payload: string, onStart = (): void => {}): Promise<Invocation> {
    const sandbox = await this.#take();
    onStart();
    try {
      return await sandbox.invoke({ requestId: randomUUID(), functionArn, payload, timeoutMs: this.#options.timeoutMs });
    } finally {
      this.#giveBack(sandbox);
    }
  }

  /** False where the queue is full. An event that waits stands for all that are equal to it: a tick that was not heard is not missed. */
  accept(functionArn: string, payload: string): boolean {
    if (this.#closing || this.#events.size >= EVENTS_MAX) return false;
    const key = `${functionArn} ${payload}`;
    if (this.#queued.has(key)) return true;
    this.#queued.add(key);
    const running = this.#runEvent(functionArn, payload, () => this.#queued.delete(key)).finally(() => this.#events.delete(running));
    this.#events.add(running);
    return true;
  }

  /** Nothing runs, and nothing waits. */
  get isIdle(): boolean {
    return this.#busy.size === 0 && this.#events.size === 0 && this.#waiting.length === 0;
  }

  /** Freezes a sandbox in the middle of its invocation, which is answered as timed out; null where none is in one. For tests. */
  strand(): Zombie | null {
    const sandbox = [...this.#busy].find((busy) => busy.isRunning);
    if (sandbox === undefined) return null;
    sandbox.freeze();
    this.#busy.delete(sandbox);
    this.#zombies.add(sandbox);
    sandbox.abandon();
    return { pid: sandbox.pid, resume: () => sandbox.resume(), kill: () => sandbox.kill() };
  }

  /** Waits for what runs, though not for long: it may be killed at any time. Drops what waits, ends the processes. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const wake of this.#waiting.splice(0)) wake();
    for (let waited = 0; !this.isIdle && waited < GRACE_MS; waited += NAP_MS) await nap();
    await Promise.all([...this.#idle, ...this.#zombies, ...this.#busy].map((sandbox) => sandbox.kill()));
    await Promise.all(this.#events);
  }

  async #runEvent(functionArn: string, payload: string, onStart: () => void): Promise<void> {
    for (let attempt = 0; attempt <= this.#options.retries && !this.#closing; attempt++) {
      if (attempt > 0) await nap(RETRY_AFTER_MS);
      const invocation = this.#closing ? null : await this.invoke(functionArn, payload, onStart).catch(() => null);
      if (invocation === null || invocation.kind === 'ok') return;
    }
  }

  async #take(): Promise<Sandbox> {
    while (!this.#closing && this.#busy.size >= this.#options.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#closing) throw new Error(`${this.#name} is being shut down`);
    const sandbox = this.#idleOne() ?? this.#start();
    this.#busy.add(sandbox);
    return sandbox;
  }

  /** The one that was used last: the others may be old. */
  #idleOne(): Sandbox | null {
    for (let sandbox = this.#idle.pop(); sandbox !== undefined; sandbox = this.#idle.pop()) if (!sandbox.hasEnded) return sandbox;
    return null;
  }

  #giveBack(sandbox: Sandbox): void {
    // One that was stranded is nobody's.
    if (this.#busy.delete(sandbox) && !sandbox.hasEnded) this.#idle.push(sandbox);
    this.#waiting.shift()?.();
  }

  #start(): Sandbox {
    const { module, environment, memoryMb } = this.#options;
    return new Sandbox({ module, memoryMb, reaper: this.#reaper, onLine: this.#onLine, environment: { ...lambdaEnvironment(this.#name, module, memoryMb), ...environment } });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function lambdaEnvironment(name: string, module: string, memoryMb: number): Record<string, string> {
  return {
    _HANDLER: 'index.handler',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: randomUUID(),
    AWS_REGION: 'us-east-1',
    LAMBDA_TASK_ROOT: module.slice(0, module.lastIndexOf('/')),
    TZ: ':UTC',
  };
}

const nap = (ms = NAP_MS): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
