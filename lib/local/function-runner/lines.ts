/** What functions write, as a runner's events: their log lines are the only thing that a host hears of them, here as on AWS. */
import { ERRORS, SluiceError, type ErrorCode } from '../../core/errors.ts';
import { jobId, type JobId } from '../../core/numbers.ts';
import { LINES } from '../../lambda/telemetry.ts';
import type { RunnerEvent } from '../runner-event.ts';

/** Members of a telemetry line that are read. */
interface TelemetryLine {
  readonly service?: string;
  readonly message?: string;
  readonly job?: string;
  readonly source?: number;
  readonly topic?: string;
  readonly partition?: number;
  readonly f?: number;
  readonly rows?: number;
  readonly sinks?: Readonly<Record<string, number>>;
  readonly records?: number;
  readonly duplicate?: boolean;
  readonly lagMs?: number | null;
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string | null };
}

interface Trouble {
  readonly job: JobId;
  readonly topic: string;
  readonly partition: number;
  readonly error: SluiceError;
}

export interface LineListener {
  readonly onEvent: (event: RunnerEvent) => void;
  /** Lines that are no telemetry: rows of `print` sinks. */
  readonly print: (line: string) => void;
}

export class LineReader {
  readonly #listener: LineListener;
  /** Errors that hold partitions up, by job, source and partition, and what was told last of a job. */
  readonly #troubles = new Map<string, Trouble>();
  readonly #problems = new Map<string, string>();

  constructor(listener: LineListener) {
    this.#listener = listener;
  }

  /** Errors that hold partitions up. */
  get troubles(): SluiceError[] {
    return [...this.#troubles.values()].map(({ error }) => error);
  }

  isHeldUp(job: JobId, topic: string, partition: number): boolean {
    return [...this.#troubles.values()].some((t) => t.job === job && t.topic === topic && t.partition === partition);
  }

  forget(job: JobId): void {
    for (const [key, trouble] of this.#troubles) if (trouble.job === job) this.#troubles.delete(key);
    this.#problems.delete(job);
  }

  hear(text: string): void {
    const line = telemetryOf(text);
    if (line === null) return this.#listener.print(text);
    if (line.job === undefined) return;
    const job = jobId(line.job);
    if (line.message === LINES.fired) this.#fired(job, line);
    if (line.message === LINES.problem) this.#problem(job, line);
    const { topic, partition, source = 0 } = line;
    if (topic === undefined || partition === undefined) return;
    if (line.message === LINES.committed) this.#committed({ job, topic, partition }, source, line);
    if (line.message === LINES.failed) this.#partition({ job, topic, partition }, source, errorOf(line));
  }

  #committed(where: Omit<Trouble, 'error'>, source: number, { records = 0, duplicate = false, lagMs = null }: TelemetryLine): void {
    this.#partition(where, source, null);
    if (!duplicate) this.#listener.onEvent({ kind: 'committed', job: where.job, source, records, lagMs });
  }

  #fired(job: JobId, { f = 0, rows = 0, sinks = {} }: TelemetryLine): void {
    this.#problems.delete(job);
    this.#listener.onEvent({ kind: 'fired', job, f, rows, sinks });
  }

  /** A generation that ends is no trouble here either. */
  #problem(job: JobId, line: TelemetryLine): void {
    const error = errorOf(line);
    if (error.kind === 'fenced') return;
    if (this.#problems.get(job) === error.message) return;
    this.#problems.set(job, error.message);
    this.#listener.onEvent({ kind: 'firer', job, error });
  }

  /** Told once; a generation that ends is no trouble (W9). */
  #partition(where: Omit<Trouble, 'error'>, source: number, error: SluiceError | null): void {
    if (error?.kind === 'fenced') return;
    const key = `${where.job} ${source}.${where.topic}-${where.partition}`;
    if (this.#troubles.get(key)?.error.message === error?.message) return;
    if (error === null) this.#troubles.delete(key);
    else this.#troubles.set(key, { ...where, error });
    this.#listener.onEvent({ kind: 'partition', ...where, error });
  }
}

function telemetryOf(text: string): TelemetryLine | null {
  if (!text.startsWith('{"')) return null;
  try {
    const line: TelemetryLine = JSON.parse(text);
    return line.service?.startsWith('sluice-') === true || '_aws' in line ? line : null;
  } catch {
    return null;
  }
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

function errorOf({ problem }: TelemetryLine): SluiceError {
  const { code, message, hint } = problem ?? { code: 'INVARIANT', message: 'a function failed', hint: null };
  return new SluiceError(isCode(code) ? code : 'INVARIANT', { message, ...(hint === null ? {} : { hint }) });
}
