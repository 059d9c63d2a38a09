/** A checkpoint that somebody asks for: the state at a barrier, as the first half of a savepoint (protocol 11.2), but nothing is exported. */
import type { JobId, Seq } from '../../core/numbers.ts';
import { openCoordinatorLog } from '../log/logs.ts';
import { openControlledJob, readControl, readPlan, workshopFor, type Workshop } from './job-control.ts';
import { requireRunning } from './operation.ts';
import { reachBarrier } from './savepoint.ts';

/** Its place in the coordinator log. A repeated `trigger` is the same checkpoint while it is the newest one. Throws JOB_STATE for a job that does not run, and CONTENTION. */
export async function takeCheckpoint(given: Workshop, id: JobId, trigger: string): Promise<Seq> {
  const { control } = await requireRunning(given.ports, id, 'take a checkpoint of');
  const workshop = workshopFor(given, await readPlan(given.ports, id, control.planHash));
  return reachBarrier(workshop.ports, await openControlledJob(workshop, id, control), barrierOf(trigger), null);
}

/** The place of a checkpoint that was asked for; null where none of those that are kept is it. No state is read, and nothing done. Throws JOB_UNKNOWN. */
export async function findCheckpoint(given: Workshop, id: JobId, trigger: string): Promise<Seq | null> {
  const { control } = await readControl(given.ports, id);
  const { ports } = workshopFor(given, await readPlan(given.ports, id, control.planHash));
  const log = openCoordinatorLog(ports, await openControlledJob(given, id, control));
  for (const { seq } of (await log.head())?.entry.checkpoints ?? []) {
    const entry = await log.get(seq);
    if (entry?.kind === 'CHECKPOINT' && entry.barrier === barrierOf(trigger)) return seq;
  }
  return null;
}

/** Clients choose triggers: a stop that met its own id in the log would take this checkpoint for the end of its drain. */
const barrierOf = (trigger: string): string => `checkpoint-${trigger}`;
