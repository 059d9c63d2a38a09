/** Runners as processes of their own: one is killed and started again, another one joins it and leaves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Prng } from '../../simulation/prng.ts';
import type { Told } from './runner-process.ts';

/** The broker takes 10 s to see that a member of a group is gone: more kills than these would be all that happens. */
const QUIET_MIN_MS = 8000;
const QUIET_MAX_MS = 22_000;
const AWAY_MAX_MS = 4000;
const KILLS_A = 0.4;
/** Notes that are kept for whoever has to find out why nothing moves. */
const NOTES_MAX = 60;
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
  /** What they said last. */
  readonly notes: string[] = [];
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

  start(name: string, mood: 'wild' | 'calm' = 'wild'): void {
    const child = spawn(process.execPath, [PROGRAM, this.#bundles, String(this.#prng.below(1e9)), mood], { env: { ...process.env, ...this.#environment }, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => this.#hear(name, line));
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

  /** `a` is killed and comes again; `b` joins it and leaves, so that the groups rebalance. */
  async harass(prng: Prng, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await nap(prng.between(QUIET_MIN_MS, QUIET_MAX_MS), signal);
      if (signal.aborted) return;
      if (prng.chance(KILLS_A)) {
        await this.end('a', 'SIGKILL');
        await nap(prng.below(AWAY_MAX_MS), signal);
        this.start('a');
      } else if (this.#runners.has('b')) await this.end('b', prng.pick(['SIGKILL', 'SIGTERM'] as const));
      else {
        this.start('b');
        this.count('runner joined');
      }
    }
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#runners.keys()].map((name) => this.end(name, 'SIGKILL')));
  }

  #hear(name: string, line: string): void {
    const told = toldIn(line);
    if (told.kind === 'note') this.notes.push(`${name}: ${told.text}`);
    else this.count(told.kind === 'fault' ? `event source: ${told.name}` : `${told.name} ${told.kind}`);
    if (told.kind === 'continued' && told.behind > 0) this.count(`${told.name} continued behind others`);
    if (this.notes.length > NOTES_MAX) this.notes.shift();
  }
}

/** Lines that are none of its own are what Node writes. */
function toldIn(line: string): Told {
  if (!line.startsWith('{"kind"')) return { kind: 'note', text: line };
  const told: Told = JSON.parse(line);
  return told;
}

async function nap(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {}); // over sooner where it is aborted
}
