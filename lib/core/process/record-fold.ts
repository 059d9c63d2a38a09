/**
 * The writer's side of a process function: the log shuffle (protocol 13.3). Nothing is folded: entries carry the records themselves, in their order, and the
 * firer runs the function over them (`process-step.ts`).
 */
import { keyCodec, type Key } from '../key.ts';
import type { JsonValue } from '../plan.ts';
import { RAW, type Row, type Value } from '../types.ts';
import { decodeValue, encodeValue } from '../value-codec.ts';
import type { WindowFold } from '../window/fold.ts';
import { GROUPS, type PaneColumns } from '../window/pane.ts';
import { KEYED_ROW } from './rows.ts';

const [KEY, ...CARRIED] = KEYED_ROW;
/** Of the keys of `KEYED_ROW`. */
export const RECORD_KEYS = keyCodec(KEY === undefined ? [] : [KEY], [0]);

/** A record as functions get it: never what others hold, but what an entry would give back. */
export interface StoredRecord {
  readonly key: Key;
  /** Value, time and input: what `KEYED_ROW` has behind the key. */
  readonly record: readonly Value[];
  /** The value as an entry has it. */
  readonly stored: JsonValue;
}

/** A `KEYED_ROW` that goes into no entry. Throws STATE_VALUE_INVALID for a value that cannot be stored. */
export function storedRecord(row: Row): StoredRecord {
  const encoded = CARRIED.map(({ type }, c) => encodeValue(type, row[c + 1] ?? null));
  const record = CARRIED.map(({ type }, c) => decodeValue(type, encoded[c] ?? null));
  return { key: RECORD_KEYS.keyOf(row), record, stored: encoded[0] ?? null };
}

export class RecordFold implements WindowFold {
  readonly #keys: Key[] = [];
  /** Values, times and inputs: what `KEYED_ROW` has behind the key. */
  readonly #columns: readonly JsonValue[][] = CARRIED.map(() => []);
  /** A process function sees every record, and the watermark beside it. */
  readonly late = 0;

  /** `row` is a `KEYED_ROW`. Throws STATE_VALUE_INVALID for a value that cannot be stored, and takes nothing of it. */
  add(row: Row): void {
    const key = RECORD_KEYS.keyOf(row);
    // The value comes first: it alone can fail.
    for (let c = 0; c < CARRIED.length; c++) this.#columns[c]?.push(encodeValue(CARRIED[c]?.type ?? RAW, row[c + 1] ?? null));
    this.#keys.push(key);
  }

  /** Takes back the records that come from here on. */
  mark(): () => void {
    const records = this.#keys.length;
    return () => {
      for (const column of [this.#keys, ...this.#columns]) column.length = records;
    };
  }

  columns(): PaneColumns[] {
    if (this.#keys.length === 0) return [];
    return [{ end: GROUPS, keys: this.#keys, rows: this.#keys.map(() => 1), accumulators: this.#columns }];
  }
}

/** The same of rows of `STREAM_ROW`, whose key is the partition that they come from (`partition-key.ts`). */
export class PartitionFold implements WindowFold {
  readonly late = 0;
  readonly #records = new RecordFold();
  readonly #partition: Value;

  constructor(partition: Key) {
    [this.#partition = null] = RECORD_KEYS.valuesOf(partition);
  }

  /** Throws as `RecordFold` does. */
  add([value = null, time = null]: Row): void {
    this.#records.add([this.#partition, value, time, 0]);
  }

  columns(): PaneColumns[] {
    return this.#records.columns();
  }
}

/** The inverse, behind the key: value, time and input of record i. */
export const recordAt = ({ accumulators }: PaneColumns, i: number): Value[] => CARRIED.map(({ type }, c) => decodeValue(type, accumulators[c]?.[i] ?? null));

/** The value of record i as the entry has it. */
export const storedAt = ({ accumulators }: PaneColumns, i: number): JsonValue => accumulators[0]?.[i] ?? null;
