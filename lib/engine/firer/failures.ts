/** What functions of the program fail on in a step, by what the job does with such records (protocol W10): left out and counted, or rows for the dead-letter table. */
import type { Dataflow } from '../../core/dataflow.ts';
import { SluiceError } from '../../core/errors.ts';
import { failedRecordRow } from '../../core/failed-record.ts';
import { partsOf, type PartitionId, type Uid, type WallTime } from '../../core/numbers.ts';
import type { JsonValue } from '../../core/plan.ts';
import type { SourcePartition } from '../../core/process/partition-function.ts';
import type { FailedCall } from '../../core/process/process-step.ts';
import type { Job } from '../job.ts';
import { emitRow, outputsOf, type EmitRow } from './step-output.ts';
import type { TailEntry } from './tail.ts';

/** What of a job a step depends on. */
export type StepJob = Pick<Job, 'id' | 'dataflow' | 'policies'>;

/** The entry that rows come from. */
export type Origin = Pick<TailEntry, 'partition' | 'next'>;

const encoder = new TextEncoder();
const jsonBytes = (json: JsonValue | undefined): Uint8Array | null => (json === undefined ? null : encoder.encode(JSON.stringify(json)));
/** Of rows that come from no record: those of windows and timers. */
const NOWHERE = -1;

/** Where records lie. */
type Place = Pick<SourcePartition, 'topic' | 'partition'>;

export class Failures {
  readonly #job: StepJob;
  readonly #at: WallTime;
  readonly #emit: EmitRow;
  readonly counts: Record<string, number> = {};
  /** Set while the rows of an entry are taken in. */
  origin: Origin | null = null;
  /** The partition of timers that belong to one. */
  place: Place | null = null;

  /** `at`: the processing time of the step. */
  constructor(job: StepJob, at: WallTime, emit: EmitRow) {
    this.#job = job;
    this.#at = at;
    this.#emit = emit;
  }

  /** Takes what functions fail on; absent where a failure ends the step. */
  get take(): ((uid: Uid, failed: FailedCall) => void) | undefined {
    return this.#job.policies.recordError === 'fail' ? undefined : (uid, failed) => this.#leaveOut(uid, failed);
  }

  /** Takes over what was left out in the writer, by uid. */
  count(more: Readonly<Record<string, number>>): void {
    for (const [uid, n] of Object.entries(more)) this.counts[uid] = (this.counts[uid] ?? 0) + n;
  }

  /** Leaves out what a function has failed on, or throws. */
  fail(uid: Uid, failed: FailedCall): void {
    if (this.take === undefined) throw failed.error;
    this.take(uid, failed);
  }

  /** Runs what may fail on a row behind a stage. */
  guard(uid: Uid, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (this.take === undefined || !(error instanceof SluiceError) || error.kind !== 'data') throw error;
      this.take(uid, { error });
    }
  }

  #leaveOut(uid: Uid, failed: FailedCall): void {
    this.counts[uid] = (this.counts[uid] ?? 0) + 1;
    if (this.#job.policies.recordError === 'dlq') this.#sendLetter(uid, failed);
  }

  /** Where the record lies is known to the entry, so the letter has the value as the function got it. */
  #sendLetter(uid: Uid, { error, key, value }: FailedCall): void {
    const { dataflow, id } = this.#job;
    const { topic, partition } = this.origin === null ? (this.place ?? this.#nowhere()) : placeOf(dataflow, this.origin.partition);
    const offset = this.origin === null ? NOWHERE : this.origin.next - 1;
    const where = this.origin === null ? 'a result or timer' : `a record at or before offset ${offset}`;
    const letter = failedRecordRow({ topic, partition, offset, key: jsonBytes(key), value: jsonBytes(value), error: `${error.code}: ${error.message}; on ${where}`, source: uid, job: id, at: this.#at });
    emitRow(outputsOf(dataflow, dataflow.failedRecords), letter, this.#emit);
  }

  #nowhere(): Place {
    return { topic: this.#job.dataflow.sources[0]?.node.topics[0] ?? '', partition: NOWHERE };
  }
}

/** Topic and Kafka partition. */
export function placeOf({ sources }: Pick<Dataflow, 'sources'>, p: PartitionId): Place {
  const { source, topic, partition } = partsOf(p);
  return { topic: sources[source]?.node.topics[topic] ?? '', partition };
}
