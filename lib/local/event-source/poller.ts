/**
 * One poller of a mapping: a member of its consumer group that cuts what it reads into events, invokes the function, and commits what has succeeded.
 * An event that fails comes again until it succeeds or another member has its partitions; the order within a partition stays.
 */
import type { Runtime } from '../../ports/runtime.ts';
import { Batcher, type BatchLimits, type CutOptions, type EventBatch } from './batcher.ts';
import type { Faults } from './faults.ts';
import type { GroupConsumer, GroupListener, OpenConsumer, SourceRecord, Subscription } from './group-consumer.ts';
import { encode, passedOver, type EncodedRecord, type Origin } from './event-text.ts';
import type { FunctionTarget, Invocation } from './target.ts';

export interface Pace {
  /** First pause after a failure; it doubles up to `retryMaxMs`. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** Events of one poller under way at once, of different partitions (provisioned mode: 5). */
  readonly invocationsMax: number;
  /**
   * An event of several partitions that failed is repeated partition by partition, so that one bad record does not hold the others up. Lambda
   * repeats it whole.
   */
  readonly splitsFailed: boolean;
}

export const PACE: Pace = { retryMs: 200, retryMaxMs: 10_000, invocationsMax: 5, splitsFailed: false };

export type PollerEvent =
  | { readonly kind: 'assigned'; readonly partitions: readonly number[] }
  | { readonly kind: 'processed'; readonly records: number; readonly bytes: number }
  | { readonly kind: 'failed'; readonly errorType: string; readonly message: string; readonly attempt: number }
  /** The record is larger than an event may be: it is not delivered, as on AWS. */
  | { readonly kind: 'passedOver'; readonly partition: number; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'commitFailed'; readonly message: string }
  /** The broker does not answer, or refuses. */
  | { readonly kind: 'trouble'; readonly message: string };

export interface PollerParts {
  readonly subscription: Subscription;
  readonly origin: Origin;
  readonly limits: BatchLimits;
  readonly pace: Pace;
  readonly functionArn: string;
  readonly target: FunctionTarget;
  readonly open: OpenConsumer;
  readonly runtime: Runtime;
  readonly faults: Faults;
  readonly onEvent: (event: PollerEvent) => void;
}

/** Longest time that a window, a pause or a stop is overslept, ms. */
const TICK_MS = 10;
const COMMIT_RETRY_MS = 1000;
const LATE_COMMIT_MS = 5000;

