/** Runners as processes of their own: one is killed and started again, another one joins it and leaves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Prng } from '../../simulation/prng.ts';
import type { Told } from './runner-process.ts';

/** A file that is given what they tell. */
const TRACE = process.env['TRACE'];
const PROGRAM = new URL('runner-process.ts', import.meta.url).pathname;

interface Runner {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
}

export class Runners {
  readonly #bundles: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #prng: Prng;
  readonly #runners = new Map<string, Runner>();
  readonly #counts = new Map<string, number>();
  /** What they could not do, most recent last; also lines that are not theirs. */
  readonly troubles: string[] = [];
  /** Ended though nobody ended them. */
  readonly lost: string[] = [];

  constructor(bundles: string, environment: Readonly<Record<string, string>>, prng: Prng) {
    this.#bundles = bundles;
    this.#environment = environment;
    this.#prng = prng;
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  has(name: string): boolean {
    return this.#runners.has(name);
  }

  start(name: string, mood: 'wild' | 'calm' = 'wild'): void {
    const child = spawn(process.execPath, [PROGRAM, this.#bundles, String(this.#prng.below(1e9)), mood], { env: { ...process.env, ...this.#environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => this.#hear(name, line));
    if (TRACE !== undefined) appendFileSync(TRACE, `${new Date().toISOString()} ${name} started ${child.pid}\n`);
    const ended = once(child, 'exit').then(([code, signal]) => {
      if (this.#runners.get(name)?.process !== child) return;
      this.#runners.delete(name);
      this.lost.push(`${name}: ${signal ?? code}`);
    });
    this.#runners.set(name, { process: child, ended });
  }

  /** Returns when the process is gone. */
  async end(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const runner = this.#runners.get(name);
    if (runner === undefined) return;
    this.#runners.delete(name);
    if (runner.process.kill(signal)) this.count(signal === 'SIGKILL' ? 'runner killed' : 'runner left');
    await runner.ended;
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#runners.keys()].map((name) => this.end(name, 'SIGKILL')));
  }

  #hear(name: string, line: string): void {
    if (TRACE !== undefined) appendFileSync(TRACE, `${new Date().toISOString()} ${name} ${line}\n`);
    const told = toldIn(line);
    if (told === null) return void this.troubles.push(line);
    if (told.kind === 'trouble') return void this.troubles.push(told.message);
    if (told.kind === 'hosting') return;
    this.count(`${told.name} ${told.kind}`);
    if (told.kind === 'continued' && told.behind > 0) this.count(`${told.name} continued behind others`);
  }
}

function toldIn(line: string): Told | null {
  if (!line.startsWith('{"kind"')) return null;
  const told: Told = JSON.parse(line);
  return told;
}
