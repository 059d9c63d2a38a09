/**
 * Partitions that a topic has got or lost since the job began (protocol 11.7). A new one is registered before its first commit: from then
 * on it holds the watermark of its source, until it delivers or becomes idle. One that is gone is an error at its place.
 */
import { isError, SluiceError } from '../../core/errors.ts';
import { offset, type PartitionId } from '../../core/numbers.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { Ports } from '../../ports/ports.ts';
import type { TopicInfo } from '../../ports/source.ts';
import { beginPartition, registerPartition } from '../coordinator.ts';
import { partitionIdsOf, topicOf, type Job } from '../job.ts';
import { partitionsOf, type Position } from '../position.ts';
import { forgetTopicError, recordError } from '../record-errors.ts';
import { functionsOf, partitionAdded } from '../pre-partitioned.ts';
import { differentTopic } from '../topic-identity.ts';

type DiscoveryPorts = Pick<Ports, 'log' | 'control' | 'source' | 'runtime' | 'codec'>;

export class Discovery {
  readonly #ports: DiscoveryPorts;
  readonly #job: Job;
  readonly #missing = new Set<PartitionId>();

  constructor(ports: DiscoveryPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
  }

  /** Reads the topics' metadata; true if the coordinator log has grown. */
  async run(position: Position): Promise<boolean> {
    let hasGrown = false;
    for (const topic of new Set(this.#job.dataflow.sources.flatMap((s) => s.node.topics))) {
      if (await this.#tolerant(topic, position)) hasGrown = true;
    }
    return hasGrown;
  }

  /** A broker or store that does not answer is asked next time; windows go on firing. */
  async #tolerant(topic: string, position: Position): Promise<boolean> {
    try {
      return await this.#look(topic, position);
    } catch (error) {
      if (!isError(error, 'STORE_FAILED', 'CONTENTION')) throw error;
      return false;
    }
  }

  async #look(topic: string, position: Position): Promise<boolean> {
    const info = await this.#ports.source.topic(topic);
    const problem = differentTopic(this.#job, topic, info);
    const known = partitionsOf(position).filter((p) => topicOf(this.#job, p).topic === topic);
    for (const p of known) await this.#check(p, position, info, problem);
    return info !== null && problem === null && (await this.#registerNew(topic, info, position));
  }

  async #check(p: PartitionId, position: Position, info: TopicInfo | null, problem: SluiceError | null): Promise<void> {
    const { topic, partition } = topicOf(this.#job, p);
    const isThere = info?.partitions.some((i) => i.partition === partition) ?? false;
    if (isThere && problem === null) {
      if (this.#missing.delete(p)) await forgetTopicError(this.#ports, this.#job, p);
      return;
    }
    this.#missing.add(p);
    const gone = new SluiceError('TOPIC_UNKNOWN', { message: `partition ${topic}-${partition} does not exist any more`, details: { topic, partition } });
    await recordError(this.#ports, { job: this.#job, p, offset: position.cut[p]?.next ?? offset(0) }, problem ?? gone);
  }

  async #registerNew(topic: string, info: TopicInfo, position: Position): Promise<boolean> {
    let hasGrown = false;
    for (const { partition, earliest } of info.partitions) {
      for (const p of partitionIdsOf(this.#job, topic, partition)) {
        if (position.cut[p] !== undefined) continue;
        if (functionsOf(this.#job, p).length > 0) {
          await recordError(this.#ports, { job: this.#job, p, offset: earliest }, partitionAdded(this.#job, p));
          continue;
        }
        await registerPartition(this.#ports, this.#job, p, await beginPartition(this.#ports, this.#job, p, earliest, MIN_WATERMARK));
        hasGrown = true;
      }
    }
    return hasGrown;
  }
}
