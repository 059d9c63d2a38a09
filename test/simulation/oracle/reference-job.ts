/**
 * The reference job: told only what each FIRE decided (cut, watermarks, idle partitions), it says from the records themselves what the
 * rows, the late counts and the highest allowed watermark must be.
 */
import { partsOf, type PartitionId, type Uid } from '../../../lib/core/numbers.ts';
import { MAX_WATERMARK, MIN_WATERMARK } from '../../../lib/core/watermark.ts';
import { FUNCTIONS } from '../functions.ts';
import type { SourcePartition } from '../../../lib/core/process/partition-function.ts';
import { operatorUid, sideUid, sinkUid, sourceUid } from '../plan-parts.ts';
import { isOverPartitions } from '../program.ts';
import { FILTERED_KEY, WATERMARK_DELAY_MS, type OperatorShape, type Shape } from '../shape.ts';
import type { TopicRecord, Topics } from '../topics.ts';
import { ReferenceFunction } from './reference-function.ts';
import { ReferenceGroups } from './reference-groups.ts';
import { letterOfCall, letterOfRecord, type RowOrigin } from './reference-letters.ts';
import { ReferenceLimit, ReferenceSort } from './reference-order.ts';
import { ReferencePartitions } from './reference-partitions.ts';
import { ReferenceWithin, type LoggedTime } from './reference-within.ts';
import { ReferenceSessions, ReferenceWindows, type ReferenceOperator, type ReferenceRow } from './reference-window.ts';

/** Where one partition stands: the next offset, and the highest watermark of the records before it. */
export interface PartitionState {
  readonly next: number;
  readonly watermark: number;
}

export interface ReferenceState {
  readonly partitions: ReadonlyMap<PartitionId, PartitionState>;
  /** Per source; MIN before any record. */
  readonly watermarks: readonly number[];
  /** Per operator. */
  readonly operatorWatermarks: readonly number[];
  readonly operators: readonly ReferenceOperator[];
  readonly procTime: number;
}

type Count = (what: string) => void;

/** What a FIRE decided. */
export interface Decision {
  readonly next: ReadonlyMap<PartitionId, number>;
  readonly watermarks: readonly number[];
  readonly idle: ReadonlySet<PartitionId>;
  readonly procTime: number;
  /** End of input: all windows fire. */
  readonly drains: boolean;
  /** Entries that say a time of functions, behind the cut before. */
  readonly entries: (p: PartitionId) => readonly LoggedEntry[];
  /** Next offset behind the entry that has the record. */
  readonly entryEnd: (origin: RowOrigin) => number;
}

/** The records of an entry, and what it says of time. */
export interface LoggedEntry {
  readonly first: number;
  readonly next: number;
  readonly time: LoggedTime;
}

export interface ReferenceStep {
  readonly state: ReferenceState;
  /** Rows per sink, sorted. */
  readonly rows: ReadonlyMap<Uid, readonly string[]>;
  /** W10: a row per record that nobody can take in, and per call that was left out; sorted. */
  readonly deadLetters: readonly string[];
  /** F5: what the watermark of each source would be without bounds. */
  readonly limits: readonly number[];
}

/** `count` hears of what functions do. */
export function emptyState(shape: Shape, count: Count): ReferenceState {
  return {
    partitions: new Map(),
    watermarks: shape.sources.map(() => MIN_WATERMARK),
    operatorWatermarks: shape.operators.map(() => MIN_WATERMARK),
    operators: shape.operators.map((operator) => openOperator(operator, count)),
    procTime: 0,
  };
}

/** Behind a stop of `ms` that TTL does not count. */
export function delayed(state: ReferenceState, ms: number): ReferenceState {
  const operators = state.operators.map((o) => o.copy());
  for (const operator of operators) operator.delay?.(ms);
  return { ...state, operators };
}

/** Behind a restore, with the partitions that there are now. */
export function restored(shape: Shape, state: ReferenceState): ReferenceState {
  const operators = state.operators.map((o) => o.copy());
  for (const [i, operator] of operators.entries()) {
    const own = [...state.partitions.keys()].filter((p) => shape.operators[i]?.sources.includes(partsOf(p).source));
    operator.restore?.(own.map((p) => sourcePartition(shape, p)));
  }
  return { ...state, operators };
}

/** As savepoints name it. */
function sourcePartition({ sources }: Shape, p: PartitionId): SourcePartition {
  const { source, topic, partition } = partsOf(p);
  return { source: sourceUid(source), topic: sources[source]?.topics[topic] ?? '', partition };
}

