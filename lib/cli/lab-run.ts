/** Carries out the steps of the lab: the very commands, run by the program that a user runs, and a look at what they print. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Console } from './console.ts';
import type { Chapter } from './lab-chapters.ts';
import type { LabCommand, LabStep } from './lab-command.ts';
import { withProgress } from './progress.ts';

/** Runs one command line and returns its exit code. */
export type RunProgram = (argv: readonly string[], console: Console) => Promise<number>;

const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;

export class LabRun {
  readonly dir: string;
  readonly #console: Console;
  /** What `{name}` stands for. */
  readonly #names: Map<string, string>;

  readonly #run: RunProgram;

  constructor(dir: string, console: Console, run: RunProgram) {
    this.dir = dir;
    this.#run = run;
    this.#console = console;
    this.#names = new Map([['dir', dir]]);
  }

  announce(name: string, { about }: Chapter): void {
    this.#console.out(`${name === 'savepoint' ? 'The savepoint lab' : `The chapter ${name}: ${about}`}. A runner works in the background:`);
    this.#print(['up'], '');
  }

  /** Takes a step; what differs from what must be seen, or null. Nothing is waited for once `isHopeless`. */
  async take(step: LabStep, isHopeless: () => boolean): Promise<string | null> {
    this.#console.out(`\n=== ${step.title}`);
    for (const command of step.commands) {
      const console = this.#console;
      const difference = await withProgress({ console, json: false }, `Waiting for what \`sluice ${command.type[0]}\` shall show`, () => this.#carryOut(command, isHopeless));
      if (difference !== null) return difference;
    }
    return null;
  }

  succeed({ end }: Chapter): void {
    this.#console.out(`\n${end}`);
  }

  async #carryOut(command: LabCommand, isHopeless: () => boolean): Promise<string | null> {
    const words = command.type.map((word) => this.#filled(word));
    const until = nodeRuntime.elapsed() + (command.wait === true ? PATIENCE_MS : 0);
    for (let seen = 0; ; ) {
      const { output, exitCode } = await this.#execute(words);
      seen = exitCode === 0 && this.#matches(command, output) ? seen + 1 : 0;
      const isDone = seen >= (command.wait === true ? 2 : 1);
      if (isDone || exitCode !== 0 || isHopeless() || nodeRuntime.elapsed() > until) {
        if (command.hidden !== true || !isDone) this.#print(words, output);
        return isDone ? null : this.#difference(command, exitCode);
      }
      await nodeRuntime.sleep(PAUSE_MS);
    }
  }

  async #execute(words: readonly string[]): Promise<{ output: string; exitCode: number }> {
    const lines: string[] = [];
    const out = (line: string): void => void lines.push(line);
    const exitCode = await this.#run([...words, '--dir', this.dir], { out, err: out, progress: () => {}, input: async () => null, terminal: () => null });
    return { output: lines.join('\n'), exitCode };
  }

  #matches({ see, match, as }: LabCommand, output: string): boolean {
    if (see !== undefined && !output.includes(this.#filled(see))) return false;
    if (match === undefined) return true;
    const found = new RegExp(this.#filled(match)).exec(output);
    if (as !== undefined && found?.[1] !== undefined) this.#names.set(as, found[1]);
    return found !== null;
  }

  #difference({ see, match }: LabCommand, exitCode: number): string {
    if (exitCode !== 0) return `the command ended with exit code ${exitCode}`;
    return `expected:\n${this.#filled(see ?? match ?? '')}`;
  }

  /** Names and files of the lab; braces around anything else are left as they are. */
  #filled(text: string): string {
    return text.replaceAll(/\{([^{}]+)\}/g, (all, name: string) => this.#names.get(name) ?? (/\.(?:sql|jsonl)$/.test(name) ? pathOf(name) : all));
  }

  #print(words: readonly string[], output: string): void {
    this.#console.out(`$ ${['sluice', ...words, '--dir', this.dir].map(quoted).join(' ')}${output === '' ? '' : `\n${output}`}`);
  }
}

/** As short as a user would type it. */
function pathOf(file: string): string {
  const path = fileURLToPath(new URL(`lab/${file}`, import.meta.url));
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

const quoted = (word: string): string => (/^[\w./:=@-]+$/.test(word) ? word : `"${word.replace(/["\\$`]/g, '\\$&')}"`);
