/** `sluice up` as processes of their own, which are killed with SIGKILL and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Prng } from '../simulation/prng.ts';

const BIN = join(resolve(import.meta.dirname, '../..'), 'bin/sluice.ts');
/** Kills that wait until the runner has come up, and how long it works then. */
const UP_FIRST = 0.6;
const WORKS_MAX_MS = 300;

interface Runner {
  readonly process: ChildProcess;
  /** It has printed something, or has ended. */
  readonly up: Promise<unknown>;
  readonly ended: Promise<unknown>;
}

export class Runners {
  readonly #dir: string;
  readonly #runners: Runner[] = [];
  /** SIGKILLs that met a process that was running. */
  kills = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  start(slot: number): void {
    const process = spawn(globalThis.process.execPath, [BIN, 'up', '--dir', this.#dir], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(process, 'exit');
    this.#runners[slot] = { process, up: Promise.race([once(process.stdout, 'data').then(() => process.stdout.resume()), ended]), ended };
  }

  /** Kills one runner or the other, and starts it again, until `isOver` and at least `min` times. */
  async harass(prng: Prng, min: number, isOver: () => boolean): Promise<void> {
    while (!isOver() || this.kills < min) {
      const slot = prng.below(this.#runners.length);
      if (prng.chance(UP_FIRST)) await this.#runners[slot]?.up;
      await pause(prng.below(WORKS_MAX_MS));
      await this.#kill(slot);
      this.start(slot);
    }
  }

  /** Ends all of them; none is left when this returns. */
  async end(): Promise<void> {
    await Promise.all(this.#runners.map((_, slot) => this.#kill(slot)));
  }

  async #kill(slot: number): Promise<void> {
    const runner = this.#runners[slot];
    if (runner === undefined || runner.process.exitCode !== null || runner.process.signalCode !== null) return;
    if (runner.process.kill('SIGKILL')) this.kills++;
    await runner.ended;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
