/**
 * When a commit makes a window due, or holds rows that wait for no window, so that the firer is worth waking (protocol §10 a). It is only
 * a hint: the tick finds whatever is not seen here. The decision is pure; a `DueWatch` remembers the facts of one sandbox.
 */
import type { Dataflow, OperatorFlow, StageFlow } from '../../core/dataflow.ts';
import { isError } from '../../core/errors.ts';
import { eventTime, partsOf, type EventTime, type PartitionId, type Uid } from '../../core/numbers.ts';
import { changesTimers } from '../../core/process/changes.ts';
import { fireTimeOf, nextSliceFire, nextWindowEnd } from '../../core/window/slices.ts';
import type { Ports } from '../../ports/ports.ts';
import { isPromised, readHint } from '../hint.ts';
import type { Job } from '../job.ts';
import { ageMs, stampNow, type Stamp } from '../log/stamp.ts';
import type { Segment } from './segment.ts';

/** An entry has moved the watermark of its partition. */
export interface Passage {
  readonly from: EventTime;
  readonly to: EventTime;
  readonly segments: readonly Segment[];
}

/** `nextDue` of a hint, or that there is none. */
export type KnownDue = { readonly kind: 'none' } | { readonly kind: 'hint'; readonly nextDue: EventTime | null };

export interface DueFacts {
  readonly from: EventTime;
  readonly to: EventTime;
  /** The watermark has passed the end of a slice, or may have ended a session or reached a timer: nothing is due otherwise. */
  readonly passed: boolean;
  /** Earliest fire time behind `from` in this sandbox's own entries; null without. */
  readonly own: EventTime | null;
  readonly known: KnownDue;
}

/**
 * `stale`: what the hint promised lies behind the partition already, or nothing was promised; a fresh one may know better. A fire time
 * that the partition had reached before waits for other partitions, and they will tell.
 */
export function decideDue({ from, to, passed, own, known }: DueFacts): 'due' | 'not-due' | 'stale' {
  const reached = (time: EventTime | null): boolean => time !== null && time > from && time <= to;
  if (reached(own)) return 'due';
  if (!passed) return 'not-due';
  if (known.kind === 'none' || reached(known.nextDue)) return 'due';
  return known.nextDue === null || known.nextDue <= from ? 'stale' : 'not-due';
}

/** True if a window may have ended on the way, or a timer lies there: without one no request is worth its cost. */
function passesWindowEnd(stages: readonly StageFlow[], from: EventTime, to: EventTime): boolean {
  return to > from && stages.some((flow) => flow.kind === 'function' || endsWithin(flow, from, to));
}

const endsWithin = ({ node: { window } }: OperatorFlow, from: EventTime, to: EventTime): boolean =>
  window.kind === 'session' || (window.kind !== 'unbounded' && nextSliceFire(window, from) <= to);

/** The earliest fire time above `watermark` of the windows that the segments have rows for; null if there is none. */
function earliestFireTime(stages: readonly StageFlow[], segments: readonly Segment[], watermark: EventTime): EventTime | null {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { kind, uid, node } of stages) {
    if (kind === 'function' || node.window.kind === 'unbounded') continue;
    for (const columns of segments.flatMap((segment) => segment.sections[uid] ?? [])) {
      if (node.window.kind !== 'session') {
        const end = nextWindowEnd(node.window, columns.end, watermark);
        if (end !== null) earliest = Math.min(earliest, fireTimeOf(node.window, end));
        continue;
      }
      for (const [, end] of columns.spans ?? []) {
        const at = fireTimeOf(node.window, eventTime(end));
        if (at > watermark) earliest = Math.min(earliest, at);
      }
    }
  }
  return earliest === Number.POSITIVE_INFINITY ? null : eventTime(earliest);
}

/**
 * Whether something of the segments leaves with the next FIRE, though no window ends: rows, and what changes a result that is shown at once. Rows that are
 * put in order count as such: nearly every batch hands some on. So do those of functions: only they know; of one that has run here, timers alone are left.
 */
function emitsAtOnce(stages: readonly StageFlow[], segments: readonly Segment[]): boolean {
  const eager = stages.filter((flow) => flow.kind === 'function' || isEager(flow));
  return segments.some(
    ({ rows, sections, changes = {} }) =>
      Object.values(rows).some((list) => list.length > 0) || eager.some(({ uid }) => (sections[uid] ?? []).length > 0 || (changes[uid] ?? []).some(changesTimers)),
  );
}

const isEager = ({ node }: OperatorFlow): boolean => node.window.kind === 'unbounded' || node.earlyFire === true || node.inOrder === true;

/** The last instant of rows in the segments that wait to be put in order; null without any. */
function lastInstant(operators: readonly OperatorFlow[], segments: readonly Segment[]): EventTime | null {
  const ends = operators.filter(({ node }) => node.inOrder === true).flatMap(({ uid }) => segments.flatMap(({ sections }) => (sections[uid] ?? []).map(({ end }) => end)));
  return ends.length === 0 ? null : eventTime(ends.reduce((a, b) => Math.max(a, b)) - 1);
}

/** Windows of event time, and functions, that rows of this source get into. */
const stagesBelow = (dataflow: Dataflow, source: number): StageFlow[] => dataflow.stages.filter((flow) => isPromised(flow) && flow.sources.includes(source));

