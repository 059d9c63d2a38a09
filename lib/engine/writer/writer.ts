/**
 * The writer: turns batches into partition log entries, one conditional append per batch (protocol §4). It needs only the head of the
 * log, never the state. An instance belongs to one sandbox and one generation; its cache is only ever what a confirmed read or append
 * said (W2).
 */
import { assert, isError, SluiceError } from '../../core/errors.ts';
import { offset, seq, type Offset, type PartitionId, partsOf } from '../../core/numbers.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { Ports } from '../../ports/ports.ts';
import type { RecordBatch } from '../../ports/source.ts';
import { withinBounds } from '../bounded.ts';
import { beginPartition, closed, initCut, registerPartition, registeredCut } from '../coordinator.ts';
import { topicOf, type Job } from '../job.ts';
import type { Progress } from '../firer/progress.ts';
import { readHint } from '../hint.ts';
import { spillKey } from '../keys.ts';
import type { PartitionEntry } from '../log/entries.ts';
import type { Head } from '../log/entry-log.ts';
import { openCoordinatorLog, openPartitionLog, type PartitionLog } from '../log/logs.ts';
import { storePayload } from '../log/payload.ts';
import { ageMs, stampNow, type Stamp } from '../log/stamp.ts';
import { functionsOf, partitionAdded } from '../pre-partitioned.ts';
import { requireSameTopic } from '../topic-identity.ts';
import { holdUp, lastLetter, passOver } from './bad-records.ts';
import { decideCommit } from './decide-commit.ts';
import type { Passage } from './due.ts';
import type { FoldedBatch } from './fold-batch.ts';
import { FunctionStates, type PartitionFunctions } from './partition-functions.ts';
import { foldRecords } from './fold-records.ts';
import { LetterNews } from './letter-news.ts';
import { encodeSegments } from './segment.ts';
import { verifyGap } from './verify-gap.ts';

export type CommitResult =
  | {
      readonly kind: 'committed';
      /** The entry covers the offsets [first, next). */
      readonly first: Offset;
      readonly next: Offset;
      readonly bytes: number;
      readonly records: number;
      /** What the entry did to the partition's watermark, and with which rows (§10 a). */
      readonly passage: Passage;
    }
  /** Everything in the batch was committed before, by whomever. */
  | { readonly kind: 'duplicate'; readonly next: Offset }
  /** The source is bounded, and ends before the batch. */
  | { readonly kind: 'beyond'; readonly next: Offset };

/** The facts have changed, or an append has failed: read them again. */
interface Again {
  readonly kind: 'again';
  readonly cause: unknown;
}
const AGAIN: Again = { kind: 'again', cause: null };

/** What a firer has said of itself, when that was read. */
interface KnownProgress {
  readonly checkpointAt: number;
  readonly progress: Progress | null;
  readonly stamp: Stamp;
}

/** Attempts of one commit; each reads the head again. */
const ATTEMPTS_MAX = 16;
const always = (): boolean => true;

type CommitPorts = Pick<Ports, 'log' | 'control' | 'chunks' | 'blob' | 'source' | 'runtime' | 'codec'>;

/** So old may be what functions know of the progress of the job. */
const FIRED_MAX_AGE_MS = 1000;

export class Writer {
  readonly #ports: CommitPorts;
  readonly #job: Job;
  readonly #letterNews: LetterNews;
  readonly #functions: FunctionStates;
  readonly #heads = new Map<PartitionId, Head<PartitionEntry>>();
  /** When the topic behind a partition was last compared. */
  readonly #topicChecks = new Map<PartitionId, Stamp>();
  /** What the firer last said of itself, and when it was read; null where it has never been asked. */
  #hint: KnownProgress | null = null;

  constructor(ports: CommitPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
    this.#letterNews = new LetterNews(ports, job);
    this.#functions = new FunctionStates(ports, job);
  }

