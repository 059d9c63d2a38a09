/** Exporting a checkpoint into a directory of the user's (protocol 11.2 steps 4 and 5). */
import { isError } from '../../core/errors.ts';
import type { Seq } from '../../core/numbers.ts';
import { locationIn } from '../../savepoint/location.ts';
import { savepointName } from '../../savepoint/name.ts';
import { unwritable } from '../../savepoint/probe.ts';
import { writeSavepoint } from '../../savepoint/write.ts';
import type { Job } from '../job.ts';
import { contentOfCheckpoint } from './content.ts';
import type { JobControl, SavepointRecord, Workshop } from './job-control.ts';

export interface ExportFrame {
  readonly job: Job;
  readonly control: JobControl;
  readonly trigger: string;
  readonly drained: boolean;
}

const ATTEMPTS_MAX = 5;
const PAUSE_MS = 200;

/** As `exportCheckpoint`; what may be a passing failure of a store is tried again before it counts as one for good. */
export async function exportPatiently(workshop: Workshop, frame: ExportFrame, checkpoint: Seq, target: string): Promise<SavepointRecord> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await exportCheckpoint(workshop, frame, checkpoint, target);
    } catch (error) {
      if (attempt >= ATTEMPTS_MAX || !isError(error, 'STORE_FAILED', 'SAVEPOINT_UNWRITABLE')) throw error;
      await workshop.ports.runtime.sleep(PAUSE_MS * attempt);
    }
  }
}

/** Repeatable: the name of the directory follows from job and trigger, so a retry meets its own files. */
async function exportCheckpoint({ ports, onExported }: Workshop, frame: ExportFrame, checkpoint: Seq, target: string): Promise<SavepointRecord> {
  const createdAt = ports.runtime.now();
  const content = await contentOfCheckpoint(ports, { ...frame, triggerId: frame.trigger, createdAt }, checkpoint);
  const name = savepointName(ports.codec, frame.job.id, frame.trigger);
  const compression = compressionOf(frame.job);
  const written = await writable(target, () => writeSavepoint({ blob: ports.openDirectory(target), codec: ports.codec }, name, content, { compression, ...(onExported && { onFile: onExported }) }));
  return { path: locationIn(target, name), trigger: frame.trigger, at: createdAt, drained: frame.drained, bytes: written.bytes };
}

/** Says which directory it was that could not be written. */
async function writable<T>(target: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw isError(error, 'STORE_FAILED') ? unwritable(target, error) : error;
  }
}

function compressionOf(job: Job): 'gzip' | 'zstd' | 'none' {
  const option = job.dataflow.plan.options['sluice.savepoint.compression']?.toLowerCase();
  return option === 'zstd' || option === 'none' ? option : 'gzip';
}
