/** DESCRIBE JOB and STOP JOB, with Flink's columns. */
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { readControl, type Workshop } from '../engine/lifecycle/job-control.ts';
import { urlOf } from '../savepoint/location.ts';
import type { DescribeJob, StopJob } from '../sql/ast.ts';
import { resolveJob } from './jobs.ts';
import { savepointDirectoryOf, type Operations } from './operations.ts';
import { jobsTable } from './show.ts';
import type { StatementResult } from './statement-result.ts';
import { listTable } from './table.ts';
import { summarize } from './summary.ts';

export async function describeJobRow({ job }: DescribeJob, workshop: Workshop): Promise<StatementResult> {
  const id = await resolveJob(workshop.ports, job.value);
  return { kind: 'table', table: jobsTable([await summarize(workshop, id, (await readControl(workshop.ports, id)).control)]) };
}

export interface StopParts {
  readonly workshop: Workshop;
  readonly operations: Pick<Operations, 'stop' | 'cancel'>;
  readonly resolvePath: (path: string) => string;
  /** What the session names for savepoints; null: what the job does. */
  readonly directory: string | null;
  /** For what neither names. */
  readonly otherwise: string | null;
}

/** Without a savepoint it is a cancel, as in Flink. */
export async function stopJobAs({ job, savepoint }: StopJob, parts: StopParts): Promise<StatementResult> {
  const id = await resolveJob(parts.workshop.ports, job.value);
  if (savepoint !== null) return { kind: 'table', table: listTable('savepoint path', [urlOf(await stopped(id, savepoint.drain, parts))]) };
  await parts.operations.cancel(id);
  return { kind: 'ok' };
}

async function stopped(id: JobId, drain: boolean, { workshop, operations, resolvePath, directory, otherwise }: StopParts): Promise<string> {
  const into = directory ?? (await savepointDirectoryOf(workshop, id)) ?? otherwise;
  if (into !== null) return operations.stop(id, { directory: resolvePath(into), drain });
  const key = 'execution.checkpointing.savepoint-dir';
  throw new SluiceError('OPTION_INVALID', { message: `nothing says where the savepoint goes: '${key}' is not set`, hint: `SET '${key}' = '/path/to/savepoints', then repeat the statement` });
}
