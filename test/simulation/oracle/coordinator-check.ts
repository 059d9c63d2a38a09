/** The coordinator log of one generation, entry by entry as it grows, against the reference: what every FIRE must be, and what may follow it. */
import type { FireNumber, PartitionId, Uid } from '../../../lib/core/numbers.ts';
import { partsOf, uid } from '../../../lib/core/numbers.ts';
import { MAX_WATERMARK, MIN_WATERMARK } from '../../../lib/core/watermark.ts';
import type { CoordinatorEntry } from '../../../lib/engine/log/entries.ts';
import type { Position } from '../../../lib/engine/position.ts';
import type { Emission } from '../../../lib/ports/sink.ts';
import { operatorUid } from '../plan-parts.ts';
import { DEAD_LETTERS, type Shape } from '../shape.ts';
import type { TopicRecord, Topics } from '../topics.ts';
import { violate } from '../violation.ts';
import { checkBounds, type FireBounds } from './bounds.ts';
import { expectSame } from './expect.ts';
import type { PartitionCheck } from './partition-check.ts';
import type { RowOrigin } from './reference-letters.ts';
import { delayed, emptyState, ReferenceJob, restored, type LoggedEntry, type PartitionState, type ReferenceState } from './reference-job.ts';

type Fire = Extract<CoordinatorEntry, { kind: 'FIRE' }>;
type Init = Extract<CoordinatorEntry, { kind: 'INIT' }>;

/** What a generation was started from. */
export interface Origin {
  readonly state: ReferenceState;
  readonly position: Position;
  /** The generation in which the base was taken. */
  readonly from: CoordinatorCheck;
  /** Rows of the base's last FIRE that sinks lack (F14): the first FIRE must hold them. */
  readonly owed: ReadonlyMap<Uid, readonly string[]>;
  /** Such rows that came to the sink under a newer generation, which ran from an older base: they may come again. */
  readonly repeatable: ReadonlyMap<Uid, readonly string[]>;
  readonly allowOffsetGap: boolean;
  /** The TTL of state does not count the time since. */
  readonly pauseTtl: boolean;
  /** The last FIRE of the generation before it; otherwise what lies behind comes again. */
  readonly isLatest: boolean;
}

/** A FIRE with the rows that its sinks must get. */
export interface CheckedFire {
  readonly f: FireNumber;
  readonly rows: ReadonlyMap<Uid, readonly string[]>;
  /** It holds rows of an older FIRE (F14). */
  readonly isRepeat: boolean;
}

export interface CoordinatorContext {
  readonly name: string;
  readonly shape: Shape;
  readonly topics: Topics;
  readonly bounds: FireBounds;
  /** Clocks of two firers may differ by twice as much. */
  readonly skewMs: number;
  readonly partition: (p: PartitionId) => PartitionCheck | undefined;
  /** What took effect at the sinks under this generation. */
  readonly emissions: (sink: Uid) => readonly Emission[];
  /** Rows per sink as the FIRE stores them. */
  readonly storedRows: (fire: Fire) => Promise<ReadonlyMap<string, readonly string[]>>;
  readonly count: (what: string) => void;
}

export class CoordinatorCheck {
  readonly states = new Map<number, ReferenceState>();
  readonly positions = new Map<number, Position>();
  readonly fires: CheckedFire[] = [];
  readonly entries: CoordinatorEntry[] = [];
  readonly #context: CoordinatorContext;
  readonly #reference: ReferenceJob;
  readonly #origin: Origin | null;
  #state: ReferenceState;
  #position: Position | null = null;
  #acked = -1;
  /** `f` of the newest CHECKPOINT. */
  checkpointed = -1;
  /** `at` of the newest CHECKPOINT without pending sinks. */
  checkpointedAt = 0;

  constructor(context: CoordinatorContext, origin: Origin | null) {
    this.#context = context;
    this.#origin = origin;
    this.#reference = new ReferenceJob(context.shape, context.topics);
    this.#state = origin?.state ?? emptyState(context.shape, context.count);
  }

  /** Behind an outage of all firers nothing but the logs' lifetime is left of what no checkpoint covers. */
  get isCheckpointed(): boolean {
    return this.checkpointed === this.#position?.f;
  }

