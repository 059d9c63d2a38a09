/**
 * What functions tell: one line of metrics (EMF) per invocation, with the offsets of every partition, and a JSON line for each failure, FIRE
 * and problem. Never the content of a record. At level DEBUG also a line per commit, which a host on a laptop reads; on AWS it would cost
 * about as much as the commit. What Flink measures has Flink's name (lib/control/metrics/table.ts).
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { isError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { aliasName, type Alias } from './alias.ts';

export interface PartitionRef {
  readonly source: number;
  readonly topic: string;
  readonly partition: number;
}

export interface CommittedLine extends PartitionRef {
  /** Offsets [first, next). */
  readonly first: number;
  readonly next: number;
  readonly records: number;
  /** From the newest timestamp of the records to now, ms; null where the event has none. */
  readonly lagMs: number | null;
  /** Rows that were dropped as late by the writer (W8). */
  readonly lateRows: number;
  /** Bytes of the entry's payload. */
  readonly commitBytes: number;
  readonly duplicate: boolean;
}

export interface FailedLine extends PartitionRef {
  readonly error: unknown;
}

export interface FireLine {
  readonly fires: number;
  readonly rows: number;
  /** Of them, by the uid of the sink. */
  readonly sinks: Readonly<Record<string, number>>;
  /** The newest FIRE. */
  readonly f: number;
  readonly ms: number;
}

/** How far the job is behind. */
export interface StandingLine {
  /** From the job's watermark to now, ms; null where there is none. */
  readonly watermarkAgeMs: number | null;
  /** Age of the oldest record that was found waiting for a writer, ms; 0: none waits. */
  readonly openLagMs: number;
}

/** Names of the lines, for whoever reads them. */
export const LINES = { committed: 'committed', failed: 'partition waits', fired: 'fired', jobFailed: 'job failed', problem: 'problem', operation: 'operation' } as const;

/** Lines and metrics of one invocation. */
export interface Telemetry {
  committed(line: CommittedLine): void;
  failed(line: FailedLine): void;
  fired(line: FireLine): void;
  /** Metrics only. */
  standing(line: StandingLine): void;
  /** The job is FAILED now. */
  jobFailed(why: string): void;
  /** Something that is tried again, or that a person must look at; `job` where the invocation is for no generation. */
  problem(what: string, error: unknown, job?: JobId): void;
  /** Who asked for what, of those who may. */
  operation(entry: object): void;
  /** Writes the metrics; once, at the end. */
  flush(): void;
}

/** Telemetry of an invocation; `null`: one that is for no generation. */
export type OpenTelemetry = (alias: Alias | null, requestId: string) => Telemetry;

/**
 * `service` is what the function is called on a laptop, `functionName` what its deployment calls it. Values are told by service and job, and by service
 * and function: alarms of a platform look at its functions, whichever jobs they serve. Both clients are made once per sandbox.
 */
export function openTelemetry(service: string, functionName = service): OpenTelemetry {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: 'Sluice', serviceName: service });
  return (alias, requestId) => new PowertoolsTelemetry({ logger, metrics, functionName }, alias, requestId);
}

interface Clients {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly functionName: string;
}

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

class PowertoolsTelemetry implements Telemetry {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #names: { readonly job?: string; readonly generation?: number; readonly requestId: string };
  /** One value each, sums and largest ones: behind its hundredth value Powertools would publish by itself, and forget the job. */
  readonly #values = new Map<string, { readonly unit: Unit; readonly value: number }>();
  /** Partitions and offsets of the invocation: properties of the metrics' line. */
  readonly #offsets: Record<string, readonly [first: number, next: number]> = {};

  constructor({ logger, metrics, functionName }: Clients, alias: Alias | null, requestId: string) {
    this.#logger = logger;
    this.#metrics = metrics.addDimensions({ function: functionName });
    this.#names = alias === null ? { requestId } : { job: alias.job, generation: alias.g, requestId };
    if (alias !== null) metrics.addDimension('job', alias.job).addMetadata('generation', String(alias.g)).addMetadata('alias', aliasName(alias));
    metrics.addMetadata('requestId', requestId);
  }

  committed(line: CommittedLine): void {
    this.#logger.debug(LINES.committed, { ...this.#names, ...line });
    this.#offsets[`${line.source}.${line.topic}-${line.partition}`] = [line.first, line.next];
    this.#count('numRecordsIn', line.duplicate ? 0 : line.records);
    this.#countAny('Duplicates', line.duplicate ? 1 : 0);
    this.#countAny('numLateRecordsDropped', line.lateRows);
    this.#add('CommitBytes', MetricUnit.Bytes, line.commitBytes);
    if (line.lagMs !== null) this.#max('currentEmitEventTimeLag', MetricUnit.Milliseconds, line.lagMs);
  }

  failed({ error, ...where }: FailedLine): void {
    this.#logger.error(LINES.failed, { ...this.#names, ...where, problem: problemOf(error) });
    this.#count('Failures', 1);
  }

  fired(line: FireLine): void {
    this.#logger.info(LINES.fired, { ...this.#names, ...line });
    this.#count('Fires', line.fires);
    this.#count('numRecordsOut', line.rows);
    this.#max('FireTime', MetricUnit.Milliseconds, line.ms);
  }

  standing({ watermarkAgeMs, openLagMs }: StandingLine): void {
    if (watermarkAgeMs !== null) this.#max('watermarkLag', MetricUnit.Milliseconds, watermarkAgeMs);
    this.#max('OpenLag', MetricUnit.Milliseconds, openLagMs);
  }

  jobFailed(why: string): void {
    this.#logger.error(LINES.jobFailed, { ...this.#names, why });
    this.#count('JobFailures', 1);
  }

  problem(what: string, error: unknown, job?: JobId): void {
    this.#logger.warn(LINES.problem, { ...this.#names, ...(job === undefined ? {} : { job }), what, problem: problemOf(error) });
    this.#count('Problems', 1);
  }

  operation(entry: object): void {
    this.#logger.info(LINES.operation, { ...this.#names, ...entry });
  }

  flush(): void {
    for (const [name, { unit, value }] of this.#values) this.#metrics.addMetric(name, unit, value);
    if (this.#values.size > 0) {
      this.#metrics.addMetadata('offsets', JSON.stringify(this.#offsets));
      this.#metrics.publishStoredMetrics();
    }
    this.#metrics.clearMetadata();
    this.#metrics.clearDimensions();
  }

  /** What hardly ever happens is no metric, which has a price, until it does. */
  #countAny(name: string, n: number): void {
    if (n > 0) this.#count(name, n);
  }

  #count(name: string, n: number): void {
    this.#add(name, MetricUnit.Count, n);
  }

  #add(name: string, unit: Unit, n: number): void {
    this.#values.set(name, { unit, value: (this.#values.get(name)?.value ?? 0) + n });
  }

  #max(name: string, unit: Unit, n: number): void {
    this.#values.set(name, { unit, value: Math.max(this.#values.get(name)?.value ?? n, n) });
  }
}

/** Message and code only: the details of an error may hold an excerpt of a record. */
const problemOf = (error: unknown): { code: string; message: string; hint: string | null } =>
  isError(error) ? { code: error.code, message: error.message, hint: error.hint ?? null } : { code: 'INVARIANT', message: String(error), hint: null };
