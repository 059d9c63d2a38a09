/** The smallest run that still breaks the same invariant: fewer records, fewer faults (delta debugging). */
import type { SimulationOptions } from './simulate.ts';

/** What may be left out of a run. */
export interface Smaller extends Pick<SimulationOptions, 'records'> {
  readonly keepFaults: ReadonlySet<number>;
}

/** A red run, as far as shrinking looks at it. */
export interface RedRun {
  readonly invariant: string;
  readonly faults: number;
}

/** Returns null for a green run. */
export type Attempt = (options: SimulationOptions) => Promise<RedRun | null>;

export interface Shrunk extends Smaller {
  readonly runs: number;
}

/** Messages begin with the id of the invariant. */
export const invariantOf = (message: string): string => message.split(':')[0] ?? message;

/** null if the run is green to begin with. */
export async function shrink(attempt: Attempt, records: number): Promise<Shrunk | null> {
  const original = await attempt({});
  if (original === null) return null;
  let runs = 1;
  const fails = async (options: SimulationOptions): Promise<RedRun | null> => {
    runs++;
    const run = await attempt(options);
    return run?.invariant === original.invariant ? run : null;
  };
  const fewer = await halveRecords(records, original, fails);
  const keepFaults = await dropFaults(fewer.faults, (keep) => fails({ records: fewer.records, keepFaults: keep }));
  return { records: fewer.records, keepFaults, runs };
}

async function halveRecords(records: number, run: RedRun, fails: Attempt): Promise<{ records: number; faults: number }> {
  let smallest = { records, faults: run.faults };
  for (let n = records >> 1; n > 0; n >>= 1) {
    const red = await fails({ records: n });
    if (red !== null) smallest = { records: n, faults: red.faults };
  }
  return smallest;
}

/** First halves, then quarters, down to one by one, until nothing more can go. */
async function dropFaults(faults: number, fails: (keep: ReadonlySet<number>) => Promise<RedRun | null>): Promise<ReadonlySet<number>> {
  let kept = Array.from({ length: faults }, (_, i) => i);
  for (let size = faults >> 1; size > 0; ) {
    const before = kept.length;
    for (let at = 0; at < kept.length; ) {
      const rest = kept.toSpliced(at, size);
      if ((await fails(new Set(rest))) === null) at += size;
      else kept = rest;
    }
    if (size > 1 || kept.length === before) size >>= 1;
  }
  return new Set(kept);
}