function openOperator(operator: OperatorShape, count: Count): ReferenceOperator {
  if (operator.kind === 'function' && operator.within === true) return new ReferenceWithin(FUNCTIONS[operator.name], count);
  if (operator.kind === 'function') return isOverPartitions(operator) ? new ReferencePartitions(FUNCTIONS[operator.name], count) : new ReferenceFunction(FUNCTIONS[operator.name], count);
  const { window, latenessMs, inOrder, limit } = operator;
  if (inOrder === true) return new ReferenceSort();
  if (limit !== undefined) return new ReferenceLimit(limit);
  if (window.kind === 'unbounded') return new ReferenceGroups();
  return window.kind === 'session' ? new ReferenceSessions(window.gapMs) : new ReferenceWindows(window, latenessMs);
}

export class ReferenceJob {
  readonly #shape: Shape;
  readonly #topics: Topics;

  constructor(shape: Shape, topics: Topics) {
    this.#shape = shape;
    this.#topics = topics;
  }

  step(before: ReferenceState, decision: Decision): ReferenceStep {
    return new Stepping(this.#shape, this.#topics, before, decision).run();
  }
}

/** One step under way. */
class Stepping {
  readonly #shape: Shape;
  readonly #topics: Topics;
  readonly #decision: Decision;
  readonly #partitions: Map<PartitionId, PartitionState>;
  readonly #operators: readonly ReferenceOperator[];
  readonly #rows = new Map<Uid, string[]>();
  readonly #before: ReferenceState;
  readonly #deadLetters: string[] = [];
  #watermarks: readonly number[];
  #operatorWatermarks: readonly number[];

