/** Descriptions of jobs, each of which reads all the state of one: the views of a page ask for the same one at the same time, and again soon. */
import type { JobId } from '../../core/numbers.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { JobDescription } from '../describe.ts';

type Describe = (id: JobId) => Promise<JobDescription>;

interface Told {
  readonly description: Promise<JobDescription>;
  /** Infinite while it is being made. */
  until: number;
}

/** `keptMs`: for how long one is told again; 0: to those who ask meanwhile. A failure is told once. */
export function sharing(describe: Describe, runtime: Pick<Runtime, 'elapsed'>, keptMs: number): Describe {
  const told = new Map<JobId, Told>();
  return (id) => {
    for (const [known, { until }] of told) if (until <= runtime.elapsed()) told.delete(known);
    const found = told.get(id);
    if (found !== undefined) return found.description;
    const description = describe(id);
    const entry: Told = { description, until: Infinity };
    told.set(id, entry);
    description.then(
      () => (entry.until = runtime.elapsed() + keptMs),
      () => (entry.until = 0),
    );
    return description;
  };
}
