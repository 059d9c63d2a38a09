/** Errors that hold one partition up (W10): an item that counts while the log has not passed the position; nobody deletes it. */
import type { SluiceError } from '../core/errors.ts';
import type { JobId, PartitionId, WallTime } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';
import { topicOf, type Job } from './job.ts';
import { recordErrorKey } from './keys.ts';

export interface RecordErrorItem {
  readonly partitionId: PartitionId;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** The beginning of the record, where there is one. */
  readonly excerpt: string | null;
  readonly at: WallTime;
}

type Where = { readonly job: Job; readonly p: PartitionId; readonly offset: number };

export async function recordError(ports: Pick<Ports, 'control' | 'runtime'>, { job, p, offset }: Where, error: SluiceError): Promise<void> {
  const excerpt = error.details['excerpt'];
  const item: RecordErrorItem = {
    partitionId: p,
    ...topicOf(job, p),
    offset,
    code: error.code,
    message: error.message,
    hint: error.hint ?? null,
    excerpt: typeof excerpt === 'string' ? excerpt : null,
    at: ports.runtime.now(),
  };
  await ports.control.put(recordErrorKey(job.id, job.g, p), JSON.stringify(item), 'any');
}

/** Items of a generation whose record the log has not passed; `nextOf` says where a partition's log stands. */
export async function liveRecordErrors(
  ports: Pick<Ports, 'control'>,
  job: { readonly id: JobId; readonly g: number },
  nextOf: (p: PartitionId) => number,
): Promise<RecordErrorItem[]> {
  const items = await ports.control.list(`J#${job.id}`, `ERR#g${job.g}#`, { after: '', limit: 1000 });
  return items.map((item): RecordErrorItem => JSON.parse(item.body)).filter((e) => nextOf(e.partitionId) <= e.offset);
}
