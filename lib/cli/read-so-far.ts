/** How far `sluice up --once` has come, for whoever waits for its end. */
import type { JobId } from '../core/numbers.ts';
import type { RunnerEvent } from '../local/runner-event.ts';
import { counted } from './text.ts';

export class ReadSoFar {
  readonly #jobs = new Set<JobId>();
  #records = 0;

  count(event: RunnerEvent): void {
    if (event.kind === 'hosting') this.#jobs.add(event.job);
    if (event.kind === 'committed') this.#records += event.records;
  }

  readonly text = (): string => `Reading to the end: ${counted(this.#records, 'record')} of ${counted(this.#jobs.size, 'job')} so far`;
}
