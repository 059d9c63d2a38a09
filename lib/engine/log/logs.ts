/** The logs of one generation. */
import type { Generation, JobId, PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { coordinatorLog, partitionLog } from '../keys.ts';
import type { Settings } from '../settings.ts';
import { decodeCoordinatorEntry, decodePartitionEntry, encodeCoordinatorEntry, encodePartitionEntry } from './codec.ts';
import type { CoordinatorEntry, PartitionEntry } from './entries.ts';
import { EntryLog } from './entry-log.ts';

export type PartitionLog = EntryLog<PartitionEntry>;
export type CoordinatorLog = EntryLog<CoordinatorEntry>;

type LogPorts = Pick<Ports, 'log' | 'runtime' | 'codec'>;

/** What names a generation and says how its logs live. */
export interface GenerationRef {
  readonly id: JobId;
  readonly g: Generation;
  readonly settings: Settings;
}

export function openPartitionLog(ports: LogPorts, job: GenerationRef, p: PartitionId): PartitionLog {
  const key = partitionLog(job.id, job.g, p);
  return new EntryLog(ports, job.settings, key, {
    encode: (entry) => encodePartitionEntry(ports.codec, entry),
    decode: (item) => decodePartitionEntry(ports.codec, key, item),
    assemble: (base, draft) => ({ ...draft, ...base }),
  });
}

export function openCoordinatorLog(ports: LogPorts, job: GenerationRef): CoordinatorLog {
  const key = coordinatorLog(job.id, job.g);
  return new EntryLog(ports, job.settings, key, {
    encode: (entry) => encodeCoordinatorEntry(ports.codec, entry),
    decode: (item) => decodeCoordinatorEntry(ports.codec, key, item),
    assemble: (base, draft) => ({ ...draft, ...base }),
  });
}
