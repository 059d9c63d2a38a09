/**
 * The event source of one generation, as Lambda's: pollers read the topics, invoke sandboxes with batches of several partitions, and
 * commit the group's offsets when an invocation returns normally. It promises nothing but that: batches come again, cut differently, to
 * two pollers at once; invocations time out and go on as zombies; commits land late and set the group back.
 */
import { isError, type ErrorCode, type SluiceError } from '../../lib/core/errors.ts';
import { offset, type Offset } from '../../lib/core/numbers.ts';
import { partitionIdsOf, type Job } from '../../lib/engine/job.ts';
import { groupOf } from '../../lib/engine/keys.ts';
import { Writer } from '../../lib/engine/writer/writer.ts';
import type { RecordBatch } from '../../lib/ports/source.ts';
import type { Process } from './process.ts';
import { violate } from './violation.ts';
import type { World } from './world.ts';

/** A partition of a topic, as the group knows it. */
interface Assignment {
  readonly topic: string;
  readonly partition: number;
  /** Index of the poller that has it. */
  owner: number;
  /** Where the owner goes on; null: where the group is. */
  position: Offset | null;
}

interface Delivery {
  readonly assignment: Assignment;
  readonly batch: RecordBatch;
  /** The topic as it was when the batch was read. */
  readonly topicId: string | null;
}

interface Sandbox {
  readonly process: Process;
  readonly writer: Writer;
  isBusy: boolean;
}

export interface EventSourceOptions {
  readonly job: Job;
  readonly pollers: number;
  /** The generation has ended: whatever its workflows forget, nothing is left to be seen. */
  readonly isOver: () => boolean;
  /** Consumers are attached, and not paused. */
  readonly isAttached: () => boolean;
  /** Share of failed invocations whose batches are bisected. */
  readonly bisect: number;
  /** The function has thrown. */
  readonly onRefusal: (code: ErrorCode) => void;
  /** How far the logs of a partition are, for I-ACK; the lowest of all sources that read it. */
  readonly nextOf: (topic: string, partition: number) => number;
}

const POLL_MS = 500;
/** New partitions are looked for in one of so many turns. */
const DISCOVERY_TURNS = 10;
const RETRY_MS = 500;
/** Share of the turns behind a pause in which there is still a delivery. */
const LATE_DELIVERIES = 0.2;
const TIMEOUT_MS = 30_000;
const BATCH_BYTES = 1200;
const STALE_MS = 30_000;

export class EventSource {
  readonly #world: World;
  readonly #options: EventSourceOptions;
  readonly #assignments: Assignment[] = [];
  readonly #sandboxes: Sandbox[] = [];
  #wasAttached = false;

