/** What runs one generation of a job: its event source and its firers, which come and go. */
import { isError, SluiceError } from '../../lib/core/errors.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { failIfLost, failJob } from '../../lib/engine/lifecycle/fail.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import { EventSource, type EventSourceOptions } from './event-source.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

export interface HostOptions extends EventSourceOptions {
  readonly firers: number;
  /** The store may have lost what the job needs: it may fail, if it says so. */
  readonly mayFail: boolean;
}

const TICK_MS = 700;
const RESTART_MS = 2000;
/** A firer that does not come back from a step is left to itself: the schedule invokes another one. */
const ABANDONED_MS = 90_000;

export class Host {
  readonly #world: World;
  readonly #options: HostOptions;

  constructor(world: World, options: HostOptions) {
    this.#world = world;
    this.#options = options;
  }

  start(): void {
    new EventSource(this.#world, this.#options).start();
    for (let i = 0; i < this.#options.firers; i++) this.#startFirer();
  }

  #startFirer(): void {
    if (this.#options.isOver()) return;
    if (this.#world.now < this.#world.firersDownUntil) return this.#startLater();
    let isReplaced = false;
    const replace = (): void => {
      if (!isReplaced) this.#startLater();
      isReplaced = true;
    };
    const process = this.#world.spawn('firer', async (ports) => this.#fire(ports, replace));
    process.onEnd(replace);
  }

  #startLater(): void {
    this.#world.pause(this.#world.prng.below(RESTART_MS)).then(() => this.#startFirer(), () => {});
  }

  /** A firer's sandbox: it keeps its replica for some turns. */
  async #fire(ports: Ports, onAbandoned: () => void): Promise<void> {
    const { prng } = this.#world;
    const firer = new Firer(ports, this.#options.job);
    for (let turns = prng.between(10, 60); turns > 0 && this.#world.now >= this.#world.firersDownUntil; turns--) {
      if ((await this.#watched(() => this.#turn(ports, firer), onAbandoned)) === 'closed') return;
      await this.#world.pause(prng.between(20, TICK_MS));
    }
  }

  async #turn(ports: Ports, firer: Firer): Promise<string> {
    try {
      const outcome = await firer.step();
      this.#world.count(`step:${outcome.kind}`);
      if (outcome.kind === 'absent' && this.#world.prng.chance(0.2)) await this.#fail(ports, null);
      return outcome.kind;
    } catch (error) {
      if (!(error instanceof SluiceError) || error.kind === 'bug') throw error;
      this.#world.count(`step:${error.code}`);
      if (error.kind === 'lost') await this.#fail(ports, error);
      return error.code;
    }
  }

  /** T6: what seems lost is looked for once more, before the job is FAILED. */
  async #fail(ports: Ports, error: SluiceError | null): Promise<void> {
    const { job } = this.#options;
    const workshop = { ports, place: job.settings };
    try {
      if (!(await (error === null ? failIfLost(workshop, job) : failJob(workshop, job, error)))) return;
    } catch (again) {
      if (!isError(again)) throw again;
      return;
    }
    this.#world.count(`failed:${error?.code ?? 'absent'}`);
    if (!this.#options.mayFail) throw new Violation(`I-LIVE: a healthy job is FAILED: ${error?.message ?? 'its log is gone'}`);
  }

  async #watched<T>(step: () => Promise<T>, onAbandoned: () => void): Promise<T> {
    let isRunning = true;
    this.#world.scheduler.after(ABANDONED_MS, () => {
      if (isRunning) onAbandoned();
    });
    try {
      return await step();
    } finally {
      isRunning = false;
    }
  }
}
