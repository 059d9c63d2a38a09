/** Many seeds in child processes. A run that does not come to an end is killed with its process, so that no defect can hang the rest. */
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Edit } from './mutants/edit.ts';
import { redSeed } from './run-seed.ts';
import type { Report } from './violation.ts';

export interface SeedTask {
  readonly config: string;
  readonly seed: number;
}

export type GreenSeed = SeedTask & { readonly kind: 'green'; readonly report: Report };
/** `faults`: as far as they were drawn. */
export type RedSeed = SeedTask & { readonly kind: 'red'; readonly message: string; readonly stack: string; readonly faults: number };
export type SeedOutcome = GreenSeed | RedSeed;

/** What a child process says. */
export type Answer =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'unloadable'; readonly message: string }
  | { readonly kind: 'outcome'; readonly outcome: SeedOutcome };

export interface SeedOptions {
  /** Of the mutant; none: the engine as it is. */
  readonly edits?: readonly Edit[];
  readonly processes?: number;
  /** Wall-clock time after which a seed counts as hung. */
  readonly timeoutMs?: number;
}

/** The limit of steps ends a run long before. */
const TIMEOUT_MS = 60_000;

/** Child processes that run seeds, from one call to the next: what they have compiled for one configuration serves the others. */
export class SeedProcesses {
  readonly #runners: readonly SeedRunner[];

  constructor({ edits = [], processes = availableParallelism(), timeoutMs = TIMEOUT_MS }: SeedOptions = {}) {
    this.#runners = Array.from({ length: processes }, () => new SeedRunner(edits, timeoutMs));
  }

  /** Runs the tasks, begun in their order; ends early where `onOutcome` returns 'enough'. Throws what keeps the engine from being loaded. */
  async run(tasks: Iterable<SeedTask>, onOutcome: (outcome: SeedOutcome) => 'enough' | void): Promise<void> {
    const queue = tasks[Symbol.iterator]();
    let isEnough = false;
    const work = async (runner: SeedRunner): Promise<void> => {
      while (!isEnough) {
        const next = queue.next();
        if (next.done === true) return;
        if (onOutcome(await runner.run(next.value)) === 'enough') isEnough = true;
      }
    };
    await Promise.all(this.#runners.map(work));
  }

  end(): void {
    for (const runner of this.#runners) runner.end();
  }
}

/** The same in processes of their own. */
export async function runSeeds(tasks: Iterable<SeedTask>, options: SeedOptions, onOutcome: (outcome: SeedOutcome) => 'enough' | void): Promise<void> {
  const processes = new SeedProcesses(options);
  try {
    await processes.run(tasks, onOutcome);
  } finally {
    processes.end();
  }
}

/** Runs one seed at a time, in a new process where the last one was killed. */
class SeedRunner {
  readonly #edits: readonly Edit[];
  readonly #timeoutMs: number;
  #child: ChildProcess | null = null;
  /** What the next message or the end of the process settles. */
  #expected = expectation();

  constructor(edits: readonly Edit[], timeoutMs: number) {
    this.#edits = edits;
    this.#timeoutMs = timeoutMs;
  }

  async run(task: SeedTask): Promise<SeedOutcome> {
    const child = this.#child ?? (await this.#start());
    child.send(task);
    const hung = new Error(`the run did not come to an end within ${this.#timeoutMs} ms`);
    const timer = setTimeout(() => this.#expected.reject(hung), this.#timeoutMs);
    try {
      const answer = await this.#next();
      return answer.kind === 'outcome' ? answer.outcome : redSeed(task, answer.kind);
    } catch (error) {
      this.end();
      return redSeed(task, error);
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.#child?.removeAllListeners().kill('SIGKILL');
    this.#child = null;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(new URL('seed-process.ts', import.meta.url), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    child.on('message', (answer: Answer) => this.#expected.resolve(answer));
    child.on('error', (error) => this.#expected.reject(error));
    child.on('exit', (code, signal) => {
      this.#child = null;
      this.#expected.reject(new Error(`the process ended with ${signal ?? code}`));
    });
    child.send(this.#edits);
    const answer = await this.#next();
    if (answer.kind === 'unloadable') throw new Error(answer.message);
    return child;
  }

  async #next(): Promise<Answer> {
    try {
      return await this.#expected.promise;
    } finally {
      this.#expected = expectation();
    }
  }
}

function expectation(): PromiseWithResolvers<Answer> {
  const expected = Promise.withResolvers<Answer>();
  expected.promise.catch(() => {}); // A process may fail while nobody waits for it; whoever asks it next is told.
  return expected;
}