  constructor(world: World, options: EventSourceOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Runs until the generation is over. */
  start(): void {
    const { job } = this.#options;
    for (const topic of job.dataflow.sources.flatMap((s) => s.node.topics)) this.#world.claimGroup(this.#group(topic), `${job.id} g${job.g}`);
    for (let poller = 0; poller < this.#options.pollers; poller++) {
      this.#poll(poller).catch((error: unknown) => {
        this.#world.failure ??= error;
      });
    }
  }

  async #poll(poller: number): Promise<void> {
    const { prng } = this.#world;
    while (!this.#options.isOver()) {
      await this.#world.pause(prng.between(20, POLL_MS));
      if (!this.#delivers()) continue;
      if (this.#assignments.length === 0 || prng.below(DISCOVERY_TURNS) === 0) await this.#discover();
      const own = this.#assignments.filter((a) => a.owner === poller);
      const deliveries = (await Promise.all(own.map((a) => this.#read(a)))).filter((d) => d !== null);
      if (deliveries.length > 0) await this.#deliver(prng.chance(0.5) ? deliveries : deliveries.slice(0, 1));
      this.#disturb(poller);
    }
  }

  /** Pollers end some time after they were told to. */
  #delivers(): boolean {
    const isAttached = this.#options.isAttached();
    this.#wasAttached ||= isAttached;
    return isAttached || (this.#wasAttached && this.#world.faults.strike('lateDelivery', LATE_DELIVERIES));
  }

  /** Partitions are found while the job runs (11.7). */
  async #discover(): Promise<void> {
    const { job, pollers } = this.#options;
    for (const topic of new Set(job.dataflow.sources.flatMap((s) => s.node.topics))) {
      const known = this.#assignments.filter((a) => a.topic === topic).length;
      const { length } = (await this.#world.stores.source.topic(topic))?.partitions ?? [];
      for (let partition = known; partition < length; partition++) {
        this.#assignments.push({ topic, partition, owner: partition % pollers, position: null });
      }
    }
  }

  async #read(assignment: Assignment): Promise<Delivery | null> {
    const { stores, prng } = this.#world;
    const { topic, partition } = assignment;
    const from = assignment.position ?? (await stores.offsets.committed(this.#group(topic), topic, partition)) ?? offset(0);
    try {
      const batch = await stores.source.fetch(topic, partition, from, prng.between(1, BATCH_BYTES));
      return batch === null ? null : { assignment, batch, topicId: (await stores.source.topic(topic))?.id ?? null };
    } catch (error) {
      // A consumer group falls back to the beginning of what there is.
      if (!isError(error, 'OFFSET_GAP', 'TOPIC_TRUNCATED')) throw error;
      assignment.position = await stores.source.startOffset(topic, partition, { kind: 'earliest-offset' });
      return null;
    }
  }

  async #deliver(deliveries: readonly Delivery[]): Promise<void> {
    const poller = deliveries[0]?.assignment.owner;
    if ((await this.#invoke(deliveries)) === 'failed') {
      this.#world.count('invocation:failed');
      if (this.#world.faults.strike('bisect', this.#options.bisect)) await this.#bisect(deliveries);
      await this.#world.pause(this.#world.prng.between(20, RETRY_MS));
      return;
    }
    this.#world.count('invocation:ok');
    for (const delivery of deliveries) {
      const { assignment, batch } = delivery;
      if (assignment.owner === poller) assignment.position = batch.next;
      this.#commit(delivery);
    }
  }

  /** Tries the halves of every batch on their own, the second one first. */
  async #bisect(deliveries: readonly Delivery[]): Promise<void> {
    for (const whole of deliveries) {
      if (whole.batch.offsets.length < 2) continue;
      for (const half of halvesOf(whole.batch).reverse()) {
        const delivery = { ...whole, batch: half };
        if ((await this.#invoke([delivery])) === 'ok') this.#commit(delivery);
      }
    }
  }

  /** Resolves when the function has returned, thrown, died or timed out. */
  #invoke(deliveries: readonly Delivery[]): Promise<'ok' | 'failed'> {
    const { scheduler, prng } = this.#world;
    const sandbox = this.#sandbox();
    sandbox.isBusy = true;
    this.#world.count('batches', deliveries.length);
    return new Promise((resolve) => {
      let isRunning = true;
      const end = (outcome: 'ok' | 'failed'): void => {
        isRunning = false;
        sandbox.isBusy = false;
        resolve(outcome);
      };
      this.#handle(sandbox, deliveries).then(
        () => end('ok'),
        (error: unknown) => {
          if (isExpected(error)) this.#options.onRefusal(error.code);
          else this.#world.failure ??= error;
          end('failed');
        },
      );
      sandbox.process.onEnd(() => end('failed'));
      scheduler.after(TIMEOUT_MS, () => {
        if (!isRunning) return;
        const isKilled = prng.chance(0.3);
        this.#world.count(isKilled ? 'invocationKilled' : 'invocationZombie');
        this.#sandboxes.splice(this.#sandboxes.indexOf(sandbox), 1);
        if (isKilled) sandbox.process.end();
        resolve('failed');
      });
    });
  }

  /** The function: W1, every batch in every log that reads its topic, or an error. */
  async #handle({ process, writer }: Sandbox, deliveries: readonly Delivery[]): Promise<void> {
    const commits = deliveries.map(async ({ assignment, batch }) => {
      for (const p of partitionIdsOf(this.#options.job, assignment.topic, assignment.partition)) await writer.commit(p, batch);
    });
    const results = await Promise.allSettled(commits);
    for (const result of results) if (result.status === 'rejected' && process.alive) throw result.reason;
  }

  #sandbox(): Sandbox {
    const idle = this.#sandboxes.filter((s) => !s.isBusy && s.process.alive);
    if (idle.length > 0 && this.#world.prng.chance(0.9)) return this.#world.prng.pick(idle);
    const process = this.#world.process('writer');
    const sandbox = { process, writer: new Writer(this.#world.portsOf(process), this.#options.job), isBusy: false };
    this.#sandboxes.push(sandbox);
    this.#world.count('sandboxes');
    return sandbox;
  }

  /** The group's offset, at once or so late that it sets the group back. */
  #commit({ assignment: { topic, partition }, batch: { next }, topicId }: Delivery): void {
    const { scheduler, prng, faults } = this.#world;
    const delay = faults.strike('staleCommit', 0.03) ? prng.below(STALE_MS) : prng.below(50);
    scheduler.after(delay, async () => {
      violate(topicId !== this.#options.job.topicIds[topic], `I-OFF: records of ${topic}-${partition}, which was created again, are acknowledged (W6)`);
      const committed = this.#options.nextOf(topic, partition);
      violate(next > committed, `I-ACK: offset ${next} of ${topic}-${partition} is acknowledged, the log ends at ${committed}`);
      await this.#world.stores.offsets.commit(this.#group(topic), topic, partition, next);
    });
  }

  #disturb(poller: number): void {
    const { prng, faults } = this.#world;
    if (this.#assignments.length === 0) return;
    const assignment = prng.pick(this.#assignments);
    if (assignment.owner === poller && faults.strike('redelivery', 0.03)) assignment.position = offset(prng.below((assignment.position ?? 0) + 1));
    if (this.#options.pollers > 1 && faults.strike('rebalance', 0.03)) {
      assignment.owner = (assignment.owner + 1) % this.#options.pollers;
      assignment.position = null;
    }
  }

  #group(topic: string): string {
    const { job } = this.#options;
    return groupOf(job.id, job.g, job.dataflow.sources.findIndex((s) => s.node.topics.includes(topic)), topic);
  }
}

/** The source delivers again, whatever it was; only what cannot be is a defect. */
const isExpected = (error: unknown): error is SluiceError => isError(error) && error.kind !== 'bug';

function halvesOf(batch: RecordBatch): RecordBatch[] {
  const middle = batch.offsets.length >> 1;
  const part = (from: number, to: number): RecordBatch => ({
    bytes: batch.bytes,
    starts: batch.starts.slice(from, to),
    ends: batch.ends.slice(from, to),
    offsets: batch.offsets.slice(from, to),
    next: offset((batch.offsets[to - 1] ?? 0) + 1),
  });
  return [part(0, middle), part(middle, batch.offsets.length)];
}
