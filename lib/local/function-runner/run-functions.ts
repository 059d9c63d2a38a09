/**
 * `sluice up` on real parts: the very bundles that AWS runs, fed by the local event source. It follows the store, as the embedded runner
 * does: mappings come and go with the generations that run, and the workflow function is ticked.
 */
import { isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { partitionIdsOf, type Job } from '../../engine/job.ts';
import { allJobs, openControlledJob, readControl, readPlan, workshopFor, type JobControl, type Workshop } from '../../engine/lifecycle/job-control.ts';
import { openPartitionLog } from '../../engine/log/logs.ts';
import { localArn } from '../../lambda/alias.ts';
import type { FirerEvent, FirerResult } from '../../lambda/firer-handler.ts';
import type { WorkflowEvent } from '../../lambda/workflow-handler.ts';
import type { PlaceUrls } from '../../place/urls.ts';
import type { EventSources } from '../event-source/event-sources.ts';
import type { FunctionTarget } from '../event-source/target.ts';
import type { RunnerEvent } from '../runner-event.ts';
import { openFunctionHost, type HostOptions } from './hosts.ts';
import { LineReader } from './lines.ts';
import { Mappings, type BatchOptions } from './mappings.ts';

export interface FunctionRunnerOptions extends Pick<HostOptions, 'bundles' | 'environment'>, Partial<BatchOptions> {
  /** Of the real place (`openRealPlace`), with the URLs that it was opened with. */
  readonly workshop: Workshop;
  readonly urls: PlaceUrls;
  readonly openEventSources: (target: FunctionTarget) => EventSources;
  /** End when all input is read and nothing is due. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunnerEvent) => void;
  /** Lines of `print` sinks. */
  readonly print?: (line: string) => void;
  readonly tickMs?: number;
  /** Sandboxes of the writer. */
  readonly writers?: number;
}

const DEFAULTS = { tickMs: 1000, writers: 4, batchSize: 1000, batchingWindowSeconds: 0 } as const;

/** Returns when `signal` aborts, or with `once` when everything is done; the errors that hold partitions or jobs up, if any. */
export async function runFunctions(given: FunctionRunnerOptions): Promise<readonly SluiceError[]> {
  const options = { ...DEFAULTS, onEvent: () => {}, print: () => {}, ...given };
  const lines = new LineReader(options);
  const host = await openFunctionHost({ ...options, onLine: (line) => lines.hear(line) });
  const sources = options.openEventSources(host.functions);
  const runner = new FunctionRunner(options.workshop, host.functions, new Mappings(sources, options.urls, options), lines, options.onEvent);
  try {
    while (!options.signal.aborted) {
      await runner.tick();
      if (options.once && (await runner.isDone())) break;
      await options.workshop.ports.runtime.sleep(options.tickMs);
    }
    return runner.troubles;
  } finally {
    await Promise.all([sources.close(), host.close()]);
  }
}

interface Hosted {
  readonly job: Job;
  readonly workshop: Workshop;
}

class FunctionRunner {
  readonly #workshop: Workshop;
  readonly #functions: FunctionTarget;
  readonly #mappings: Mappings;
  readonly #lines: LineReader;
  readonly #onEvent: (event: RunnerEvent) => void;
  readonly #hosted = new Map<JobId, Hosted>();
  readonly #failed = new Map<JobId, SluiceError>();
  #busy = false;
  /** The workflow function at work. */
  #look: Promise<void> | null = null;
  /** What was told last of the store, or of topics whose ends cannot be asked. */
  readonly #told = new Map<'store' | 'ends', string>();

  constructor(workshop: Workshop, functions: FunctionTarget, mappings: Mappings, lines: LineReader, onEvent: (event: RunnerEvent) => void) {
    this.#workshop = workshop;
    this.#functions = functions;
    this.#mappings = mappings;
    this.#lines = lines;
    this.#onEvent = onEvent;
  }

  get troubles(): SluiceError[] {
    return [...this.#failed.values(), ...this.#lines.troubles];
  }

  /** Follows the jobs of the store, then has the workflow function look after them. */
  async tick(): Promise<void> {
    this.#busy = false;
    try {
      for (const id of await allJobs(this.#workshop.ports)) await this.#follow(id);
      // It may take its time over a savepoint: jobs come and go meanwhile.
      this.#look ??= this.#lookAfter().finally(() => (this.#look = null));
    } catch (error) {
      this.#refused(error);
    }
  }

  async #lookAfter(): Promise<void> {
    try {
      await this.#invoke('sluice-workflow', null, { action: 'tick', once: true });
      this.#told.delete('store');
    } catch (error) {
      this.#refused(error);
    }
  }

  /** What the store or a function refuses is asked again by the next tick. */
  #refused(error: unknown): void {
    if (!isError(error)) throw error;
    this.#busy = true;
    this.#tell('store', error);
  }

  #tell(of: 'store' | 'ends', error: SluiceError): void {
    if (error.message !== this.#told.get(of)) this.#onEvent({ kind: 'store', error });
    this.#told.set(of, error.message);
  }

  /** Every partition is read to its end, or held up by an error, and no window is due behind it. */
  async isDone(): Promise<boolean> {
    await this.#look;
    if (this.#busy) return false;
    try {
      for (const hosted of this.#hosted.values()) if (!(await this.#isRead(hosted)) || !(await this.#isSettled(hosted))) return false;
      return true;
    } catch (error) {
      if (!isError(error)) throw error;
      this.#tell('ends', error);
      return false;
    }
  }

  async #follow(id: JobId): Promise<void> {
    try {
      const { control } = await readControl(this.#workshop.ports, id);
      if (control.operation !== null) this.#busy = true;
      const hosted = this.#hosted.get(id);
      const isWanted = control.status === 'RUNNING';
      if (hosted !== undefined && (!isWanted || hosted.job.g !== control.gen)) await this.#release(id);
      else if (!isWanted) await this.#mappings.end(id); // of a generation that was not hosted completely
      if (isWanted && !this.#hosted.has(id)) await this.#host(id, control);
      const problem = await this.#problemOf(id);
      if (problem !== null) throw problem;
      this.#failed.delete(id);
    } catch (error) {
      this.#followFailed(id, error);
    }
  }

  #followFailed(id: JobId, thrown: unknown): void {
    // A JOBS item without CTRL is a creation that did not come to its end (11.1).
    if (isError(thrown, 'JOB_UNKNOWN')) return;
    const error = isError(thrown) ? thrown : new SluiceError('FUNCTION_FAILED', { message: thrown instanceof Error ? thrown.message : String(thrown), cause: thrown });
    if (error.kind === 'retry') this.#busy = true;
    if (error.message !== this.#failed.get(id)?.message) this.#onEvent({ kind: 'operation', job: id, error });
    this.#failed.set(id, error);
  }

  /** What no line of the writer tells. */
  async #problemOf(id: JobId): Promise<SluiceError | null> {
    const [problem = null] = await this.#mappings.problemsOf(id);
    return problem;
  }

  async #host(id: JobId, control: JobControl): Promise<void> {
    const workshop = workshopFor(this.#workshop, await readPlan(this.#workshop.ports, id, control.planHash));
    const job = await openControlledJob(workshop, id, control);
    await this.#mappings.start(job);
    this.#hosted.set(id, { job, workshop });
    this.#onEvent({ kind: 'hosting', job: id, name: control.name, generation: control.gen });
  }

  async #release(id: JobId): Promise<void> {
    await this.#mappings.end(id);
    this.#hosted.delete(id);
    this.#lines.forget(id);
    this.#onEvent({ kind: 'released', job: id });
  }

  async #isRead({ job, workshop: { ports } }: Hosted): Promise<boolean> {
    for (const topic of new Set(job.dataflow.sources.flatMap((source) => source.node.topics))) {
      for (const { partition, earliest, end } of (await ports.source.topic(topic))?.partitions ?? []) {
        if (earliest === end || this.#lines.isHeldUp(job.id, topic, partition)) continue;
        for (const p of partitionIdsOf(job, topic, partition)) {
          const next = (await openPartitionLog(ports, job, p).head())?.entry.next ?? earliest;
          // The last offsets may hold no record: markers of transactions.
          if (next < end && (await ports.source.fetch(topic, partition, next, 1)) !== null) return false;
        }
      }
    }
    return true;
  }

  /** Asks the firer itself: only it has the state. */
  async #isSettled({ job }: Hosted): Promise<boolean> {
    const { outcome, hasReadAll } = await this.#invoke('sluice-firer', job, { once: true });
    return outcome === 'idle' && hasReadAll;
  }

  #invoke(name: 'sluice-firer', job: Job, event: FirerEvent): Promise<FirerResult>;
  #invoke(name: 'sluice-workflow', job: null, event: WorkflowEvent): Promise<unknown>;
  async #invoke(name: 'sluice-firer' | 'sluice-workflow', job: Job | null, event: object): Promise<unknown> {
    const functionArn = localArn(name, job === null ? null : { job: job.id, g: job.g });
    const invocation = await this.#functions.invoke({ functionArn, payload: JSON.stringify(event), type: 'RequestResponse' });
    if (invocation.kind === 'ok') return JSON.parse(invocation.payload);
    throw new SluiceError('FUNCTION_FAILED', { message: `${name}: ${invocation.errorType}: ${invocation.message}` });
  }
}