  get state(): ReferenceState {
    return this.#state;
  }

  get position(): Position | null {
    return this.#position;
  }

  /** The newest FIRE waits for a sink. */
  get isPending(): boolean {
    const last = this.fires.at(-1);
    return last !== undefined && last.rows.size > 0 && last.f > this.#acked;
  }

  /** Some generation on the way here went on from an older one than the last, or from another job. */
  get wentBack(): boolean {
    return this.#origin !== null && (!this.#origin.isLatest || this.#origin.from.wentBack);
  }

  get isClosed(): boolean {
    return this.entries.at(-1)?.kind === 'CLOSE';
  }

  /** Chunks in the store that checkpoints list which are retained at `now` (C5). */
  retainedChunks(now: number): { readonly key: string; readonly seq: number }[] {
    const pointers = this.entries.at(-1)?.checkpoints.filter((c) => now < c.safeUntil) ?? [];
    return pointers.flatMap(({ seq }) => {
      const entry = this.entries[seq];
      return entry?.kind === 'CHECKPOINT' ? entry.chunks.filter((c) => c.store === 'chunks').map(({ key }) => ({ key, seq })) : [];
    });
  }

  /** Rows for a sink from the beginning of the job to FIRE f, through all generations that lead to it. */
  emitted(sink: Uid, f: number): string[] {
    const before = this.#origin === null ? [] : this.#origin.from.emitted(sink, this.#origin.position.f);
    return [...before, ...this.fires.flatMap((fire) => (fire.f <= f && !fire.isRepeat ? (fire.rows.get(sink) ?? []) : []))];
  }

  isRegistered(p: PartitionId): boolean {
    return this.#state.partitions.has(p);
  }

  async take(entry: CoordinatorEntry): Promise<void> {
    const before = this.entries.at(-1);
    const at = `${this.#context.name} entry ${entry.seq} (${entry.kind})`;
    violate(entry.seq !== this.entries.length || entry.prev !== (before?.id ?? null), `I-LOG: ${at} does not follow ${before?.seq}`);
    violate((before === undefined) !== (entry.kind === 'INIT'), `I-LOG: ${at} in the wrong place`);
    violate(before?.kind === 'CLOSE', `I-GEN: ${at} lies behind CLOSE`);
    violate(before !== undefined && entry.ttl < before.ttl, `I-HEAD: ${at} expires before the entry in front of it (T1)`);
    this.entries.push(entry);
    await this.#apply(entry, at);
  }

  async #apply(entry: CoordinatorEntry, at: string): Promise<void> {
    switch (entry.kind) {
      case 'INIT':
        return this.#begin(entry, at);
      case 'REG':
        violate(this.isRegistered(entry.partition), `I-OFF: ${at} registers ${entry.partition} again`);
        return this.#register(entry.partition, { next: entry.cut.next, watermark: entry.cut.watermark });
      case 'FIRE':
        return this.#fire(entry, at);
      case 'ACK':
        violate(entry.f !== this.fires.at(-1)?.f, `I-EMIT: ${at} acknowledges ${entry.f}`);
        this.#acked = entry.f;
        return this.checkEmitted(at);
      case 'CHECKPOINT':
        violate(entry.position.f !== this.#position?.f, `I-DET: ${at} is of FIRE ${entry.position.f}`);
        violate(this.isPending && entry.pending.length === 0, `I-EMIT: ${at} while its FIRE waits for a sink (C1)`);
        this.#checkPaid(at);
        this.checkpointed = entry.position.f;
        if (entry.pending.length === 0) this.checkpointedAt = entry.at;
        return;
      case 'CLOSE':
        return this.#checkDrained(at);
      case 'RENEW':
    }
  }

