/** A batch into segments: decode, watermark, filter and fold, one pass over the records. Pure. */
import { assert, SluiceError } from '../../core/errors.ts';
import type { Dataflow, SourceFlow } from '../../core/dataflow.ts';
import type { Clock } from '../../core/functions/clock.ts';
import type { Beside } from '../../core/format/beside.ts';
import type { IndexRange, RecordError } from '../../core/format/decoder.ts';
import { eventTime, type EventTime } from '../../core/numbers.ts';
import type { SourceNode } from '../../core/plan.ts';
import type { TimeReached } from '../../core/process/process-step.ts';
import { nextSegmentEndOf } from '../../core/stages.ts';
import type { Row } from '../../core/types.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { RecordBatch } from '../../ports/source.ts';
import type { Progress } from '../firer/progress.ts';
import { functionsUpTo, OpenSegment, type SegmentOrigin } from './open-segment.ts';
import type { Segment } from './segment.ts';

/** A record that cannot be taken in (W10). */
export interface BadRecord {
  readonly index: number;
  readonly error: SluiceError;
}

export interface FoldedBatch {
  /** One; with `on-event` (E8) one more wherever the watermark passes the end of a slice. */
  readonly segments: readonly Segment[];
  /** Records taken in; fewer than asked for if some are bad. */
  readonly records: number;
  /** Records whose row time lies beyond the horizon; they are taken in like all others. */
  readonly ahead: number;
  /** The bad record at which it ended: everything before it is in the segments, nothing behind it. */
  readonly bad: BadRecord | null;
  /** Bad records behind which it went on, in order. */
  readonly leftOut: readonly BadRecord[];
  /** Brings the state of functions that run here to the end of the batch; once, when its entry is in the log. */
  commit(): void;
}

export interface BatchToFold extends SegmentOrigin {
  readonly batch: RecordBatch;
  /** What the plan reads of the batch beside its values; null if that is nothing. */
  readonly beside: Beside | null;
  /** Index of the first record that the log does not have. */
  readonly from: number;
  /** Of the partition, before the batch. */
  readonly watermark: EventTime;
  /** Row times beyond this do not move the watermark, epoch ms. */
  readonly horizon: number;
  /** What a FIRE of this generation has reached, however old (F12); null where nobody knows. */
  readonly fired: Progress | null;
  /** What no author of a record can know: the decoder parses several records in one go and tells them apart by it. */
  readonly nonce: string;
  /** The first bad record ends the fold; or all are left out, and the row that one leaves in its place, if any, goes the way of failed records. */
  readonly onBad: 'end' | ((bad: BadRecord) => Row | null);
}

/** Folds the records of the batch; bad ones count for nothing, neither for windows nor for the watermark. */
export function foldBatch(dataflow: Dataflow, source: SourceFlow, input: BatchToFold): FoldedBatch {
  const { batch, from, onBad } = input;
  const trial = new Folding(dataflow, source, input);
  const found = findBad(trial, input);
  const folding = found.length === 0 ? trial : foldGood(new Folding(dataflow, source, input), input, found);
  const reached = folding.fire();
  if (reached !== null && input.functions !== undefined) return foldBatch(dataflow, source, { ...input, functions: functionsUpTo(input.functions, reached) });
  const last = onBad === 'end' ? found[0] : undefined;
  const leftOut = onBad === 'end' ? [] : found;
  const records = (last?.index ?? batch.offsets.length) - from - leftOut.length;
  return { segments: folding.segments(), records, ahead: folding.ahead, bad: last ?? null, leftOut, commit: () => folding.commit() };
}

/** Records that are decoded at once behind a bad one: formats decode many together, and begin again with each that is bad. */
const BEHIND_BAD = 32;

/** The bad records; where they end the fold, the first. Behind one the folding is of no use but to find the next. */
function findBad(folding: Folding, input: BatchToFold): BadRecord[] {
  const { onBad } = input;
  const end = input.batch.offsets.length;
  const found: BadRecord[] = [];
  for (let { from } = input; from < end; ) {
    const to = found.length === 0 ? end : Math.min(end, from + BEHIND_BAD);
    const bad = folding.run(input, { from, to });
    if (bad !== null) found.push(bad);
    if (bad !== null && onBad === 'end') break;
    from = bad === null ? to : bad.index + 1;
  }
  return found;
}

/** The pass that found them may have taken in part of a bad record: this one takes in none of it. */
function foldGood(folding: Folding, input: BatchToFold, found: readonly BadRecord[]): Folding {
  const { batch, onBad } = input;
  let { from } = input;
  for (const bad of found) {
    requireGood(folding.run(input, { from, to: bad.index }));
    const row = onBad === 'end' ? null : onBad(bad);
    if (row !== null) folding.fail(row);
    from = bad.index + 1;
  }
  if (onBad !== 'end') requireGood(folding.run(input, { from, to: batch.offsets.length }));
  return folding;
}

const requireGood = (bad: BadRecord | null): void => assert(bad === null, `record ${bad?.index} was good a moment ago: ${bad?.error.message}`);

class Folding {
  readonly #dataflow: Dataflow;
  readonly #clock: Clock;
  readonly #source: SourceFlow;
  readonly #fired: Progress | null;
  readonly #input: SegmentOrigin;
  readonly #closed: Segment[] = [];
  #open: OpenSegment;
  readonly #horizon: number;
  ahead = 0;
  #watermark: number;
  /** What expressions know of it: the watermark before their record. */
  #shown: number;
  /** The watermark at which the open segment closes. */
  #closesAt: number;
  /** The record that is taken in, and the watermark before it. */
  #index = 0;
  #watermarkBefore: number;

