/** Consumers as a set: the reference for what an adapter must keep. */
import type { Generation, JobId } from '../../core/numbers.ts';
import type { Consumers, Consumption } from '../../ports/consumers.ts';

export interface Attached {
  readonly consumption: Consumption;
  readonly isPaused: boolean;
}

export class MemoryConsumers implements Consumers {
  /** By `<job>-g<g>`. */
  readonly attached = new Map<string, Attached>();

  async attach(consumption: Consumption): Promise<void> {
    const key = keyOf(consumption.job, consumption.g);
    if (!this.attached.has(key)) this.attached.set(key, { consumption, isPaused: false });
  }

  async pause(job: JobId, g: Generation): Promise<void> {
    const found = this.attached.get(keyOf(job, g));
    if (found !== undefined) this.attached.set(keyOf(job, g), { ...found, isPaused: true });
  }

  async detach(job: JobId, g: Generation): Promise<void> {
    this.attached.delete(keyOf(job, g));
  }
}

const keyOf = (job: JobId, g: Generation): string => `${job}-g${g}`;