  /** I-CONS: a job that was drained has emitted all that its logs hold, up to FROZEN (11.3). */
  #checkDrained(at: string): void {
    if (this.#position?.watermarks.includes(MAX_WATERMARK) !== true) return;
    for (const [p, cut] of Object.entries(this.#position.cut)) {
      const head = this.#context.partition(p as PartitionId)?.head;
      violate(head?.kind !== 'FROZEN' || head.seq !== cut.seq, `I-CONS: ${at}: drained up to ${p} entry ${cut.seq}, the log ends with ${head?.seq} (${head?.kind})`);
    }
  }

  #register(p: PartitionId, state: PartitionState): void {
    this.#state = { ...this.#state, partitions: new Map(this.#state.partitions).set(p, state) };
  }

  /** V7: how long state did not age, of a stop that began where processing time stood, or where the last such stop ended. */
  #pausedFor(begunAt: number, { procTime, ttlPausedTo }: Position, at: string): number {
    const origin = this.#origin;
    const before = origin?.position.ttlPausedTo;
    const isPaused = origin?.pauseTtl === true;
    const to = isPaused ? Math.max(begunAt, procTime) : before;
    violate(ttlPausedTo !== to, `I-DET: ${at}: times of state are moved up to ${ttlPausedTo}, not ${to}`);
    return isPaused && to !== undefined ? to - Math.max(procTime, before ?? 0) : 0;
  }

  /** 11.5 step 5, E7, L2: everything comes from the base; what the base does not know begins anew. */
  #begin({ at: begunAt, position }: Init, at: string): void {
    const pausedMs = this.#pausedFor(begunAt, position, at);
    const base = pausedMs > 0 ? delayed(this.#state, pausedMs) : this.#state;
    if (pausedMs > 0) this.#context.count('pausedTtl');
    const partitions = new Map<PartitionId, PartitionState>();
    for (const p of base.partitions.keys()) violate(position.cut[p] === undefined, `I-CUT: ${at} has lost partition ${p}`);
    for (const [id, cut] of Object.entries(position.cut)) {
      const p = id as PartitionId;
      const known = base.partitions.get(p);
      const start = known ?? { next: 0, watermark: MIN_WATERMARK };
      const isGap = this.#origin?.allowOffsetGap === true && cut.next > start.next;
      violate(cut.next !== start.next && !isGap, `I-CUT: ${at}: ${p} begins at ${cut.next}, not ${start.next}`);
      violate(cut.watermark !== start.watermark, `I-CUT: ${at}: ${p} begins with watermark ${cut.watermark}, not ${start.watermark}`);
      partitions.set(p, { next: cut.next, watermark: start.watermark });
    }
    const begun = { ...base, partitions, procTime: position.procTime };
    this.#state = this.#origin === null ? begun : restored(this.#context.shape, begun);
    this.#checkPosition(position, base, at);
    if (this.#origin !== null) violate(position.f !== this.#origin.position.f, `I-CUT: ${at} begins at FIRE ${position.f}`);
    this.#acked = position.f;
    this.#remember(position);
  }

  async #fire(fire: Fire, at: string): Promise<void> {
    const { position } = fire;
    const before = this.#state;
    const previous = this.#position;
    violate(position.f !== (previous?.f ?? 0) + 1, `I-LOG: ${at} is FIRE ${position.f} behind ${previous?.f}`);
    violate(this.isPending, `I-EMIT: ${at} before FIRE ${previous?.f} was acknowledged (F10)`);
    if (fire.result.repeats !== null) return this.#repeat(fire, at);
    this.#checkPaid(at);
    const next = this.#checkCut(position, at);
    const drains = position.watermarks.includes(MAX_WATERMARK);
    const step = this.#reference.step(before, { next, watermarks: position.watermarks, idle: new Set(position.idle), procTime: position.procTime, drains, entryEnd: (origin) => this.#entryEnd(origin), entries: (p) => this.#timedEntries(p, position) });
    for (const [s, limit] of step.limits.entries()) checkWatermark(position.watermarks[s] ?? NaN, { limit, was: before.watermarks[s] ?? NaN, drains: position.drained }, at);
    const isHeldBack = step.limits.some((limit, s) => (position.watermarks[s] ?? NaN) < limit);
    checkBounds({ before: previous, after: position, rows: [...step.rows.values()], isHeldBack }, this.#context.bounds, this.#context.shape, at);
    const stored = await this.#context.storedRows(fire);
    const rows = new Map<Uid, readonly string[]>();
    for (const [sink, expected] of step.rows) {
      expectSame(stored.get(sink) ?? [], expected, `I-RES: ${at}, FIRE ${position.f}, sink ${sink}`);
      if (expected.length > 0) rows.set(sink, expected);
    }
    expectSame(stored.get(DEAD_LETTERS) ?? [], step.deadLetters, `I-DLQ: ${at}, FIRE ${position.f}`);
    if (step.deadLetters.length > 0) rows.set(DEAD_LETTERS, step.deadLetters);
    this.#checkPosition(position, step.state, at);
    if (previous !== null) checkPrevious(fire, previous, at);
    this.#state = step.state;
    this.fires.push({ f: position.f, rows, isRepeat: false });
    this.#remember(position);
  }

  #timedEntries(p: PartitionId, { cut }: Position): readonly LoggedEntry[] {
    return this.#context.partition(p)?.timed(this.#position?.cut[p]?.seq ?? 0, cut[p]?.seq ?? 0) ?? [];
  }

  #entryEnd({ p, offset }: RowOrigin): number {
    return this.#context.partition(p)?.entries.find((entry) => entry.next > offset)?.next ?? NaN;
  }

  /** F14: the first FIRE of a generation may hold rows that sinks lacked in its base; nothing else happens in it. */
  async #repeat(fire: Fire, at: string): Promise<void> {
    const { position, result } = fire;
    violate(this.#origin === null || this.fires.length > 0, `I-EMIT: ${at} repeats FIRE ${result.repeats?.f} in the middle of a generation`);
    violate(result.repeats?.f !== undefined && result.repeats.f >= position.f, `I-EMIT: ${at} repeats FIRE ${result.repeats?.f}, which comes later`);
    expectSame(cutText(position), cutText(this.#position), `I-CUT: ${at} repeats rows on another cut`);
    this.#checkPosition(position, this.#state, at);
    const stored = await this.#context.storedRows(fire);
    this.#state = { ...this.#state, procTime: position.procTime };
    violate(stored.size === 0, `I-EMIT: ${at} repeats no row`);
    for (const [sink, rows] of stored) {
      const known = this.#origin?.owed.get(uid(sink)) ?? this.#origin?.repeatable.get(uid(sink)) ?? [];
      expectSame(rows, known, `I-EMIT: ${at} repeats rows at ${sink}`);
    }
    for (const sink of this.#origin?.owed.keys() ?? []) violate(!stored.has(sink), `I-EMIT: ${at} leaves out the rows that the base owes to ${sink}`);
    this.fires.push({ f: position.f, rows: new Map([...stored].map(([sink, rows]) => [uid(sink), rows])), isRepeat: true });
    this.#remember(position);
  }

  /** F14: rows that the base's last FIRE owes to a sink come first. */
  #checkPaid(at: string): void {
    const owed = this.#origin?.owed.size ?? 0;
    violate(owed > 0 && this.fires.length === 0, `I-EMIT: ${at} goes on without the rows that the base owes to ${owed} sinks (F14)`);
  }

  #remember(position: Position): void {
    this.#position = position;
    this.states.set(position.f, this.#state);
    this.positions.set(position.f, position);
  }

  /** F3, I-GHOST: a cut names entries that the logs hold. */
  #checkCut(position: Position, at: string): Map<PartitionId, number> {
    const next = new Map<PartitionId, number>();
    for (const p of this.#state.partitions.keys()) violate(position.cut[p] === undefined, `I-OFF: ${at} leaves out ${p}`);
    for (const [id, cut] of Object.entries(position.cut)) {
      const p = id as PartitionId;
      const entry = this.#context.partition(p)?.entries[cut.seq];
      violate(!this.isRegistered(p), `I-OFF: ${at} cuts ${p}, which is not registered`);
      violate(entry?.id !== cut.id || entry.next !== cut.next, `I-GHOST: ${at} cuts ${p} at ${cut.seq} (${cut.id}), which is not in the log`);
      next.set(p, cut.next);
    }
    this.#checkIdle(position, at);
    return next;
  }

  /** I-IDLE: by the log, an idle partition brought nothing for its timeout, and its topic holds nothing more. */
  #checkIdle(position: Position, at: string): void {
    for (const p of position.idle) {
      const { source, topic, partition } = partsOf(p);
      const timeout = this.#context.shape.sources[source]?.idleTimeoutMs ?? 0;
      const cut = position.cut[p];
      violate(timeout <= 0, `I-IDLE: ${at}: ${p} has no idle timeout`);
      violate(cut?.next !== this.#state.partitions.get(p)?.next, `I-IDLE: ${at}: ${p} is idle and brings records`);
      violate(position.procTime - (cut?.dataAt ?? 0) <= timeout, `I-IDLE: ${at}: ${p} is idle after ${position.procTime - (cut?.dataAt ?? 0)} ms`);
      const name = this.#context.shape.sources[source]?.topics[topic] ?? '';
      const waiting = waitingAt(this.#context.topics.records(name, partition), cut?.next ?? 0, position.procTime - 2 * this.#context.skewMs);
      violate(waiting, `I-IDLE: ${at}: ${p} is idle while its topic holds more`);
    }
  }

  /** Late counts and the watermarks of operators with several sources. */
  #checkPosition(position: Position, state: ReferenceState, at: string): void {
    for (const [i, { sources }] of this.#context.shape.operators.entries()) {
      const late = position.late[operatorUid(i)] ?? 0;
      violate(late !== state.operators[i]?.late, `I-LATE: ${at}: ${late} late rows, not ${state.operators[i]?.late}`);
      const failed = position.failed[operatorUid(i)] ?? 0;
      const before = this.#origin?.state.operators[i]?.failed ?? 0;
      const expected = (state.operators[i]?.failed ?? 0) - before;
      violate(failed !== expected, `I-DLQ: ${at}: ${failed} calls of operator ${i} failed, not ${expected}`);
      const own = sources.length > 1 ? (position.operatorWatermarks[operatorUid(i)] ?? MIN_WATERMARK) : state.operatorWatermarks[i];
      violate(own !== state.operatorWatermarks[i], `I-WM: ${at}: operator ${i} is at ${own}, not ${state.operatorWatermarks[i]}`);
    }
    for (const [s, watermark] of state.watermarks.entries()) {
      violate(position.watermarks[s] !== watermark, `I-WM: ${at}: source ${s} is at ${position.watermarks[s]}, not ${watermark}`);
    }
  }

  /** I-EMIT: the rows of the newest FIRE are at every sink, once. */
  checkEmitted(at: string): void {
    const last = this.fires.at(-1);
    for (const [sink, rows] of last?.rows ?? []) {
      const found = this.#context.emissions(sink).filter((e) => e.f === last?.f);
      violate(found.length !== 1, `I-EMIT: ${at}: FIRE ${last?.f} is at ${sink} ${found.length} times`);
      expectSame(found.flatMap((e) => e.rows.map((row) => row.map(String).join('|'))).sort(), rows, `I-EMIT: ${at}: FIRE ${last?.f} at ${sink}`);
    }
  }
}

function checkWatermark(watermark: number, { limit, was, drains }: { limit: number; was: number; drains: boolean }, at: string): void {
  violate(watermark < was, `I-WM: ${at}: the watermark goes back from ${was} to ${watermark}`);
  violate(!drains && watermark > limit, `I-WM: ${at}: watermark ${watermark} is above ${limit} (F5)`);
}

const cutText = (position: Position | null): string[] => Object.entries(position?.cut ?? {}).map(([p, cut]) => `${p} ${cut.seq} ${cut.id}`).sort();

/** `pf`: the FIRE before this one that had rows for a sink. */
function checkPrevious(fire: Fire, previous: Position, at: string): void {
  for (const [sink, f] of Object.entries(previous.lastEmitted)) {
    violate(fire.result.previous[sink] !== f, `I-EMIT: ${at} names ${fire.result.previous[sink]} as the FIRE before it at ${sink}, not ${f}`);
  }
}

/** A record behind `next` that was there at `time`. */
const waitingAt = (records: readonly TopicRecord[], next: number, time: number): boolean =>
  records.some((r) => r.offset >= next && r.at < time);