  constructor(dataflow: Dataflow, source: SourceFlow, input: BatchToFold) {
    const { watermark, horizon, fired } = input;
    this.#horizon = horizon;
    this.#dataflow = dataflow;
    this.#clock = dataflow.clock;
    this.#source = source;
    this.#fired = fired;
    this.#input = input;
    this.#watermark = watermark;
    this.#watermarkBefore = watermark;
    this.#shown = watermark;
    this.#open = new OpenSegment(dataflow, source, fired, input);
    this.#closesAt = this.#nextClose();
  }

  /** Takes records in, up to the first bad one. For those behind it, it has neither moved the watermark nor been seen by a function, however many rows it has given before. */
  run(input: BatchToFold, range: IndexRange): BadRecord | null {
    this.#showWatermark();
    this.#begin(range.from);
    const bad = this.#runUpToBad(input, range);
    if (bad?.index === this.#index) this.#undo();
    return bad;
  }

  #runUpToBad({ batch, nonce, beside }: BatchToFold, range: IndexRange): BadRecord | null {
    const take = (row: Row, index: number): void => {
      if (index !== this.#index) this.#begin(index);
      this.#take(row);
    };
    try {
      const failed = this.#source.decode(batch, range, nonce, take, beside);
      return failed === null ? null : { index: failed.index, error: malformed(this.#source.node, failed) };
    } catch (error) {
      if (error instanceof SluiceError && error.kind === 'data') return { index: this.#index, error };
      throw error;
    }
  }

  #begin(index: number): void {
    this.#index = index;
    this.#watermarkBefore = this.#watermark;
    this.#open.beginRecord();
  }

  #undo(): void {
    this.#watermark = this.#watermarkBefore;
    this.#open.undoRecord();
  }

  /** The row of a record that is left out. */
  fail(row: Row): void {
    this.#open.fail(row);
  }

  /** Behind the last record, once: the timers of functions fire (`OpenSegment`). */
  fire(): TimeReached | null {
    return this.#open.fire();
  }

  segments(): Segment[] {
    return [...this.#closed, this.#open.close(eventTime(this.#watermark))];
  }

  commit(): void {
    this.#open.commit();
  }

  /** E1: the watermark moves before any WHERE; a null row time fails the record. E8: it takes effect behind its record. */
  #take(row: Row): void {
    const { eventTime: reader } = this.#source;
    if (this.#watermark !== this.#shown) this.#showWatermark();
    if (reader !== null) {
      const time = reader.timeOf(row);
      if (time === null) throw rowTimeNull(reader.name);
      const wm = reader.watermarkOf(row, time);
      if (typeof time === 'number' && time > this.#horizon) this.ahead++;
      else if (typeof wm === 'number' && wm > this.#watermark) this.#watermark = wm;
    }
    this.#open.add(row);
    if (this.#watermark >= this.#closesAt) this.#close();
  }

  /** To CURRENT_WATERMARK. Not for every row: what it is written to holds no number in place. */
  #showWatermark(): void {
    this.#shown = this.#watermark;
    this.#clock.watermark = this.#watermark === MIN_WATERMARK ? null : this.#watermark;
  }

  #close(): void {
    this.#closed.push(this.#open.close(eventTime(this.#watermark)));
    this.#open = new OpenSegment(this.#dataflow, this.#source, this.#fired, this.#input);
    this.#closesAt = this.#nextClose();
  }

  #nextClose(): number {
    const { node, index } = this.#source;
    if (node.emitStrategy !== 'on-event') return Number.POSITIVE_INFINITY;
    const below = this.#dataflow.stages.filter((flow) => flow.sources.includes(index));
    return Math.min(Number.POSITIVE_INFINITY, ...below.map((flow) => nextSegmentEndOf(flow, eventTime(this.#watermark))));
  }
}

const KEEPING = "SET 'sluice.on-record-error' = 'dlq' to keep them in a table, which 'sluice.dead-letter-table' names";

function malformed(node: SourceNode, { message, excerpt, part }: RecordError): SluiceError {
  const isKey = part === 'key';
  return new SluiceError('RECORD_MALFORMED', {
    message: isKey ? `the key: ${message}` : message,
    hint: `correct the producer, or ${skippingOf(node, isKey)} to skip such records, or ${KEEPING}`,
    details: { excerpt },
  });
}

/** `raw` and programs have no option of their own; `value.format` puts its name in front of the others. */
function skippingOf({ format, key, options }: SourceNode, isKey: boolean): string {
  const kind = (isKey ? key?.format : format)?.kind ?? 'raw';
  if (kind === 'raw' || kind === 'code') return "SET 'sluice.on-record-error' = 'skip'";
  const prefix = isKey ? 'key.' : options['value.format'] === undefined ? '' : 'value.';
  return `set '${prefix}${kind}.ignore-parse-errors' = 'true'`;
}

function rowTimeNull(column: string): SluiceError {
  return new SluiceError('ROWTIME_NULL', {
    message: `'${column}': RowTime field should not be null, please convert it to a non-null long value.`,
    hint: `correct the producer, or use a computed row time such as COALESCE(${column}, ...), or ${KEEPING}`,
  });
}

