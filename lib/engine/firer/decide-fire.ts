/** The firer's decision: where the next FIRE would stand, and whether there is a reason for one. Pure (protocol F5-F8, F13). */
import type { Dataflow } from '../../core/dataflow.ts';
import { eventTime, fireNumber, partsOf, wallTime, type EventTime, type PartitionId, type WallTime } from '../../core/numbers.ts';
import { isIdle, maxTime, MAX_WATERMARK, MIN_WATERMARK, operatorWatermark, sourceWatermark, type PartitionProgress, type SourceWatermark } from '../../core/watermark.ts';
import { fireTimeOf } from '../../core/window.ts';
import { mapValues, type PartitionCut, type Position } from '../position.ts';
import type { Settings } from '../settings.ts';
import { dueSlices, splitLate, watermarkOf, type States, type Evaluation } from './evaluate.ts';
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
  readonly dataflow: Dataflow;
  readonly settings: Settings;
  readonly position: Position;
  readonly states: States;
  readonly tail: Tail;
  readonly now: WallTime;
  /** Partitions with records behind their log; asked only where an idle timeout is set. */
  readonly lagging: ReadonlySet<PartitionId>;
  readonly request: BarrierRequest | null;
}

export interface Candidate {
  readonly position: Position;
  readonly entries: readonly TailEntry[];
  readonly barrier: string | null;
}

/** The position that a FIRE of everything in the tail would have. `late` and `lastEmitted` follow from its result. */
export function nextPosition(facts: StepFacts): Candidate {
  const { position, tail } = facts;
  const entries = tail.ordered();
  const procTime = wallTime(Math.max(position.procTime, facts.now));
  const idle = (Object.keys(position.cut) as PartitionId[]).filter((p) => partitionIsIdle(facts, p)).sort();
  const cut = mapValues(position.cut, (at, p) => advanceCut(at, tail.of(p as PartitionId), procTime));
  const atBarrier = facts.request !== null && barrierReached(facts, cut);
  const sources = facts.dataflow.sources.map((s) => watermarkOfSource(facts, s.index, cut, idle));
  const targets = atBarrier && facts.request?.drain === true ? sources.map(drained) : sources;
  const bounded = boundRows(facts, entries, targets);
  const complete = bounded === targets;
  return {
    position: {
      ...position,
      f: fireNumber(position.f + 1),
      watermarks: bounded.map((s) => s.watermark),
      operatorWatermarks: operatorWatermarks(facts, bounded),
      procTime,
      idle,
      cut,
    },
    entries,
    barrier: atBarrier && complete ? (facts.request?.trigger ?? null) : null,
  };
}

/** Completes the position with what the step counted and emitted. */
export function settle(position: Position, result: Evaluation): Position {
  const late = { ...position.late };
  for (const [operator, n] of Object.entries(result.late)) late[operator] = (late[operator] ?? 0) + n;
  const lastEmitted = { ...position.lastEmitted };
  for (const sink of Object.keys(result.rows)) lastEmitted[sink] = position.f;
  return { ...position, late, lastEmitted };
}

/** F8, F13 and 11.2: reasons for a FIRE although no row is to be emitted. */
export function isForced(facts: StepFacts, candidate: Candidate): boolean {
  if (candidate.barrier !== null || facts.request?.frozen === true) return true;
  if (candidate.entries.length === 0) return false;
  return facts.tail.isFull || facts.now - facts.position.procTime >= cutAfterMs(facts);
}

/**
 * F8; with an idle timeout no later than that: a partition counts as active until a FIRE has covered its entries, and would otherwise
 * become idle only a checkpoint interval late.
 */
function cutAfterMs({ dataflow, settings }: StepFacts): number {
  const timeouts = dataflow.sources.map((s) => s.node.idleTimeoutMs).filter((ms) => ms > 0);
  return Math.min(settings.checkpointIntervalMs, ...timeouts);
}

