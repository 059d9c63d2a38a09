/** Consumers as a set: the reference for what an adapter must keep. */
import type { Generation, JobId } from '../../core/numbers.ts';
import type { Consumers, Consumption, GenerationName } from '../../ports/consumers.ts';

export interface Attached {
  readonly consumption: Consumption;
  readonly isPaused: boolean;
}

export class MemoryConsumers implements Consumers {
  /** By `<job>-g<g>`. */
  readonly generations = new Map<string, Attached>();

  async attach(consumption: Consumption): Promise<void> {
    const key = keyOf(consumption.job, consumption.g);
    if (!this.generations.has(key)) this.generations.set(key, { consumption, isPaused: false });
  }

  async pause(job: JobId, g: Generation): Promise<void> {
    const found = this.generations.get(keyOf(job, g));
    if (found !== undefined) this.generations.set(keyOf(job, g), { ...found, isPaused: true });
  }

  async detach(job: JobId, g: Generation): Promise<void> {
    this.generations.delete(keyOf(job, g));
  }

  async attached(): Promise<readonly GenerationName[]> {
    return [...this.generations.values()].map(({ consumption: { job, g } }) => ({ job, g }));
  }

  /** Attached and not paused. */
  isDelivering(job: JobId, g: Generation): boolean {
    return this.generations.get(keyOf(job, g))?.isPaused === false;
  }
}

const keyOf = (job: JobId, g: Generation): string => `${job}-g${g}`;