/** A hint that is behind is read again this often at most, by a sandbox. */
const READ_AGAIN_MS = 1000;
/**
 * For rows that wait for no window a sandbox wakes a firer this often at most: each one costs a FIRE, and a file or a commit of the sink. What comes in
 * between is owed with the next batch of the sandbox; the last rows of a burst have none, and wait for the tick, up to a minute.
 */
const WAKE_AGAIN_MS = 1000;
const NOTHING_PROMISED: KnownDue = { kind: 'hint', nextDue: null };

export class DueWatch {
  readonly #ports: Pick<Ports, 'log' | 'control' | 'runtime'>;
  readonly #job: Job;
  readonly #own = new Map<PartitionId, EventTime>();
  /** When this sandbox has last woken a firer. */
  #wokeAt: Stamp | null = null;
  /** Rows have come that wait for no window, since then. */
  #owesRows = false;
  /** The last instant of rows that the watermark of their partition had not reached: a batch without rows may hand them on. */
  readonly #unordered = new Map<PartitionId, EventTime>();
  /** Each LIMIT that takes no rows any more. */
  #full: ReadonlySet<Uid> = new Set();
  #hint: { readonly known: KnownDue; readonly stamp: Stamp } | null = null;

  constructor(ports: Pick<Ports, 'log' | 'control' | 'runtime'>, job: Job) {
    this.#ports = ports;
    this.#job = job;
  }

  /**
   * True if a firer that runs now probably has something to fire; the caller wakes one. Reads the hint where nothing else tells; a store that
   * fails says no.
   */
  async isDue(p: PartitionId, passage: Passage): Promise<boolean> {
    if (this.#handsOn(p, passage) || (await this.#emits(passage.segments))) this.#owesRows = true;
    const isWindowDue = await this.#passesWindow(p, passage);
    if (!isWindowDue && (!this.#owesRows || this.#hasJustWoken())) return false;
    this.#wokeAt = stampNow(this.#ports);
    this.#owesRows = false;
    return true;
  }

  /** The firer that was woken takes along what is there when it reads. */
  #hasJustWoken(): boolean {
    return this.#wokeAt !== null && ageMs(this.#ports, this.#wokeAt) < WAKE_AGAIN_MS;
  }

  /** `emitsAtOnce`, without those that a LIMIT no longer takes. Where nothing but a LIMIT would emit, the hint is asked until that is full. */
  async #emits(segments: readonly Segment[]): Promise<boolean> {
    const { stages } = this.#job.dataflow;
    if (emitsAtOnce(stages.filter(({ kind, node }) => kind === 'function' || node.limit === undefined), segments)) return true;
    const emitsStill = (): boolean => emitsAtOnce(stages.filter(({ uid }) => !this.#full.has(uid)), segments);
    if (emitsStill()) await this.#readAgain();
    return emitsStill();
  }

  /** Whether the watermark moves on while own rows of earlier batches wait to be put in order. */
  #handsOn(p: PartitionId, { from, to, segments }: Passage): boolean {
    const before = this.#unordered.get(p) ?? null;
    const last = later(before, lastInstant(this.#job.dataflow.operators, segments));
    if (last !== null && last > to) this.#unordered.set(p, last);
    else this.#unordered.delete(p);
    return before !== null && to > from;
  }

  async #passesWindow(p: PartitionId, { from, to, segments }: Passage): Promise<boolean> {
    const stages = stagesBelow(this.#job.dataflow, partsOf(p).source);
    const own = this.#takeOwn(p, stages, { from, to, segments });
    const facts = { from, to, own, passed: passesWindowEnd(stages, from, to) };
    // That there was no hint is true for a moment only.
    const decision = decideDue({ ...facts, known: this.#hint?.known.kind === 'hint' ? this.#hint.known : NOTHING_PROMISED });
    if (decision !== 'stale') return decision === 'due';
    const known = await this.#readAgain();
    return known !== null && decideDue({ ...facts, known }) === 'due';
  }

  /** The earliest own fire time behind `from`; remembers the one behind `to`. What lies later the hint covers, once this one has fired. */
  #takeOwn(p: PartitionId, stages: readonly StageFlow[], { from, to, segments }: Passage): EventTime | null {
    const before = this.#own.get(p) ?? null;
    const own = earlier(before !== null && before > from ? before : null, earliestFireTime(stages, segments, from));
    const next = own !== null && own > to ? own : earliestFireTime(stages, segments, to);
    if (next === null) this.#own.delete(p);
    else this.#own.set(p, next);
    return own;
  }

  /** Null where it was read a moment ago, or cannot be read. */
  async #readAgain(): Promise<KnownDue | null> {
    if (this.#hint !== null && ageMs(this.#ports, this.#hint.stamp) < READ_AGAIN_MS) return null;
    const stamp = stampNow(this.#ports);
    try {
      const hint = await readHint(this.#ports, this.#job);
      const known: KnownDue = hint === null ? { kind: 'none' } : { kind: 'hint', nextDue: hint.nextDue };
      this.#hint = { known, stamp };
      // An old hint may not know of those yet.
      this.#full = new Set([...this.#full, ...(hint?.full ?? [])]);
      return known;
    } catch (error) {
      if (!isError(error)) throw error;
      return null;
    }
  }
}

const earlier = (a: EventTime | null, b: EventTime | null): EventTime | null => (a === null || (b !== null && b < a) ? b : a);
const later = (a: EventTime | null, b: EventTime | null): EventTime | null => (a === null || (b !== null && b > a) ? b : a);
