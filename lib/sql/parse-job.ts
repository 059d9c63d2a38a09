/** Statements about jobs. */
import type { DescribeJob, StopJob } from './ast.ts';
import type { Bare } from './parse-create.ts';
import type { Cursor } from './parse-cursor.ts';

const A_JOB = "the id of a job, as a string such as '228d70913eab60dda85c5e7f78b5782c'";

/** What follows DESCRIBE JOB. */
export const parseDescribeJob = (cursor: Cursor): Bare<DescribeJob> => ({ kind: 'describe-job', job: cursor.text(A_JOB) });

/** What follows STOP. */
export function parseStop(cursor: Cursor): Bare<StopJob> {
  cursor.expect('JOB');
  const job = cursor.text(A_JOB);
  const { span } = cursor.current;
  const savepoint = cursor.accept('WITH', 'SAVEPOINT');
  const drain = cursor.accept('WITH', 'DRAIN');
  if (drain && !savepoint) throw cursor.error(span, 'WITH DRAIN could only be used after WITH SAVEPOINT.');
  return { kind: 'stop-job', job, savepoint: savepoint ? { drain } : null };
}
