/** The firer's decision: where the next FIRE stands, what it emits, and whether there is a reason for one. Pure (protocol F5-F8, F13). */
import { eventTime, fireNumber, partsOf, wallTime, type EventTime, type PartitionId, type WallTime } from '../../core/numbers.ts';
import { isIdle, maxTime, MAX_WATERMARK, MIN_WATERMARK, type SourceWatermark } from '../../core/watermark.ts';
import type { Watchdog } from '../../core/process/watchdog.ts';
import { mapValues, type PartitionCut, type Position } from '../position.ts';
import type { Settings } from '../settings.ts';
import { Step, takeEntries, type Evaluation, type States } from './evaluate.ts';
import type { StepJob } from './failures.ts';
import { progressAt, sourceWatermarks, type Progress } from './progress.ts';
import type { Reach } from './stage.ts';
import type { Tail, TailEntry } from './tail.ts';

/** What a workflow asks of a step (11.2, 11.3). */
export interface BarrierRequest {
  readonly trigger: string;
  /** The barrier stands only where every partition log is frozen and read to its end. */
  readonly frozen: boolean;
  /** The watermark of the barrier is MAX: all windows fire. */
  readonly drain: boolean;
}

export interface StepFacts {
  readonly job: StepJob;
  readonly settings: Settings;
  readonly position: Position;
  readonly states: States;
  readonly tail: Tail;
  readonly now: WallTime;
  /** Partitions with records behind their log; asked only where an idle timeout is set. */
  readonly lagging: ReadonlySet<PartitionId>;
  readonly request: BarrierRequest | null;
  readonly watchdog: Watchdog | null;
}

/** A FIRE that may be appended: its position, what it takes in and what comes of it. */
export interface Candidate {
  readonly position: Position;
  readonly entries: readonly TailEntry[];
  readonly result: Evaluation;
  readonly barrier: string | null;
}

/** The next FIRE; null: there is no row to emit and nothing forces one. */
export function decideFire(facts: StepFacts): Candidate | null {
  const entries = facts.tail.ordered();
  const candidate = candidateOver(facts, entries);
  const emits = Object.keys(candidate.result.rows).length > 0;
  // What is left of the entries waits for this FIRE, whatever became of the rows.
  const leaves = candidate.entries.length < entries.length;
  return emits || leaves || isForced(facts, candidate) ? candidate : null;
}

/**
 * How often a step is computed anew, with less of the time; then it takes what there is. Timers that register others need it once per stage and time. Records
 * that register timers of a time before their own would need it for every millisecond back to the last FIRE.
 */
const STOPS_MAX = 16;

/** Neither time goes further than this. */
interface Limit extends Reach {
  /** So often has it turned out that it would be too much. */
  readonly stops: number;
}

function candidateOver(facts: StepFacts, entries: readonly TailEntry[], upTo: Limit = { eventTime: MAX_WATERMARK, procTime: facts.now, stops: 0 }): Candidate {
  const { settings, position, states, job } = facts;
  const { dataflow } = job;
  const target = targetOver(facts, entries, upTo.procTime);
  const step = new Step(job, states, position, target.procTime, facts.watchdog);
  const taken = takeEntries(step, entries, position, target.idle, settings.fireMaxRows);
  if (taken.length < entries.length) return candidateOver(facts, taken, upTo);
  const full = progressAt(dataflow, position, target.sources, target.procTime);
  const rowsMax = upTo.stops < STOPS_MAX ? settings.fireMaxRows : Infinity;
  const after = boundRows(facts, step, target.sources, full, { rowsMax, upTo: upTo.eventTime });
  // Functions, and dead letters, have seen the processing time that the step would have come to, and have to see the one that will be logged (F7).
  const seesTime = dataflow.functions.length > 0 || job.policies.recordError === 'dlq';
  if (after.procTime < target.procTime && seesTime) return candidateOver(facts, entries, { ...upTo, procTime: after.procTime, stops: upTo.stops + 1 });
  const reach = step.fire(after, rowsMax);
  if (reach !== null) return candidateOver(facts, entries, { ...upTo, ...reach, stops: upTo.stops + 1 });
  const result = step.result();
  const drained = position.drained || target.drains;
  const next = { ...position, ...after, f: fireNumber(position.f + 1), idle: target.idle, cut: target.cut, drained };
  const isAtBarrier = target.atBarrier && after === full;
  return { position: settle(next, result), entries, result, barrier: isAtBarrier ? (facts.request?.trigger ?? null) : null };
}

/** Where a FIRE over `entries` would stand if nothing bounded its rows. */
interface Target {
  readonly cut: Position['cut'];
  readonly idle: readonly PartitionId[];
  readonly procTime: WallTime;
  readonly sources: readonly SourceWatermark[];
  readonly atBarrier: boolean;
  readonly drains: boolean;
}

