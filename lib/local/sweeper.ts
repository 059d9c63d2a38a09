/**
 * Deletes what `engine/retention.ts` finds to be no longer needed, for one hosted job, every few minutes; and now and then the programs that no job needs.
 * Any number of runners may do it at once (decision 8), and a sweep may end anywhere: the next one begins with the same question.
 */
import { isError, type SluiceError } from '../core/errors.ts';
import { seq, type Seq } from '../core/numbers.ts';
import type { Job } from '../engine/job.ts';
import { planSweep, type SweepPlan } from '../engine/retention.ts';
import { removeUnusedPrograms } from '../engine/unused-programs.ts';
import type { LogKey } from '../ports/log.ts';
import type { Ports } from '../ports/ports.ts';
import { Store } from '../adapters/embedded/store.ts';
import { chunkKeys, sweep } from '../adapters/embedded/sweep.ts';

export interface SweepSettings {
  /** Age of the checkpoint below which everything goes; at least HEAD_MAX_AGE (G1, G2). */
  readonly ageMs: number;
  readonly intervalMs: number;
}

export const SWEEP: SweepSettings = { ageMs: 60 * 60_000, intervalMs: 5 * 60_000 };

/** How long nobody has submitted a program that is removed. */
const PROGRAM_AGE_MS = 24 * 60 * 60_000;
/** Savepoints are looked at for it. */
const PROGRAM_INTERVAL_MS = 60 * 60_000;

/** What one sweep has deleted. */
export interface Swept {
  readonly entries: number;
  readonly chunks: number;
  readonly blobs: number;
}

const TICK_MS = 100;
/** A transaction holds the write lock of the store, which commits wait for: it is kept short. */
const ENTRIES_PER_TRANSACTION = 64;
const CHUNKS_PER_TRANSACTION = 64;

export class Sweeper {
  readonly #ports: Ports;
  readonly #job: Job;
  readonly #settings: SweepSettings;
  readonly #onError: (error: SluiceError) => void;
  #programsAt = Number.NEGATIVE_INFINITY;

  constructor(ports: Ports, job: Job, onError: (error: SluiceError) => void, settings = SWEEP) {
    this.#ports = ports;
    this.#job = job;
    this.#onError = onError;
    this.#settings = settings;
  }

  /** Until `signal` aborts. A store that is not embedded expires its items itself. */
  async run(signal: AbortSignal): Promise<void> {
    const store = storeOf(this.#ports);
    const { runtime } = this.#ports;
    let sweptAt = Number.NEGATIVE_INFINITY;
    while (store !== null && !signal.aborted) {
      if (runtime.elapsed() - sweptAt >= this.#settings.intervalMs) {
        sweptAt = runtime.elapsed();
        await this.#turn(store, signal);
      }
      await runtime.sleep(TICK_MS);
    }
  }

  /** A store that is busy is asked again next time. */
  async #turn(store: Store, signal: AbortSignal): Promise<void> {
    try {
      await sweepJob(this.#ports, store, this.#job, this.#settings.ageMs, signal);
      await this.#sweepPrograms();
    } catch (error) {
      if (!isError(error)) throw error;
      if (error.kind !== 'retry') this.#onError(error);
    }
  }

  /** A savepoint that cannot be read may need any of them: then all stay, which is nobody's trouble. */
  async #sweepPrograms(): Promise<void> {
    const { runtime } = this.#ports;
    if (runtime.elapsed() - this.#programsAt < PROGRAM_INTERVAL_MS) return;
    this.#programsAt = runtime.elapsed();
    try {
      await removeUnusedPrograms(this.#ports, PROGRAM_AGE_MS);
    } catch (error) {
      if (!isError(error)) throw error;
    }
  }
}

const storeOf = (ports: Ports): Store | null => ('store' in ports && ports.store instanceof Store ? ports.store : null);

/** One sweep of the logs, chunks and objects of a job. */
export async function sweepJob(ports: Ports, store: Store, job: Job, ageMs: number, signal?: AbortSignal): Promise<Swept> {
  const inventory = { ...ports, chunkKeys: (collection: string, page: { after: string; limit: number }) => chunkKeys(store, collection, page) };
  const plan = await planSweep(inventory, job, { now: ports.runtime.now(), ageMs });
  const swept = { entries: 0, chunks: 0, blobs: 0 };
  if (plan === null) return swept;
  for await (const part of execute(ports, store, plan)) {
    swept[part.what] += part.n;
    if (signal?.aborted) break;
    await ports.runtime.sleep(0);
  }
  return swept;
}

type Part = { readonly what: keyof Swept; readonly n: number };

/** Objects before the entries that name them; then chunks, and logs from their beginning: each part leaves less of the same plan. */
async function* execute(ports: Ports, store: Store, plan: SweepPlan): AsyncGenerator<Part> {
  for (const key of plan.blobs) {
    await ports.blob.remove(key);
    yield { what: 'blobs', n: 1 };
  }
  for (let i = 0; i < plan.chunks.length; i += CHUNKS_PER_TRANSACTION) {
    yield { what: 'chunks', n: sweep(store, { logs: [], chunks: plan.chunks.slice(i, i + CHUNKS_PER_TRANSACTION) }).chunks };
  }
  for (const { log, below } of plan.logs) {
    for (const bound of await boundsOf(ports, log, below)) yield { what: 'entries', n: sweep(store, { logs: [{ log, below: bound }], chunks: [] }).entries };
  }
}

/** Steps from the first entry of a log to `below`. */
async function boundsOf({ log }: Pick<Ports, 'log'>, key: LogKey, below: Seq): Promise<Seq[]> {
  const first = (await log.readAfter(key, -1, 1)).items[0]?.seq ?? below;
  const steps = Math.max(0, Math.ceil((below - first) / ENTRIES_PER_TRANSACTION));
  return Array.from({ length: steps }, (_, i) => seq(Math.min(first + (i + 1) * ENTRIES_PER_TRANSACTION, below)));
}