export class Poller implements GroupListener {
  readonly #parts: PollerParts;
  readonly #batcher: Batcher;
  readonly #consumer: GroupConsumer;
  readonly #underWay = new Set<Promise<void>>();
  /** Done and not yet committed, by partition. */
  #done = new Map<number, number>();
  #enough = new Set<number>();
  #assignment = 0;
  #commitAt = 0;
  #isCommitting = false;
  /** Events that wait behind a failure: they hold no slot. */
  #pausing = 0;
  #isStopping = false;
  #recutTo: CutOptions = {};
  #loop: Promise<void> | null = null;

  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.#batcher = new Batcher(parts.origin, parts.limits);
    this.#consumer = parts.open(parts.subscription, this);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Cuts no more events; returns when those under way have ended, without repeating them, and what succeeded is committed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#loop;
  }

  onAssigned(partitions: readonly number[]): void {
    this.#assignment++;
    this.#batcher.reset();
    this.#done = new Map();
    this.#enough = new Set();
    this.#parts.onEvent({ kind: 'assigned', partitions });
  }

  onRecords(partition: number, records: readonly SourceRecord[]): boolean {
    this.#batcher.add(partition, records.map((record) => this.#encoded(partition, record)), this.#now());
    // The partitions of one answer of the broker come one after another: only the tick ends a window, so that they meet in one event.
    this.#pump({ onlyFull: true });
    const hasRoom = this.#batcher.hasRoom(partition);
    if (!hasRoom) this.#enough.add(partition);
    return hasRoom;
  }

  onTrouble(error: Error): void {
    this.#parts.onEvent({ kind: 'trouble', message: error.message });
  }

  async #run(): Promise<void> {
    this.#consumer.start();
    while (!this.#isStopping) {
      this.#pump();
      if (this.#now() >= this.#commitAt) await this.#commit();
      await this.#parts.runtime.sleep(TICK_MS);
    }
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await this.#commit();
    await this.#consumer.stop();
  }

  /** Cuts what is due. Synchronous, so that it may be called by whatever happens. */
  #pump(options: CutOptions = {}): void {
    while (!this.#isStopping && this.#underWay.size - this.#pausing < this.#parts.pace.invocationsMax) {
      const batch = this.#batcher.cut(this.#now(), { ...this.#recutTo, ...options });
      if (batch === null) break;
      this.#recutTo = {};
      this.#launch(this.#deliver(batch, this.#assignment));
    }
    for (const partition of this.#enough) {
      if (!this.#batcher.hasRoom(partition)) continue;
      this.#enough.delete(partition);
      this.#consumer.resume(partition);
    }
  }

  #launch(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#underWay.delete(tracked);
      this.#pump();
    });
    this.#underWay.add(tracked);
  }

  async #deliver(batch: EventBatch, assignment: number): Promise<void> {
    const isCurrent = (): boolean => assignment === this.#assignment;
    for (let attempt = 1; ; attempt++) {
      const isDone = batch.payload === null || (await this.#invoke(batch.payload, attempt));
      if (isCurrent() && !this.#isStopping && this.#parts.faults.strikes('recut')) return this.#recut(batch);
      if (isDone || !isCurrent() || this.#isStopping) {
        this.#batcher.end(batch);
        // What another member may have by now is its to commit.
        if (isDone && isCurrent()) await this.#succeeded(batch);
        return;
      }
      if (this.#parts.pace.splitsFailed && batch.slices.length > 1) {
        for (const part of this.#batcher.split(batch)) this.#launch(this.#deliver(part, assignment));
        return;
      }
      this.#pausing++;
      this.#pump();
      await this.#pause(this.#backOff(attempt), isCurrent);
      this.#pausing--;
    }
  }

  async #invoke(payload: string, attempt: number): Promise<boolean> {
    const { faults, onEvent } = this.#parts;
    const twins = faults.strikes('overlap') ? [payload, payload] : [payload];
    const [invocation] = await Promise.all(twins.map((text) => this.#answer(text)));
    if (invocation?.kind !== 'ok') {
      onEvent({ kind: 'failed', errorType: invocation?.errorType ?? '', message: invocation?.message ?? '', attempt });
      return false;
    }
    if (faults.strikes('duplicate')) await this.#answer(payload);
    return true;
  }

  /** A target that cannot be reached has failed as far as the event goes. */
  async #answer(payload: string): Promise<Invocation> {
    const { target, functionArn } = this.#parts;
    try {
      return await target.invoke({ functionArn, payload, type: 'RequestResponse' });
    } catch (error) {
      return { kind: 'error', errorType: error instanceof Error ? error.name : 'Error', message: error instanceof Error ? error.message : String(error) };
    }
  }

  async #succeeded({ slices, payload, next }: EventBatch): Promise<void> {
    const { faults, onEvent } = this.#parts;
    onEvent({ kind: 'processed', records: slices.reduce((n, s) => n + s.records.length, 0), bytes: payload?.length ?? 0 });
    if (faults.strikes('lostCommit')) return;
    if (faults.strikes('lateCommit')) return this.#commitLate(next);
    for (const [partition, offset] of next) this.#done.set(partition, offset);
    await this.#commit();
  }

  /** Commits what is done, in order; what is refused is tried again a little later, unless an assignment makes it void. */
  async #commit(): Promise<void> {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    let isTaken = true;
    while (isTaken && this.#done.size > 0) isTaken = await this.#commitDone();
    this.#isCommitting = false;
  }

  async #commitDone(): Promise<boolean> {
    const next = this.#done;
    this.#done = new Map();
    const assignment = this.#assignment;
    if (await this.#isTaken(next)) return true;
    if (assignment === this.#assignment) this.#done = new Map([...next, ...this.#done]);
    this.#commitAt = this.#now() + COMMIT_RETRY_MS;
    return false;
  }

  async #isTaken(next: ReadonlyMap<number, number>): Promise<boolean> {
    try {
      await this.#consumer.commit(next);
      return true;
    } catch (error) {
      this.#parts.onEvent({ kind: 'commitFailed', message: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }

  #commitLate(next: ReadonlyMap<number, number>): void {
    const late = async (): Promise<void> => {
      await this.#pause(this.#parts.faults.below(LATE_COMMIT_MS), () => true);
      await this.#isTaken(next);
    };
    this.#launch(late());
  }

  #recut(batch: EventBatch): void {
    this.#batcher.putBack(batch, this.#now());
    this.#recutTo = { batchSize: 1 + this.#parts.faults.below(this.#parts.limits.batchSize) };
  }

  async #pause(ms: number, isNeeded: () => boolean): Promise<void> {
    const end = this.#now() + ms;
    while (this.#now() < end && isNeeded() && !this.#isStopping) await this.#parts.runtime.sleep(Math.min(TICK_MS, ms));
  }

  #backOff(attempt: number): number {
    const { retryMs, retryMaxMs } = this.#parts.pace;
    return Math.min(retryMaxMs, retryMs * 2 ** Math.min(attempt - 1, 30));
  }

  #encoded(partition: number, record: SourceRecord): EncodedRecord {
    const encoded = encode(this.#parts.origin.topic, partition, record);
    if (encoded.bytes <= this.#batcher.recordBytesMax(partition)) return encoded;
    this.#parts.onEvent({ kind: 'passedOver', partition, offset: record.offset, bytes: encoded.bytes });
    return passedOver(record.offset);
  }

  #now(): number {
    return this.#parts.runtime.elapsed();
  }
}
