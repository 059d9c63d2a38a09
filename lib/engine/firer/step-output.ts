/** What becomes of the rows of a stage on the way to the sinks: encoded, and with their RowKind where the table keeps a changelog. */
import type { Dataflow, Path, StageFlow } from '../../core/dataflow.ts';
import type { Uid } from '../../core/numbers.ts';
import type { JsonValue } from '../../core/plan.ts';
import { STRING, type Column, type Row, type SqlType, type Value } from '../../core/types.ts';
import { encodeValue } from '../../core/value-codec.ts';

export type EmitRow = (sink: Uid, row: JsonValue[]) => void;

export class StageOutput {
  readonly #columns: readonly Column[];
  readonly #isChangelog: boolean;
  readonly #outputs: readonly Output[];

  constructor(dataflow: Dataflow, { node, kind, paths }: StageFlow) {
    this.#columns = node.columns;
    this.#isChangelog = kind === 'operator' && node.changelog === true;
    this.#outputs = outputsOf(dataflow, paths);
  }

  /** `previous`: what the row takes the place of. Only what has changed leaves, as in Flink's AggregateWindowOperator and GroupAggFunction. */
  emit(row: Row, previous: Row | null, emit: EmitRow): void {
    if (this.#isChangelog) {
      for (const change of changesOf(this.#columns, row, previous)) emitRow(this.#outputs, change, emit);
      return;
    }
    for (const { sink, encode } of this.#outputs) {
      const encoded = encode(row);
      if (previous !== null && JSON.stringify(encoded) === JSON.stringify(encode(previous))) continue;
      for (const values of encoded) emit(sink, values);
    }
  }
}

/** Gives a row to all the sinks. */
export function emitRow(outputs: readonly Output[], row: Row, emit: EmitRow): void {
  for (const { sink, encode } of outputs) for (const values of encode(row)) emit(sink, values);
}

/** The sinks at the ends of the paths. */
export const outputsOf = (dataflow: Dataflow, paths: readonly Path[]): Output[] => paths.flatMap((path) => outputOf(dataflow, path));

/** What happens to a result, as rows that end with their RowKind; nothing where it stays what it was. */
function changesOf(columns: readonly Column[], row: Row, previous: Row | null): Row[] {
  if (previous === null) return [[...row, '+I']];
  const isSame = row.every((value, i) => isSameValue(columns[i]?.type ?? STRING, value, previous[i] ?? null));
  return isSame ? [] : [[...previous, '-U'], [...row, '+U']];
}

/** What differs does so at first sight, mostly: texts and lists that have grown are not looked through. */
function isSameValue(type: SqlType, a: Value, b: Value): boolean {
  if (a === null || b === null || typeof a === 'string') return a === b;
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  return JSON.stringify(encodeValue(type, a)) === JSON.stringify(encodeValue(type, b));
}

/** Encodes a list once: what a change takes back is what the one before gave. */
function encoderOf(type: SqlType): (value: Value) => JsonValue {
  const known = new WeakMap<object, JsonValue>();
  return (value) => {
    if (value === null || typeof value !== 'object') return encodeValue(type, value);
    const encoded = known.get(value) ?? encodeValue(type, value);
    known.set(value, encoded);
    return encoded;
  };
}

/** A sink below, and what it gets of a row. */
interface Output {
  readonly sink: Uid;
  readonly encode: (row: Row) => JsonValue[][];
}

/** None for a path that ends elsewhere. */
function outputOf({ sinks }: Dataflow, { into, to }: Path): Output[] {
  const sink = sinks.find(({ uid }) => uid === to.uid);
  if (sink === undefined) return [];
  let rows: JsonValue[][] = [];
  const encoders = sink.columns.map(({ type }) => encoderOf(type));
  const take = into((row) => void rows.push(encoders.map((encodeColumn, i) => encodeColumn(row[i] ?? null))));
  const encode = (row: Row): JsonValue[][] => {
    rows = [];
    take(row);
    return rows;
  };
  return [{ sink: sink.uid, encode }];
}
