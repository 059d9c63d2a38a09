/**
 * The embedded event source of one topic partition: reads batches and hands them to the writer, one at a time, as Lambda's pollers do.
 * It commits the consumer group's offset now and then; what is read twice after a crash is a duplicate to the writer.
 */
import { isError, SluiceError } from '../core/errors.ts';
import { offset, partsOf, type Offset, type PartitionId } from '../core/numbers.ts';
import { partitionIdsOf, type Job } from '../engine/job.ts';
import { groupOf } from '../engine/keys.ts';
import { forgetTopicError, isOfTopic, recordError } from '../engine/record-errors.ts';
import { requireSameTopic } from '../engine/topic-identity.ts';
import type { Writer } from '../engine/writer/writer.ts';
import type { Ports } from '../ports/ports.ts';
import type { RecordBatch } from '../ports/source.ts';

/** Bytes of records per batch. */
const BATCH_BYTES = 2 * 1024 * 1024;
const IDLE_MIN_MS = 10;
const IDLE_MAX_MS = 200;
/** A runner that loses a commit race leaves the partition to the other one for a while. */
const YIELD_MS = 500;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;
const GROUP_COMMIT_MS = 5000;

export interface PollerEvents {
  /** A batch with so many records, of the source with this index. */
  readonly committed: (source: number, records: number) => void;
  /** null: the partition goes on after an error. */
  readonly trouble: (topic: string, partition: number, error: SluiceError | null) => void;
}

export class PartitionPoller {
  readonly topic: string;
  readonly partition: number;
  readonly #ports: Ports;
  readonly #job: Job;
  readonly #writer: Writer;
  readonly #events: PollerEvents;
  #next: Offset | null = null;
  #committed: Offset | null = null;
  #committedAt = 0;
  #trouble: SluiceError | null = null;
  /** No error of the topic is remembered for this partition. */
  #isCleared = false;
  /** The topic had nothing more when it was last asked, and nothing that has yet to come. */
  atEnd = false;

  constructor(ports: Ports, job: Job, writer: Writer, at: { topic: string; partition: number }, events: PollerEvents) {
    this.#ports = ports;
    this.#job = job;
    this.#writer = writer;
    this.topic = at.topic;
    this.partition = at.partition;
    this.#events = events;
  }

  /** The error that holds this partition up. */
  get trouble(): SluiceError | null {
    return this.#trouble;
  }

  async run(signal: AbortSignal): Promise<void> {
    let pause = IDLE_MIN_MS;
    let retry = RETRY_MIN_MS;
    while (!signal.aborted) {
      try {
        const turn = await this.#turn();
        this.#setTrouble(null);
        retry = RETRY_MIN_MS;
        pause = turn === 'nothing' ? Math.min(pause * 2, IDLE_MAX_MS) : IDLE_MIN_MS;
        // Stores and files answer without waiting: without a pause nothing else in this process would get a turn.
        await this.#ports.runtime.sleep(turn === 'progress' ? 0 : turn === 'beaten' ? YIELD_MS : pause);
      } catch (error) {
        if (!isError(error)) throw error;
        await this.#failed(error);
        await this.#ports.runtime.sleep(retry);
        retry = Math.min(retry * 2, RETRY_MAX_MS);
      }
    }
    await this.#commitGroup(true).catch((error: unknown) => {
      // What the group has not heard of is a duplicate to the writer.
      if (!isError(error)) throw error;
    });
  }

  async #turn(): Promise<'nothing' | 'progress' | 'beaten'> {
    const from = this.#next ?? (await this.#start());
    const batch = await this.#fetch(from);
    await this.#clear();
    this.atEnd = batch === null && !(await this.#ports.source.hasMore?.(this.topic, this.partition, from));
    if (batch === null) {
      await this.#commitGroup(false);
      return 'nothing';
    }
    const beaten = await this.#deliver(batch);
    await this.#commitGroup(false);
    return beaten ? 'beaten' : 'progress';
  }

  /** The id is asked for behind the fetch, so that no batch of another topic slips in; a new topic that is shorter looks truncated. */
  async #fetch(from: Offset): Promise<RecordBatch | null> {
    const { source } = this.#ports;
    try {
      const batch = await source.fetch(this.topic, this.partition, from, BATCH_BYTES);
      if (batch !== null) await requireSameTopic(source, this.#job, this.topic);
      return batch;
    } catch (error) {
      if (isError(error, 'TOPIC_TRUNCATED', 'OFFSET_GAP')) await requireSameTopic(source, this.#job, this.topic);
      if (!isError(error, 'OFFSET_GAP') || this.#job.policies.dataLoss === 'fail') throw error;
      // W7: the writer counts what is gone.
      return source.fetch(this.topic, this.partition, await source.startOffset(this.topic, this.partition, { kind: 'earliest-offset' }), BATCH_BYTES);
    }
  }

  async #clear(): Promise<void> {
    if (this.#isCleared) return;
    for (const p of this.#partitionIds()) await forgetTopicError(this.#ports, this.#job, p);
    this.#isCleared = true;
  }

  /** Appends the batch to the log of every source that reads the topic (W1: all of them, or the batch comes again). */
  async #deliver(batch: RecordBatch): Promise<boolean> {
    let next = Infinity;
    let progress = false;
    for (const p of this.#partitionIds()) {
      const result = await this.#writer.commit(p, batch);
      next = Math.min(next, result.next);
      if (result.kind !== 'committed') continue;
      progress = true;
      this.#events.committed(partsOf(p).source, result.records);
    }
    this.#next = offset(next);
    return !progress;
  }

  async #start(): Promise<Offset> {
    const group = this.#group();
    this.#committed = await this.#ports.offsets.committed(group, this.topic, this.partition);
    return this.#committed ?? offset(0);
  }

  async #commitGroup(now: boolean): Promise<void> {
    const due = now || this.#ports.runtime.elapsed() - this.#committedAt > GROUP_COMMIT_MS;
    if (!due || this.#next === null || this.#next === this.#committed) return;
    await this.#ports.offsets.commit(this.#group(), this.topic, this.partition, this.#next);
    this.#committed = this.#next;
    this.#committedAt = this.#ports.runtime.elapsed();
  }

  /** A batch that failed may be partly in the logs: the next one begins where the least advanced of them ends (I-ACK). */
  async #failed(error: SluiceError): Promise<void> {
    if (error.kind !== 'fenced') this.#setTrouble(error);
    try {
      const ends = new Map<PartitionId, Offset>();
      for (const p of this.#partitionIds()) ends.set(p, (await this.#writer.nextOffset(p)) ?? offset(0));
      this.#next = offset(Math.min(...ends.values()));
      if (!isOfTopic(error)) return;
      this.#isCleared = false;
      for (const [p, next] of ends) await recordError(this.#ports, { job: this.#job, p, offset: next }, error);
    } catch (again) {
      if (!isError(again)) throw again;
      this.#next = null; // The store does not answer: begin from what the group has.
    }
  }

  #setTrouble(error: SluiceError | null): void {
    const changed = error?.message !== this.#trouble?.message;
    this.#trouble = error;
    if (changed) this.#events.trouble(this.topic, this.partition, error);
  }

  #partitionIds(): PartitionId[] {
    return partitionIdsOf(this.#job, this.topic, this.partition);
  }

  #group(): string {
    const source = this.#job.dataflow.sources.findIndex((s) => s.node.topics.includes(this.topic));
    return groupOf(this.#job.id, this.#job.g, source, this.topic);
  }
}
