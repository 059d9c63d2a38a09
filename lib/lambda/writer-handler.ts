/** The writer function: every partition of a Kafka event into the logs of the sources that read it (protocol §4, §10 a). */
import { batchesOf, type LambdaKafkaRecord, type PartitionRecords } from '../adapters/lambda/kafka-event.ts';
import { isError, SluiceError } from '../core/errors.ts';
import { partsOf, type PartitionId } from '../core/numbers.ts';
import { partitionIdsOf, type Job } from '../engine/job.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { forgetTopicError, isOfTopic, recordError } from '../engine/record-errors.ts';
import { DueWatch } from '../engine/writer/due.ts';
import { Writer, type CommitResult } from '../engine/writer/writer.ts';
import { aliasOf, type Alias } from './alias.ts';
import { hasTime, type Handler, type LambdaContext } from './context.ts';
import { Generations } from './generations.ts';
import type { InvokeEvent } from './invoke.ts';
import type { OpenTelemetry, Telemetry } from './telemetry.ts';

/** The event of MSK and of self-managed brokers. `timestamp`: epoch ms. */
export interface WriterEvent {
  readonly records: Readonly<Record<string, readonly (LambdaKafkaRecord & { readonly timestamp?: number })[]>>;
}

interface WriterParts {
  readonly ports: Workshop['ports'];
  readonly job: Job;
  readonly writer: Writer;
  readonly watch: DueWatch;
  /** Logs without a remembered error of their topic. */
  readonly cleared: Set<PartitionId>;
}

const openParts = ({ ports }: Workshop, job: Job): WriterParts => ({
  ports,
  job,
  writer: new Writer(ports, job),
  watch: new DueWatch(ports, job),
  cleared: new Set(),
});

/**
 * Returns normally only if every partition is committed, now or before (W1); otherwise throws the first failure, after every attempt has
 * ended (W2): the event source delivers the whole event again.
 */
export function writerHandler(workshop: Workshop, telemetry: OpenTelemetry, invoke: InvokeEvent): Handler<WriterEvent, void> {
  const generations = new Generations(workshop, openParts);
  return async (event, context) => {
    const alias = aliasOf(context.invokedFunctionArn);
    const told = telemetry(alias, context.awsRequestId);
    try {
      const parts = await generations.of(alias, told);
      const newest = newestTimestamps(event);
      const deliveries = batchesOf(event).flatMap((records) => {
        const delivery = { ...records, timestamp: newest.get(`${records.topic}-${records.partition}`) ?? null };
        // One per source that reads the topic.
        return logsOf(parts.job, records).map((p) => ({ p, delivery }));
      });
      const commits = deliveries.map(({ p, delivery }) => commit(parts, p, delivery, context, told));
      const settled = await Promise.allSettled(commits);
      if (settled.some((s) => s.status === 'fulfilled' && s.value)) await wakeFirer(invoke, alias, told);
      for (const s of settled) if (s.status === 'rejected') throw s.reason;
    } finally {
      told.flush();
    }
  };
}

/** The logs that records belong to. An event of a topic that nobody reads must not be acknowledged: its mapping is on the wrong alias. */
function logsOf(job: Job, { topic, partition }: PartitionRecords): PartitionId[] {
  const ids = partitionIdsOf(job, topic, partition);
  if (ids.length > 0) return ids;
  throw new SluiceError('TOPIC_UNKNOWN', { message: `no source of job ${job.id} reads topic ${topic}`, hint: 'delete the event source mapping of this topic' });
}

/** Records are in the order of their offsets; the newest one tells how far behind the partition is. */
const newestTimestamps = (event: WriterEvent): Map<string, number> =>
  new Map(Object.values(event.records).flatMap((records) => records.slice(-1).flatMap((r): [string, number][] => (r.timestamp === undefined ? [] : [[`${r.topic}-${r.partition}`, r.timestamp]]))));

type Delivery = PartitionRecords & { readonly timestamp: number | null };

async function commit(parts: WriterParts, p: PartitionId, records: Delivery, context: LambdaContext, told: Telemetry): Promise<boolean> {
  const where = { source: partsOf(p).source, topic: records.topic, partition: records.partition };
  try {
    const result = await parts.writer.commit(p, records.batch, () => hasTime(context));
    told.committed({ ...where, ...lineOf(records, result), lagMs: lagOf(parts, records) });
    await clear(parts, p, told);
    return result.kind === 'committed' && (await parts.watch.isDue(p, result.passage));
  } catch (error) {
    told.failed({ ...where, error });
    if (isError(error) && isOfTopic(error)) await remember(parts, p, error, told);
    throw error;
  }
}

function lineOf({ batch }: PartitionRecords, result: CommitResult): { first: number; next: number; records: number; lateRows: number; commitBytes: number; duplicate: boolean } {
  if (result.kind !== 'committed') return { first: batch.offsets[0] ?? batch.next, next: result.next, records: 0, lateRows: 0, commitBytes: 0, duplicate: true };
  const { first, next, records, bytes, passage } = result;
  const lateRows = passage.segments.flatMap(({ late }) => Object.values(late)).reduce((a, b) => a + b, 0);
  return { first, next, records, lateRows, commitBytes: bytes, duplicate: false };
}

const lagOf = ({ ports }: WriterParts, { timestamp }: Delivery): number | null => (timestamp === null ? null : Math.max(0, ports.runtime.now() - timestamp));

/** The topic can be read again: once per sandbox, and behind every error. The batch is committed, whatever becomes of this. */
async function clear({ ports, job, cleared }: WriterParts, p: PartitionId, told: Telemetry): Promise<void> {
  if (cleared.has(p)) return;
  try {
    await forgetTopicError(ports, job, p);
    cleared.add(p);
  } catch (error) {
    told.problem('the error of the topic could not be forgotten', error);
  }
}

/** Shown at the partition until it goes on. What cannot be written down is still thrown. */
async function remember({ ports, job, writer, cleared }: WriterParts, p: PartitionId, error: Parameters<typeof recordError>[2], told: Telemetry): Promise<void> {
  cleared.delete(p);
  try {
    await recordError(ports, { job, p, offset: (await writer.nextOffset(p)) ?? 0 }, error);
  } catch (again) {
    told.problem('the error of the topic could not be recorded', again);
  }
}

/** A hint: the tick does without (§10). */
async function wakeFirer(invoke: InvokeEvent, alias: Alias, told: Telemetry): Promise<void> {
  try {
    await invoke('sluice-firer', alias, { once: true });
  } catch (error) {
    told.problem('the firer could not be woken', error);
  }
}
