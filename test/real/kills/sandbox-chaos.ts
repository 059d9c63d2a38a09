/**
 * Kills and freezes the sandboxes of one runner in the middle of their invocations. A frozen one counts as timed out, so its event is delivered to
 * a successor; it goes on as a zombie, mostly when the successor and more have committed, sometimes while that is at it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionName } from '../../../lib/lambda/alias.ts';
import type { LocalFunctions } from '../../../lib/local/sandbox/local-functions.ts';
import type { Zombie } from '../../../lib/local/sandbox/local-function.ts';
import type { Prng } from '../../simulation/prng.ts';
import { busySandboxes } from './processes.ts';

export type Struck =
  | { readonly kind: 'killed' | 'frozen'; readonly name: FunctionName }
  /** `behind`: so many events had been processed since it was frozen. */
  | { readonly kind: 'continued'; readonly name: FunctionName; readonly behind: number };

const PAUSE_MAX_MS = 3500;
const ZOMBIES_MAX = 3;
const ZOMBIE_MAX_MS = 6000;
/** How long a zombie may go on before its process is ended. */
const GOES_ON_MS = 4000;
const EVENTS_BEHIND = 4;
const TICK_MS = 20;
/** How long a sandbox that is to be killed is waited for. */
const BUSY_WITHIN_MS = 1000;
const LOOK_MS = 50;

export class SandboxChaos {
  readonly #functions: LocalFunctions;
  readonly #prng: Prng;
  readonly #tell: (struck: Struck) => void;
  #zombies = 0;
  #processed = 0;

  constructor(functions: LocalFunctions, prng: Prng, tell: (struck: Struck) => void) {
    this.#functions = functions;
    this.#prng = prng;
    this.#tell = tell;
  }

  /** An event has succeeded. */
  processed(): void {
    this.#processed++;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#prng.below(PAUSE_MAX_MS));
      const name = this.#victim();
      if (this.#prng.chance(0.5)) await this.#kill(name, signal);
      else this.#freeze(name);
    }
  }

  #victim(): FunctionName {
    const draw = this.#prng.next();
    return draw < 0.75 ? 'sluice-writer' : draw < 0.93 ? 'sluice-firer' : 'sluice-workflow';
  }

  /** A firer works for moments: it is waited for, or a run may not meet any. */
  async #kill(name: FunctionName, signal: AbortSignal): Promise<void> {
    for (let waited = 0; waited < BUSY_WITHIN_MS && !signal.aborted; waited += LOOK_MS) {
      const [pid] = busySandboxes(name);
      if (pid !== undefined) {
        process.kill(pid, 'SIGKILL');
        return this.#tell({ kind: 'killed', name });
      }
      await sleep(LOOK_MS);
    }
  }

  #freeze(name: FunctionName): void {
    if (this.#zombies >= ZOMBIES_MAX) return;
    const zombie = this.#functions.strand(name);
    if (zombie === null) return;
    this.#tell({ kind: 'frozen', name });
    this.#zombies++;
    void this.#continue(name, zombie).finally(() => this.#zombies--);
  }

  async #continue(name: FunctionName, zombie: Zombie): Promise<void> {
    const since = this.#processed;
    const waits = this.#prng.chance(0.8) ? EVENTS_BEHIND : 0;
    const until = performance.now() + this.#prng.below(ZOMBIE_MAX_MS);
    while (performance.now() < until || this.#processed - since < waits) {
      if (performance.now() > until + ZOMBIE_MAX_MS) break;
      await sleep(TICK_MS);
    }
    zombie.resume();
    this.#tell({ kind: 'continued', name, behind: this.#processed - since });
    await sleep(GOES_ON_MS);
    await zombie.kill();
  }
}