  /**
   * Commits a batch of partition `p`, or finds that it was committed before. Throws for everything else (W1): FROZEN, CLOSED, COVERAGE,
   * LOG_EXPIRED, CLOCK_SKEW, GAP, OFFSET_GAP, TOPIC_RECREATED, TOPIC_UNKNOWN, a record error (W10; the records before the bad one are committed),
   * STORE_FAILED, CONTENTION. No attempt begins when `hasTime` says no: an invocation that is about to end must not leave one in flight (W2).
   */
  async commit(p: PartitionId, given: RecordBatch, hasTime: () => boolean = always): Promise<CommitResult> {
    const batch = withinBounds(this.#job, p, given);
    if (batch === null) return { kind: 'beyond', next: given.next };
    const log = openPartitionLog(this.#ports, this.#job, p);
    let failure: unknown = null;
    for (let attempt = 0; attempt < ATTEMPTS_MAX && hasTime(); attempt++) {
      const result = await this.#attempt(p, log, batch);
      if (result.kind !== 'again') return result;
      failure = result.cause;
    }
    // A store that refuses every attempt, such as a full disk, is not a race.
    if (isError(failure, 'STORE_FAILED')) throw failure;
    throw new SluiceError('CONTENTION', { message: `no attempt to commit to ${log.key} came through`, hint: 'the batch is delivered again' });
  }

  /** Where the partition goes on, for the event source; null if its log has no entry yet. */
  async nextOffset(p: PartitionId): Promise<Offset | null> {
    const head = this.#fresh(p) ?? (await openPartitionLog(this.#ports, this.#job, p).head());
    return head?.entry.next ?? null;
  }

  async #attempt(p: PartitionId, log: PartitionLog, batch: RecordBatch): Promise<CommitResult | Again> {
    const cached = this.#fresh(p);
    const head = cached ?? (await log.head());
    const isNew = head === null || head.entry.kind === 'INIT';
    const decision = decideCommit({
      head: head?.entry ?? null,
      headExpired: head !== null && log.isExpired(head.entry),
      fromCache: cached !== null,
      registered: isNew && (await registeredCut(this.#ports, this.#job, p)) !== null,
      offsets: batch.offsets,
      next: batch.next,
    });
    switch (decision.kind) {
      case 'init':
        return this.#init(p, batch);
      case 'register':
        assert(head !== null, 'only a log with INIT is registered');
        await registerPartition(this.#ports, this.#job, p, initCut(head.entry));
        return AGAIN;
      case 'lost':
        // T6: the log may have begun between the two reads; only a look behind the registration counts.
        if ((await log.head()) === null) throw log.lostError();
        return AGAIN;
      case 'expired':
        assert(head !== null, 'only an entry can expire');
        throw log.expiredError(head.entry);
      case 'frozen':
        throw new SluiceError('FROZEN', { message: `${log.key} is frozen: the job is being stopped` });
      case 'reread':
        return this.#forget(p);
      case 'duplicate':
        assert(head !== null, 'a duplicate is in the log');
        await this.#checkTopicId(p);
        return { kind: 'duplicate', next: head.entry.next };
      case 'append':
        assert(head !== null, 'an append follows a head');
        await this.#recheckTopicId(p);
        return this.#append(p, log, head, batch, decision);
    }
  }

  /**
   * W4, 11.7: a partition that appeared while the job ran begins at its earliest offset. A generation without a coordinator log has not
   * begun: its logs are the workflow's to start, at the offsets of its base.
   */
  async #init(p: PartitionId, batch: RecordBatch): Promise<Again> {
    const coordinator = openCoordinatorLog(this.#ports, this.#job);
    if ((await coordinator.head()) === null) throw closed(coordinator.key);
    if (functionsOf(this.#job, p).length > 0) throw partitionAdded(this.#job, p);
    const { topic, partition } = topicOf(this.#job, p);
    const start = await this.#ports.source.startOffset(topic, partition, { kind: 'earliest-offset' });
    await beginPartition(this.#ports, this.#job, p, offset(Math.min(start, batch.offsets[0] ?? start)), MIN_WATERMARK);
    return AGAIN;
  }

  async #append(
    p: PartitionId,
    log: PartitionLog,
    head: Head<PartitionEntry>,
    batch: RecordBatch,
    { from, gap: hasGap }: { from: number; gap: boolean },
  ): Promise<CommitResult | Again> {
    const first = offset(batch.offsets[from] ?? batch.next);
    const gap = hasGap ? await verifyGap(this.#ports.source, this.#job, p, head.entry.next, first) : null;
    await this.#checkCoverage();
    const { runtime } = this.#ports;
    const functions = await this.#functionsAt(p, head.entry);
    if (functions === 'behind') return this.#forget(p);
    const place = { job: this.#job, p, batch };
    const folded = await this.#fold(p, head.entry, { batch, from, functions });
    if (folded.records === 0 && folded.bad !== null) throw await holdUp(this.#ports, place, folded.bad);

    const bytes = encodeSegments(folded.segments);
    const at = seq(head.entry.seq + 1);
    const payload = await storePayload(this.#ports, bytes, this.#job.settings.spillInlineMax, () =>
      spillKey(log.key, at, runtime.randomHex(16)),
    );
    const next = folded.bad === null ? batch.next : offset(batch.offsets[folded.bad.index] ?? batch.next);
    const watermark = folded.segments.at(-1)?.watermark ?? head.entry.watermark;
    const entry = log.next(head, {
      kind: 'DATA',
      first: head.entry.next,
      next,
      watermark,
      records: folded.records,
      payload,
      gap,
      passedOver: passOver(this.#job, head.entry.passedOver, folded, gap),
    });
    this.#heads.delete(p);
    // The commit point: behind it the batch is in the log, whoever asks.
    const appended = await log.append(head, entry);
    if (appended.kind !== 'appended') return appended.kind === 'unknown' ? { kind: 'again', cause: appended.cause } : AGAIN;
    this.#heads.set(p, appended.head);
    functions?.advance(entry, folded.segments);
    folded.commit();
    if (folded.bad !== null) throw await holdUp(this.#ports, place, folded.bad);
    await this.#letterNews.tell(p, lastLetter(this.#ports, place, folded.leftOut.at(-1), entry.passedOver.deadLetters));
    const passage = { from: head.entry.watermark, to: watermark, segments: folded.segments };
    return { kind: 'committed', first: head.entry.next, next, bytes: bytes.length, records: folded.records, passage };
  }

  #forget(p: PartitionId): Again {
    this.#heads.delete(p);
    return AGAIN;
  }

  /** Null where no function runs here; `behind`: the log has gone on. */
  async #functionsAt(p: PartitionId, head: PartitionEntry): Promise<PartitionFunctions | 'behind' | null> {
    return functionsOf(this.#job, p).length === 0 ? null : ((await this.#functions.at(p, head)) ?? 'behind');
  }

  /** Throws what a timer of a function fails on; what records fail on is part of the result. */
  async #fold(p: PartitionId, head: PartitionEntry, { batch, from, functions }: { batch: RecordBatch; from: number; functions: PartitionFunctions | null }): Promise<FoldedBatch> {
    const { runtime } = this.#ports;
    const source = this.#job.dataflow.sources[partsOf(p).source];
    assert(source, `the plan has no source for ${p}`);
    const fired = functions === null ? (this.#hint?.progress ?? null) : (await this.#hintWithin(FIRED_MAX_AGE_MS)).progress;
    const now = runtime.now();
    const frame = functions?.frame(fired, now) ?? null;
    return this.#functions.run({ job: this.#job, p, offset: head.next }, () =>
      foldRecords(this.#job, { source, place: topicOf(this.#job, p), batch, from, watermark: head.watermark, now, fired, nonce: () => runtime.randomHex(8), functions: frame }),
    );
  }

  #fresh(p: PartitionId): Head<PartitionEntry> | null {
    const head = this.#heads.get(p);
    return head !== undefined && ageMs(this.#ports, head.stamp) < this.#job.settings.headMaxAgeMs ? head : null;
  }

  /** Once a minute and when a sandbox takes a partition up: a new topic that has grown past the log's end gives no other sign (W6). */
  async #recheckTopicId(p: PartitionId): Promise<void> {
    const checked = this.#topicChecks.get(p);
    if (checked !== undefined && ageMs(this.#ports, checked) < this.#job.settings.headMaxAgeMs) return;
    await this.#checkTopicId(p);
    this.#topicChecks.set(p, stampNow(this.#ports));
  }

  /** W6: before "duplicate" is believed, the topic must be the one that was read. */
  async #checkTopicId(p: PartitionId): Promise<void> {
    await requireSameTopic(this.#ports.source, this.#job, topicOf(this.#job, p).topic);
  }

  /** T5: without checkpoints the log must not outgrow its lifetime. */
  async #checkCoverage(): Promise<void> {
    const { logTtlMs } = this.#job.settings;
    if (logTtlMs === Infinity) return;
    const { checkpointAt } = await this.#hintWithin(logTtlMs / 600);
    if (this.#ports.runtime.now() - checkpointAt > logTtlMs / 3) {
      this.#hint = null;
      throw new SluiceError('COVERAGE', { message: 'the newest checkpoint is too old', hint: 'is a firer running?' });
    }
  }

  async #hintWithin(ms: number): Promise<KnownProgress> {
    if (this.#hint === null || ageMs(this.#ports, this.#hint.stamp) > ms) this.#hint = await this.#readHint();
    return this.#hint;
  }

  async #readHint(): Promise<KnownProgress> {
    const stamp = stampNow(this.#ports);
    const progress = await readHint(this.#ports, this.#job);
    if (progress !== null && progress.checkpointAt > 0) return { checkpointAt: progress.checkpointAt, progress, stamp };
    // W11: while no checkpoint exists, time counts from the beginning of the generation.
    const init = await openCoordinatorLog(this.#ports, this.#job).get(seq(0));
    return { checkpointAt: init?.at ?? Number.NEGATIVE_INFINITY, progress, stamp };
  }
}
