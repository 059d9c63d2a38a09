/** Shapes that several of our own endpoints use. Times are epoch ms; those of events are event time. */
import type { JobStatus } from '../../../engine/lifecycle/job-control.ts';
import { double, flag, hex32, integer, list, nullable, object, oneOf, text } from '../shape.ts';

const STATUSES = ['CREATED', 'RUNNING', 'RESTARTING', 'CANCELLING', 'SUSPENDING', 'CANCELED', 'FINISHED', 'FAILED'] as const satisfies readonly JobStatus[];

/** What a job is called, and how it stands: wherever it is shown. */
export const JOB_FIELDS = { id: hex32, name: text, status: oneOf(...STATUSES), isEnded: flag, startedAt: integer, changedAt: integer };

/** What went wrong, and what to do. */
export const FAILURE = object({ code: text, message: text, hint: nullable(text) });

/** A record that a partition waits behind, or that was the last one to be left out. */
export const RECORD_ERROR_FIELDS = {
  partitionId: text,
  topic: text,
  partition: integer,
  offset: integer,
  code: text,
  message: text,
  hint: nullable(text),
  /** The beginning of the record. */
  excerpt: nullable(text),
  at: integer,
};
export const RECORD_ERROR = object(RECORD_ERROR_FIELDS);

export const DEAD_LETTERS = object({ count: integer, last: RECORD_ERROR });
export const FIRE_ERROR = object({ f: integer, code: text, message: text, hint: nullable(text), since: integer });
export const SINK_ERROR = object({ sink: text, table: text, f: integer, since: integer, code: text, message: text, hint: nullable(text), at: integer });

/** What is under way, step by step: `step` is one of `steps`, since `since`. */
export const OPERATION = object({ kind: oneOf('create', 'resume', 'stop', 'cancel'), id: text, step: text, steps: list(text), since: integer });

/** A moment of a job, as it was seen; null: nobody knows. */
export const SAMPLE = object({
  at: integer,
  /** Taken in since the serving process looks at the job. */
  records: nullable(integer),
  recordsPerSecond: nullable(double),
  /** Offsets that the job has not read; of embedded topics these are bytes. */
  lag: nullable(integer),
  watermark: nullable(integer),
  stateBytes: nullable(integer),
});