  constructor(shape: Shape, topics: Topics, before: ReferenceState, decision: Decision) {
    this.#shape = shape;
    this.#topics = topics;
    this.#decision = decision;
    this.#partitions = new Map(before.partitions);
    this.#watermarks = before.watermarks;
    this.#operatorWatermarks = before.operatorWatermarks;
    this.#operators = before.operators.map((o) => o.copy());
    this.#before = before;
    for (const operator of this.#operators) operator.begin?.(decision.procTime);
    for (const [i, { kind }] of shape.operators.entries()) for (const sink of kind === 'function' ? [sinkUid(i), sideUid(i)] : [sinkUid(i)]) this.#rows.set(sink, []);
  }

  run(): ReferenceStep {
    const isOnEvent = this.#shape.sources.some((s) => s.isOnEvent);
    if (isOnEvent) this.#advance(this.#limits(), this.#before.procTime);
    for (const [p, next] of [...this.#decision.next].sort(byPartition)) {
      const records = this.#unread(p, next);
      for (const record of records) {
        this.#take(p, record);
        if (isOnEvent) this.#advance(this.#limits(), this.#before.procTime);
      }
      this.#takeEntries(p, records);
      this.#partitions.set(p, { ...this.#at(p), next });
    }
    const limits = this.#limits();
    const { procTime } = this.#decision;
    this.#advance(this.#decision.watermarks, procTime);
    // V7: at a place of the log, since functions may see that something is gone.
    for (const operator of this.#operators) operator.cleanUp?.(procTime);
    if (this.#shape.hasDeadLetters === true) this.#writeOff();
    for (const rows of this.#rows.values()) rows.sort();
    const state = { partitions: this.#partitions, watermarks: this.#watermarks, operatorWatermarks: this.#operatorWatermarks, operators: this.#operators, procTime };
    return { state, rows: this.#rows, deadLetters: this.#deadLetters.sort(), limits };
  }

  #writeOff(): void {
    for (const [i, operator] of this.#operators.entries()) {
      for (const row of operator.failures?.() ?? []) this.#deadLetters.push(letterOfCall(this.#shape, operatorUid(i), row, this.#decision.entryEnd));
    }
  }

  #at(p: PartitionId): PartitionState {
    return this.#partitions.get(p) ?? { next: 0, watermark: MIN_WATERMARK };
  }

  #unread(p: PartitionId, next: number): TopicRecord[] {
    const { source, topic, partition } = partsOf(p);
    const records = this.#topics.records(this.#shape.sources[source]?.topics[topic] ?? '', partition);
    const from = this.#at(p).next;
    let first = records.length;
    while (first > 0 && (records[first - 1]?.offset ?? 0) >= from) first--;
    return records.slice(first).filter((r) => r.offset < next);
  }

  #take(p: PartitionId, record: TopicRecord): void {
    if (record.bad !== undefined) {
      if (this.#shape.hasDeadLetters === true) this.#deadLetters.push(letterOfRecord(this.#shape, p, record));
      return;
    }
    const { next, watermark } = this.#at(p);
    this.#partitions.set(p, { next, watermark: Math.max(watermark, record.time - WATERMARK_DELAY_MS) });
    if (record.key === FILTERED_KEY) return;
    const partition = sourcePartition(this.#shape, p);
    for (const [i, { sources, after }] of this.#shape.operators.entries()) {
      const from = sources.indexOf(partsOf(p).source);
      if (after === undefined && from >= 0 && !this.#isWithin(i)) this.#operators[i]?.add({ ...record, from, partition, origin: { p, offset: record.offset } }, this.#operatorWatermarks[i] ?? MIN_WATERMARK);
    }
  }

  #isWithin(i: number): boolean {
    const operator = this.#shape.operators[i];
    return operator?.kind === 'function' && operator.within === true;
  }

  /** Functions that run in the writer: what they give is there before the watermark moves. */
  #takeEntries(p: PartitionId, records: readonly TopicRecord[]): void {
    const partition = sourcePartition(this.#shape, p);
    for (const [i, operator] of this.#operators.entries()) {
      if (!this.#isWithin(i) || this.#shape.operators[i]?.sources.includes(partsOf(p).source) !== true) continue;
      for (const { first, next, time } of this.#decision.entries(p)) {
        const rows = records.filter(({ offset, bad, key }) => offset >= first && offset < next && bad === undefined && key !== FILTERED_KEY);
        this.#give(i, operator.takeEntry?.(partition, rows, time) ?? [], this.#operatorWatermarks);
      }
    }
  }

  /** To the sink, and into the operators behind, which are at `watermarks`. */
  #give(i: number, results: readonly string[], watermarks: readonly number[]): void {
    this.#rows.get(sinkUid(i))?.push(...results);
    const records = results.map(recordOf);
    // Windows fire in the order of their ends; functions have an order of their own.
    if (this.#shape.operators[i]?.kind === 'window') records.sort((a, b) => a.time - b.time);
    for (const [j, { after }] of this.#shape.operators.entries()) {
      if (after === i) for (const record of records) this.#operators[j]?.add(record, watermarks[j] ?? MIN_WATERMARK);
    }
  }

  /** Moves the watermarks and lets windows fire: results go into the operators behind before the watermark does. */
  #advance(watermarks: readonly number[], procTime: number): void {
    this.#watermarks = watermarks;
    const before = this.#operatorWatermarks;
    this.#operatorWatermarks = this.#shape.operators.map(({ sources }, i) => {
      if (this.#decision.drains && watermarks === this.#decision.watermarks) return MAX_WATERMARK;
      const inputs = sources.map((s) => ({ watermark: watermarks[s] ?? MIN_WATERMARK, idle: this.#isIdle(s) }));
      return Math.max(this.#operatorWatermarks[i] ?? MIN_WATERMARK, combined(inputs));
    });
    for (const [i, operator] of this.#operators.entries()) {
      const results = operator.fire(this.#operatorWatermarks[i] ?? MIN_WATERMARK, procTime);
      this.#rows.get(sideUid(i))?.push(...(operator.sides?.() ?? []));
      this.#give(i, results, before);
    }
  }

  /** F5 per source: the minimum over its partitions that are not idle; the maximum where all are. It never goes back. */
  #limits(): number[] {
    return this.#watermarks.map((was, s) => {
      const inputs = this.#ofSource(s).map(([p, { watermark }]) => ({ watermark, idle: this.#decision.idle.has(p) }));
      return Math.max(was, combined(inputs));
    });
  }

  #isIdle(source: number): boolean {
    return this.#ofSource(source).every(([p]) => this.#decision.idle.has(p));
  }

  #ofSource(source: number): [PartitionId, PartitionState][] {
    return [...this.#partitions].filter(([p]) => partsOf(p).source === source);
  }
}

/** A result as what the operator behind takes in. */
function recordOf(result: string): ReferenceRow {
  const [, end, key = '', , amount] = result.split('|');
  return { key, amount: Number(amount), time: Number(end) - 1 };
}

function combined(inputs: readonly { watermark: number; idle: boolean }[]): number {
  const active = inputs.filter((i) => !i.idle).map((i) => i.watermark);
  return active.length > 0 ? Math.min(...active) : Math.max(MIN_WATERMARK, ...inputs.map((i) => i.watermark));
}

/** The order in which a step takes the partitions: source, topic, partition. */
function byPartition([a]: readonly [PartitionId, number], [b]: readonly [PartitionId, number]): number {
  const [x, y] = [partsOf(a), partsOf(b)];
  return x.source - y.source || x.topic - y.topic || x.partition - y.partition;
}
