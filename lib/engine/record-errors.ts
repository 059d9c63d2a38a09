/** Errors that hold one partition up (W10): an item that counts while the log has not passed the position; nobody deletes it. */
import { errorText } from '../core/error-text.ts';
import type { SluiceError } from '../core/errors.ts';
import type { JobId, PartitionId, WallTime } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';
import { topicOf, type Job } from './job.ts';
import { locatedFailure } from './located.ts';
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

export interface RecordPlace {
  readonly job: Job;
  readonly p: PartitionId;
  readonly offset: number;
}

export async function recordError(ports: Pick<Ports, 'control' | 'runtime'>, place: RecordPlace, error: SluiceError): Promise<void> {
  const { job, p } = place;
  await ports.control.put(recordErrorKey(job.id, job.g, p), JSON.stringify(recordErrorItem(ports, place, error)), 'any');
}

export function recordErrorItem(ports: Pick<Ports, 'runtime'>, { job, p, offset }: RecordPlace, thrown: SluiceError): RecordErrorItem {
  const error = locatedFailure(thrown, job.dataflow.positionOf);
  const excerpt = error.details['excerpt'];
  return {
    partitionId: p,
    ...topicOf(job, p),
    offset,
    code: error.code,
    message: errorText(error.message),
    hint: error.hint === undefined ? null : errorText(error.hint),
    excerpt: typeof excerpt === 'string' ? errorText(excerpt) : null,
    at: ports.runtime.now(),
  };
}

/** Errors of the topic itself, shown at its partitions like those of a record. */
const OF_TOPIC = ['TOPIC_TRUNCATED', 'TOPIC_RECREATED', 'OFFSET_GAP', 'TOPIC_UNKNOWN'] as const;

export const isOfTopic = (error: SluiceError): boolean => OF_TOPIC.some((code) => code === error.code);

/**
 * The topic can be read: an error of it that is remembered for this partition is over, although no new record lets the log pass it.
 * Whoever still meets the error records it again.
 */
export async function forgetTopicError(ports: Pick<Ports, 'control'>, job: Job, p: PartitionId): Promise<void> {
  const key = recordErrorKey(job.id, job.g, p);
  const item = await ports.control.get(key);
  const error: RecordErrorItem | null = item === null ? null : JSON.parse(item.body);
  if (OF_TOPIC.some((code) => code === error?.code)) await ports.control.remove(key);
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