function targetOver(facts: StepFacts, entries: readonly TailEntry[], upTo: number): Target {
  const { position, request } = facts;
  const { dataflow } = facts.job;
  const procTime = wallTime(Math.max(position.procTime, upTo));
  const ofPartition = Map.groupBy(entries, (entry) => entry.partition);
  const cut = mapValues(position.cut, (at, p) => advanceCut(at, ofPartition.get(p as PartitionId) ?? [], procTime));
  const idle = (Object.keys(position.cut) as PartitionId[]).filter((p) => partitionIsIdle(facts, p)).sort();
  const at = new Map(Object.entries(cut).map(([p, c]) => [p as PartitionId, c.watermark]));
  const sources = sourceWatermarks(dataflow, position, at, new Set(idle));
  const atBarrier = request !== null && barrierReached(facts, cut);
  const drains = atBarrier && request.drain;
  return { cut, idle, procTime, atBarrier, drains, sources: drains ? sources.map(atEnd) : sources };
}

/** Completes the position with what the step counted and emitted. */
function settle(position: Position, result: Evaluation): Position {
  const late = sum(position.late, result.late);
  const failed = sum(position.failed, result.failed);
  const lastEmitted = { ...position.lastEmitted };
  for (const sink of Object.keys(result.rows)) lastEmitted[sink] = position.f;
  return { ...position, late, failed, lastEmitted };
}

function sum(counts: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>): Record<string, number> {
  const total = { ...counts };
  for (const [uid, n] of Object.entries(more)) total[uid] = (total[uid] ?? 0) + n;
  return total;
}

/** F8, F13 and 11.2: reasons for a FIRE although no row is to be emitted. */
function isForced(facts: StepFacts, candidate: Candidate): boolean {
  if (candidate.barrier !== null || facts.request?.frozen === true) return true;
  // What a function has seen of the time, and a timer that has fired, hold once they are logged.
  if (candidate.result.hasRun) return true;
  if (candidate.entries.length === 0) return false;
  // The first FIRE waits for nothing: writers learn from it how far the job is.
  if (facts.position.f === 0) return true;
  return facts.tail.isFull || facts.now - facts.position.procTime >= cutAfterMs(facts);
}

/**
 * F8; with an idle timeout no later than that: a partition counts as active until a FIRE has covered its entries, and would otherwise
 * become idle only a checkpoint interval late.
 */
function cutAfterMs({ job, settings }: StepFacts): number {
  const timeouts = job.dataflow.sources.map((s) => s.node.idleTimeoutMs).filter((ms) => ms > 0);
  return Math.min(settings.checkpointIntervalMs, ...timeouts);
}

function advanceCut(at: PartitionCut, entries: readonly TailEntry[], procTime: WallTime): PartitionCut {
  const last = entries.at(-1);
  if (last === undefined) return at;
  const hasData = entries.some((e) => e.kind === 'DATA');
  const functionTime = entries.flatMap(({ segments }) => segments).findLast((segment) => segment.functionTime !== undefined)?.functionTime ?? at.functionTime;
  return { seq: last.seq, id: last.id, next: last.next, watermark: last.watermark, dataAt: hasData ? procTime : at.dataAt, ...(functionTime && { functionTime }) };
}

/** F6: a partition with new entries, or not read to its head, is not idle; KEEP does not end idleness. */
function partitionIsIdle(facts: StepFacts, p: PartitionId): boolean {
  const timeout = facts.job.dataflow.sources[partsOf(p).source]?.node.idleTimeoutMs ?? 0;
  const hasNews = facts.tail.of(p).some((e) => e.kind === 'DATA') || !facts.tail.readToHead(p);
  const lastDataAt = facts.position.cut[p]?.dataAt ?? facts.now;
  return isIdle({ hasNews, lastDataAt, lagging: facts.lagging.has(p) }, timeout, facts.now);
}

const atEnd = (): SourceWatermark => ({ watermark: MAX_WATERMARK, idle: false });

/** Every log is read to its FROZEN entry, and the cut takes it in. */
function barrierReached(facts: StepFacts, cut: Position['cut']): boolean {
  if (facts.request?.frozen !== true) return true;
  // A cut that was taken before this step and ends in FROZEN leaves nothing in the tail: the caller has checked the heads.
  return (Object.keys(cut) as PartitionId[]).every((p) => {
    const last = facts.tail.last(p);
    return facts.tail.readToHead(p) && (last === null || (last.kind === 'FROZEN' && last.seq === cut[p]?.seq));
  });
}

interface RowBound {
  readonly rowsMax: number;
  readonly upTo: EventTime;
}

/**
 * F13: whole window ends in order until `rowsMax`; where more is due, the watermark stays at the last window that fits, which is
 * a legal run of Flink with a smaller watermark, and never behind `upTo`. Returns `full` itself where everything fits.
 */
function boundRows({ job, position }: StepFacts, step: Step, targets: readonly SourceWatermark[], full: Progress, { rowsMax, upTo }: RowBound): Progress {
  const reach = step.reachWithin(rowsMax, full);
  const end = eventTime(Math.min(reach.eventTime, upTo));
  if (end === MAX_WATERMARK && reach.procTime === full.procTime) return full;
  const fired = step.progress.watermarks;
  const sources = targets.map((s, i) => ({ ...s, watermark: boundedBy(s.watermark, end, fired[i] ?? MIN_WATERMARK) }));
  // A timer may be older than the last FIRE.
  return progressAt(job.dataflow, position, sources, wallTime(Math.max(position.procTime, reach.procTime)), end);
}

const boundedBy = (watermark: EventTime, reach: EventTime, fired: EventTime): EventTime =>
  maxTime(fired, eventTime(Math.min(watermark, reach)));
