/** What went wrong with a job, from all the places that tell of it: what has ended it, and what holds it up now. */
import type { JobSummary } from './summary.ts';

export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Epoch ms. */
  readonly at: number;
  /** A partition or a table, where it is about one. */
  readonly where: string | null;
}

/** Newest first. */
export function troublesOf({ failure, changedAt, fireError, recordErrors, sinkErrors }: Pick<JobSummary, 'failure' | 'changedAt' | 'fireError' | 'recordErrors' | 'sinkErrors'>): Trouble[] {
  const troubles = [
    ...(failure === null ? [] : [troubleOf(failure, changedAt, null)]),
    ...(fireError === null ? [] : [troubleOf(fireError, fireError.since, null)]),
    ...recordErrors.map((error) => troubleOf(error, error.at, `Source: ${error.topic}-${error.partition} at offset ${error.offset}`)),
    ...sinkErrors.map((error) => troubleOf(error, error.at, `Sink: ${error.table}`)),
  ];
  return troubles.sort((a, b) => b.at - a.at);
}

const troubleOf = ({ code, message, hint }: Pick<Trouble, 'code' | 'message' | 'hint'>, at: number, where: string | null): Trouble => ({ code, message, hint, at, where });
