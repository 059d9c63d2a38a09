/** What runs one generation of a job: its event source and its firers, which come and go. */
import { SluiceError } from '../../lib/core/errors.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import type { Job } from '../../lib/engine/job.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import { EventSource, type EventSourceOptions } from './event-source.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export interface HostOptions extends EventSourceOptions {
  readonly firers: number;
}

const TICK_MS = 700;
const RESTART_MS = 2000;

export class Host {
  readonly #world: World;
  readonly #options: HostOptions;
  readonly #firers = new Set<Process>();

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
    const process = this.#world.spawn('firer', (ports) => fireFor(this.#world, ports, this.#options.job));
    this.#firers.add(process);
    process.onEnd(() => {
      this.#firers.delete(process);
      this.#world.pause(this.#world.prng.below(RESTART_MS)).then(() => this.#startFirer(), () => {});
    });
  }
}

/** A firer's sandbox: it keeps its replica for some turns. */
async function fireFor(world: World, ports: Ports, job: Job): Promise<void> {
  const { prng } = world;
  const firer = new Firer(ports, job);
  for (let turns = prng.between(10, 60); turns > 0; turns--) {
    try {
      const outcome = await firer.step();
      world.count(`step:${outcome.kind}`);
      if (outcome.kind === 'closed') return;
    } catch (error) {
      if (!(error instanceof SluiceError) || (error.kind !== 'retry' && error.kind !== 'fenced')) throw error;
    }
    await world.pause(prng.between(20, TICK_MS));
  }
}
