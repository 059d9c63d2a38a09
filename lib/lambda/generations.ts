/** What a sandbox keeps of the generations that it has served: few, the least recently used one goes first. */
import type { Job } from '../engine/job.ts';
import { openGeneration, type Workshop } from '../engine/lifecycle/job-control.ts';
import { aliasName, type Alias } from './alias.ts';
import type { Telemetry } from './telemetry.ts';

/** Each may hold the state of a job. */
const KEPT_MAX = 16;

export class Generations<T> {
  readonly #workshop: Workshop;
  readonly #open: (workshop: Workshop, job: Job) => T;
  readonly #kept = new Map<string, Promise<T>>();

  constructor(workshop: Workshop, open: (workshop: Workshop, job: Job) => T) {
    this.#workshop = workshop;
    this.#open = open;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Throws as `openGeneration` does; a failure is told and not kept. */
  async of(alias: Alias, told: Pick<Telemetry, 'problem'>): Promise<T> {
    const key = aliasName(alias);
    const kept = this.#kept.get(key) ?? this.#load(alias);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (this.#kept.size > KEPT_MAX) this.#dropOldest();
    try {
      return await kept;
    } catch (error) {
      this.#kept.delete(key);
      told.problem('the generation cannot be opened', error);
      throw error;
    }
  }

  async #load({ job: id, g }: Alias): Promise<T> {
    const { workshop, job } = await openGeneration(this.#workshop, id, g);
    return this.#open(workshop, job);
  }

  #dropOldest(): void {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
