/** A batch into segments: decode, watermark, filter and fold, one pass over the records. Pure. */
import { SluiceError } from '../../core/errors.ts';
import type { Dataflow, Path, SourceFlow } from '../../core/dataflow.ts';
import type { Beside } from '../../core/format/beside.ts';
import type { RecordError } from '../../core/format/decoder.ts';
import { nextSegmentEnd, openFold, type WindowFold } from '../../core/window/fold.ts';
import { eventTime, type EventTime } from '../../core/numbers.ts';
import type { JsonValue, SourceNode } from '../../core/plan.ts';
import type { Row } from '../../core/types.ts';
import { encodeValue } from '../../core/value-codec.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { RecordBatch } from '../../ports/source.ts';
import { watermarkOf, type Progress } from '../firer/progress.ts';
import type { Segment } from './segment.ts';

export interface FoldedBatch {
  /** One; with `on-event` (E8) one more wherever the watermark passes the end of a slice. */
  readonly segments: readonly Segment[];
  /** Records taken in; fewer than asked for if one is bad. */
  readonly records: number;
  /** Records whose row time lies beyond the horizon; they are taken in like all others. */
  readonly ahead: number;
  /** The record that cannot be taken in (W10); everything before it is in the segment. */
  readonly bad: { readonly index: number; readonly error: SluiceError } | null;
}

export interface BatchToFold {
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
}

/** Folds the records of the batch up to the first bad one. */
export function foldBatch(dataflow: Dataflow, source: SourceFlow, input: BatchToFold): FoldedBatch {
  const { batch, from } = input;
  const folding = new Folding(dataflow, source, input);
  const to = batch.offsets.length;
  const bad = folding.run(input, to);
  if (bad === null) return { segments: folding.segments(), records: to - from, ahead: folding.ahead, bad };
  // The failed pass may have taken in part of the bad record: fold the good prefix again, alone.
  const prefix = new Folding(dataflow, source, input);
  prefix.run(input, bad.index);
  return { segments: prefix.segments(), records: bad.index - from, ahead: prefix.ahead, bad };
}

class Folding {
  readonly #dataflow: Dataflow;
  readonly #source: SourceFlow;
  readonly #fired: Progress | null;
  readonly #closed: Segment[] = [];
  #open: OpenSegment;
  readonly #horizon: number;
  ahead = 0;
  #watermark: number;
  /** The watermark at which the open segment closes. */
  #closesAt: number;
  #index = 0;

  constructor(dataflow: Dataflow, source: SourceFlow, { watermark, horizon, fired }: BatchToFold) {
    this.#horizon = horizon;
    this.#dataflow = dataflow;
    this.#source = source;
    this.#fired = fired;
    this.#watermark = watermark;
    this.#open = new OpenSegment(dataflow, source, fired);
    this.#closesAt = this.#nextClose();
  }

  run({ batch, from, nonce, beside }: BatchToFold, to: number): FoldedBatch['bad'] {
    const take = (row: Row, index: number): void => {
      this.#index = index;
      this.#take(row);
    };
    try {
      const failed = this.#source.decode(batch, { from, to }, nonce, take, beside);
      return failed === null ? null : { index: failed.index, error: malformed(this.#source.node, failed) };
    } catch (error) {
      if (error instanceof SluiceError && error.kind === 'data') return { index: this.#index, error };
      throw error;
    }
  }

  segments(): Segment[] {
    return [...this.#closed, this.#open.close(eventTime(this.#watermark))];
  }

  /** E1: the watermark moves before any WHERE; a null row time fails the record. E8: it takes effect behind its record. */
  #take(row: Row): void {
    const { node, watermarkOf } = this.#source;
    if (node.eventTime !== null && watermarkOf !== null) {
      const time = row[node.eventTime.column];
      if (time === null) throw rowTimeNull(node.columns[node.eventTime.column]?.name ?? '');
      const wm = watermarkOf(row);
      if (typeof time === 'number' && time > this.#horizon) this.ahead++;
      else if (typeof wm === 'number' && wm > this.#watermark) this.#watermark = wm;
    }
    this.#open.add(row);
    if (this.#watermark >= this.#closesAt) this.#close();
  }

  #close(): void {
    this.#closed.push(this.#open.close(eventTime(this.#watermark)));
    this.#open = new OpenSegment(this.#dataflow, this.#source, this.#fired);
    this.#closesAt = this.#nextClose();
  }

  #nextClose(): number {
    const { node, index } = this.#source;
    if (node.emitStrategy !== 'on-event') return Number.POSITIVE_INFINITY;
    const below = this.#dataflow.operators.filter((operator) => operator.sources.includes(index));
    return Math.min(Number.POSITIVE_INFINITY, ...below.map((operator) => nextSegmentEnd(operator, eventTime(this.#watermark))));
  }
}

/** The segment that rows go into. */
class OpenSegment {
  readonly #folds = new Map<string, WindowFold>();
  readonly #rows: Record<string, JsonValue[][]> = {};
  readonly #consumers: readonly ((row: Row) => void)[];

  constructor(dataflow: Dataflow, source: SourceFlow, fired: Progress | null) {
    this.#consumers = source.paths.map((path) => this.#consumer(dataflow, path, fired));
  }

  add(row: Row): void {
    for (const consume of this.#consumers) consume(row);
  }

  close(watermark: EventTime): Segment {
    const folds = [...this.#folds];
    const sections = Object.fromEntries(folds.map(([uid, fold]) => [uid, fold.columns()]));
    const late = Object.fromEntries(folds.flatMap(([uid, fold]) => (fold.late > 0 ? [[uid, fold.late]] : [])));
    return { watermark, late, sections, rows: this.#rows };
  }

  #consumer(dataflow: Dataflow, { transform, to }: Path, fired: Progress | null): (row: Row) => void {
    const operator = dataflow.operators.find((o) => o.uid === to.uid);
    if (operator !== undefined) {
      const fold = this.#folds.get(operator.uid) ?? openFold(operator, fired === null ? MIN_WATERMARK : watermarkOf(operator, fired));
      this.#folds.set(operator.uid, fold);
      return (row) => {
        const out = transform(row);
        if (out !== null) fold.add(out);
      };
    }
    const sink = dataflow.sinks.find((s) => s.uid === to.uid);
    const rows = (this.#rows[to.uid] ??= []);
    return (row) => {
      const out = transform(row);
      if (out !== null) rows.push((sink?.columns ?? []).map((c, i) => encodeValue(c.type, out[i] ?? null)));
    };
  }
}

function malformed(node: SourceNode, { message, excerpt, part }: RecordError): SluiceError {
  const isKey = part === 'key';
  return new SluiceError('RECORD_MALFORMED', {
    message: isKey ? `the key: ${message}` : message,
    hint: `correct the producer, or ${skippingOf(node, isKey)} to skip such records`,
    details: { excerpt },
  });
}

/** `raw` has no option of its own; `value.format` puts its name in front of the others. */
function skippingOf({ format, key, options }: SourceNode, isKey: boolean): string {
  if ((isKey ? key?.format : format)?.kind === 'raw') return "SET 'sluice.on-record-error' = 'skip'";
  const prefix = isKey ? 'key.' : options['value.format'] === undefined ? '' : 'value.';
  return `set '${prefix}json.ignore-parse-errors' = 'true'`;
}

function rowTimeNull(column: string): SluiceError {
  return new SluiceError('ROWTIME_NULL', {
    message: `RowTime field '${column}' should not be null`,
    hint: `correct the producer, or use a computed row time such as COALESCE(${column}, ...)`,
  });
}