function advanceCut(at: PartitionCut, entries: readonly TailEntry[], procTime: WallTime): PartitionCut {
  const last = entries.at(-1);
  if (last === undefined) return at;
  const hasData = entries.some((e) => e.kind === 'DATA');
  return { seq: last.seq, id: last.id, next: last.next, watermark: last.watermark, dataAt: hasData ? procTime : at.dataAt };
}

/** F6: a partition with new entries, or not read to its head, is not idle; KEEP does not end idleness. */
function partitionIsIdle(facts: StepFacts, p: PartitionId): boolean {
  const timeout = facts.dataflow.sources[partsOf(p).source]?.node.idleTimeoutMs ?? 0;
  const hasNews = facts.tail.of(p).some((e) => e.kind === 'DATA') || !facts.tail.readToHead(p);
  const lastDataAt = facts.position.cut[p]?.dataAt ?? facts.now;
  return isIdle({ hasNews, lastDataAt, lagging: facts.lagging.has(p) }, timeout, facts.now);
}

function watermarkOfSource(facts: StepFacts, source: number, cut: Position['cut'], idle: readonly PartitionId[]): SourceWatermark {
  const partitions = Object.entries(cut)
    .map(([p, c]): PartitionProgress => {
      const id = p as PartitionId;
      return { partition: id, source: partsOf(id).source, watermark: c.watermark, idle: idle.includes(id) };
    })
    .filter((p) => p.source === source);
  return sourceWatermark(facts.position.watermarks[source] ?? MIN_WATERMARK, partitions);
}

const drained = (): SourceWatermark => ({ watermark: MAX_WATERMARK, idle: false });

function operatorWatermarks(facts: StepFacts, sources: readonly SourceWatermark[]): Record<string, EventTime> {
  const joint = facts.dataflow.operators.filter((o) => o.sources.length > 1);
  return Object.fromEntries(
    joint.map((o) => {
      const above = o.sources.flatMap((s) => sources[s] ?? []);
      return [o.uid, operatorWatermark(watermarkOf(o, facts.position), above)];
    }),
  );
}

function barrierReached(facts: StepFacts, cut: Position['cut']): boolean {
  const partitions = Object.keys(cut) as PartitionId[];
  if (facts.request?.frozen !== true) return true;
  // A cut that was taken before this step and ends in FROZEN leaves nothing in the tail: the caller has checked the heads.
  return partitions.every((p) => facts.tail.readToHead(p) && (facts.tail.last(p)?.kind ?? 'FROZEN') === 'FROZEN');
}

/**
 * F13: whole window ends in order until `fireMaxRows`; where more is due, the watermark stays at the last window that fits, which is
 * a legal run of Flink with a smaller watermark. Returns `targets` itself where everything fits.
 */
function boundRows(facts: StepFacts, entries: readonly TailEntry[], targets: readonly SourceWatermark[]): readonly SourceWatermark[] {
  let limit: number = MAX_WATERMARK;
  for (const operator of facts.dataflow.operators) {
    const { live } = splitLate(operator, entries, watermarkOf(operator, facts.position));
    const state = facts.states.get(operator.uid);
    const reach = Math.max(...operator.sources.map((s) => targets[s]?.watermark ?? MIN_WATERMARK));
    let rows = 0;
    for (const end of dueSlices(state, live, eventTime(reach))) {
      if (rows >= facts.settings.fireMaxRows) break;
      rows += (state?.slice(end)?.panes.size ?? 0) + live.filter((c) => c.end === end).reduce((n, c) => n + c.keys.length, 0);
      if (rows >= facts.settings.fireMaxRows) limit = Math.min(limit, fireTimeOf(eventTime(end)));
    }
  }
  if (targets.every((s) => s.watermark <= limit)) return targets;
  return targets.map((s, i) => {
    const previous = facts.position.watermarks[i] ?? MIN_WATERMARK;
    return { ...s, watermark: maxTime(previous, eventTime(Math.min(s.watermark, limit))) };
  });
}
