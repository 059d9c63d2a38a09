/** Exporting a checkpoint into a directory of the user's (protocol 11.2 steps 4 and 5). */
import type { Seq } from '../../core/numbers.ts';
import { savepointName } from '../../savepoint/name.ts';
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

/** Repeatable: the name of the directory follows from job and trigger, so a retry meets its own files. */
export async function exportCheckpoint({ ports }: Workshop, frame: ExportFrame, checkpoint: Seq, target: string): Promise<SavepointRecord> {
  const createdAt = ports.runtime.now();
  const content = await contentOfCheckpoint(ports, { ...frame, triggerId: frame.trigger, createdAt }, checkpoint);
  const name = savepointName(ports.codec, frame.job.id, frame.trigger);
  const compression = compressionOf(frame.job);
  const written = await writeSavepoint({ blob: ports.openDirectory(target), codec: ports.codec }, name, content, { compression });
  const path = `${target.replace(/\/+$/, '')}/${name}`;
  return { path, trigger: frame.trigger, at: createdAt, drained: frame.drained, bytes: written.bytes };
}

function compressionOf(job: Job): 'gzip' | 'zstd' | 'none' {
  const option = job.dataflow.plan.options['sluice.savepoint.compression'];
  return option === 'zstd' || option === 'none' ? option : 'gzip';
}
