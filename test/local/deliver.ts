/** The data path without a runner: what its loops do, step by step. */
import { StoreError } from '../../lib/core/errors.ts';
import { offset, type JobId } from '../../lib/core/numbers.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { partitionIdsOf, type Job } from '../../lib/engine/job.ts';
import { openControlledJob, readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { Writer } from '../../lib/engine/writer/writer.ts';

const TOPIC = 'events';

const openJob = async (workshop: Workshop, id: JobId): Promise<Job> => openControlledJob(workshop, id, (await readControl(workshop.ports, id)).control);

/** Commits what the topic holds. */
export async function deliver(workshop: Workshop, id: JobId): Promise<void> {
  const { ports } = workshop;
  const job = await openJob(workshop, id);
  const writer = new Writer(ports, job);
  for (const { partition } of (await ports.source.topic(TOPIC))?.partitions ?? []) {
    for (const p of partitionIdsOf(job, TOPIC, partition)) {
      const batch = await ports.source.fetch(TOPIC, partition, (await writer.nextOffset(p)) ?? offset(0), 1e9);
      if (batch !== null) await writer.commit(p, batch);
    }
  }
}

/** Fires what is due, emits it, takes checkpoints. */
export async function fire(workshop: Workshop, id: JobId): Promise<void> {
  const firer = new Firer(workshop.ports, await openJob(workshop, id));
  while ((await firer.step()).kind !== 'idle');
}

/** Appends a FIRE with rows and leaves it there, as a firer does whose sink is down. */
export async function fireWithoutEmission(workshop: Workshop, id: JobId): Promise<void> {
  const sinks = { open: () => Promise.reject(new StoreError('no', { message: 'the sink is down' })) };
  const outcome = await new Firer({ ...workshop.ports, sinks }, await openJob(workshop, id)).step();
  if (outcome.kind !== 'waiting') throw new Error(`nothing is pending: ${outcome.kind}`);
}
