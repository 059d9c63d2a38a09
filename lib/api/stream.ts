/** Streams of values (Flink's DataStream). What is called on one says what becomes of its values; nothing runs before the job does. */
import { STREAM_ROW } from '../core/process/rows.ts';
import { erased } from './erase.ts';
import { valuesTransform } from './function-call.ts';
import type { Graph } from './graph.ts';
import { KeyedStream } from './keyed-stream.ts';
import { processedInPartitions, type OperatorStateDescriptors, type PartitionFunction } from './partition-function.ts';
import { refuse } from './refusal.ts';
import type { Columns, RowOf } from './sink/column-types.ts';
import { printed } from './sink/printed.ts';
import { columnsText, table, type TableSink } from './sink/table.ts';
import { inputOf, unionOf, type Transformation } from './transformation.ts';
import type { OutputTag } from '../core/process/keyed-function.ts';

export class Stream<T> {
  /** What follows is of use within `lib/api` alone. */
  readonly graph: Graph;
  readonly transformation: Transformation;
  /** Never there: it keeps the type. */
  declare readonly type?: () => T;

  constructor(graph: Graph, transformation: Transformation) {
    this.graph = graph;
    this.transformation = transformation;
  }

  /** Each value becomes another one. */
  map<Out>(fn: (value: T) => Out): Stream<Out> {
    return this.#each('map', (value: T) => [fn(value)]);
  }

  /** Keeps the values for which `fn` is true; a type guard makes the stream one of that type. */
  filter<Out extends T>(fn: (value: T) => value is Out): Stream<Out>;
  filter(fn: (value: T) => boolean): Stream<T>;
  filter(fn: (value: T) => boolean): Stream<T> {
    return this.#each('filter', (value: T) => (fn(value) ? [value] : []));
  }

  /** Each value becomes any number of others, in the order of the iterable: an array, or what a generator yields. */
  flatMap<Out>(fn: (value: T) => Iterable<Out>): Stream<Out> {
    return this.#each('flat-map', (value: T) => [...fn(value)]);
  }

  /** Values with equal keys are one after another with the same state. A key is plain data: a text, a number, an object of them. */
  keyBy<K>(fn: (value: T) => K): KeyedStream<K, T> {
    return new KeyedStream<K, T>(this.graph, this.transformation, erased(fn));
  }

  /**
   * Takes the stream as keyed by the key by which the producer has partitioned its topic (Flink's reinterpretAsKeyedStream): `process` runs where the records
   * are read then, without a shuffle, with its state within each partition. The results are those of `keyBy`. The values come from one topic, through map, filter
   * and flatMap alone, and the topic gets no partitions while the job lives (PARTITION_ADDED); RECORDS_NOT_PARTITIONED where a key comes in two of them.
   */
  reinterpretAsKeyed<K>(fn: (value: T) => K): KeyedStream<K, T> {
    return new KeyedStream<K, T>(this.graph, this.transformation, erased(fn), true);
  }

  /**
   * Calls a function that has an instance, and list states, per source partition, for every value in the order of its partition (Flink's CheckpointedFunction).
   * `uid` as in `KeyedStream.process`. JOB_DEFINITION where values come from windows or functions with state: there are no partitions any more.
   */
  processPartition<D extends OperatorStateDescriptors = {}, Out = never>(uid: string, fn: PartitionFunction<T, D, Out>): ProcessedStream<Out> {
    return processedInPartitions(this.graph, uid, this.transformation, fn);
  }

  /** The values of all, in no order between them. */
  union<Others extends readonly unknown[]>(...others: StreamsOf<Others>): Stream<T | Others[number]> {
    const inputs = [this.transformation, ...others.map(({ transformation }) => transformation)];
    return new Stream(this.graph, this.graph.add(unionOf(inputs, STREAM_ROW)));
  }

  /** Writes the values as rows of a table, by the names of its columns. */
  to(uid: string, sink: TableSink<T>): void {
    this.graph.sql.write(uid, sink, this.transformation);
  }

  /** Prints the values as JSON where the job runs; dates are ISO 8601. */
  print(uid: string): void {
    this.map((value) => ({ value: printed(value) })).to(uid, PRINTED);
  }

  /** A table of these columns that `job.sql` and `job.query` read; values become rows as in `to`. */
  asTable<const C extends Columns, Time extends keyof C & string = never>(this: Stream<Omit<RowOf<C>, Time>>, name: string, { columns, rowtime }: AsTableOptions<C, Time>): void {
    if (rowtime !== undefined && !this.transformation.isTimed) refuse(`table ${name}`, 'its stream has no event time', 'Give the source an eventTime, or leave rowtime out.');
    this.graph.sql.fill(name, columnsText(columns), this.transformation, rowtime ?? null);
  }

  #each<Out>(suffix: string, fn: (value: T) => readonly Out[]): Stream<Out> {
    return new Stream(this.graph, this.graph.add(eachValue(this.transformation, suffix, fn)));
  }
}

/** One stream per type: those of a union need not have one in common. */
type StreamsOf<Types extends readonly unknown[]> = { readonly [Place in keyof Types]: Stream<Types[Place]> };

export interface AsTableOptions<C extends Columns, Time extends keyof C & string = never> {
  /** By name, with their SQL types. */
  readonly columns: C;
  /** The column that has the event time of the values, of type TIMESTAMP(3): windows of SQL go by it, with the watermark of the stream. */
  readonly rowtime?: Time;
}

const PRINTED = table({ columns: { value: 'STRING' }, with: { connector: 'print' } });

/** What comes out of a function with side outputs. */
export class ProcessedStream<T> extends Stream<T> {
  readonly #side: (name: string) => Transformation;

  constructor(graph: Graph, transformation: Transformation, side: (name: string) => Transformation) {
    super(graph, transformation);
    this.#side = side;
  }

  /** The values that the function gives to this output; those of an output that nobody reads are lost, as in Flink. */
  sideOutput<Out>(tag: OutputTag<Out>): Stream<Out> {
    return new Stream(this.graph, this.#side(tag.name));
  }
}

/** A `code` node that makes some values of each. */
function eachValue<T, Out>(input: Transformation, suffix: string, fn: (value: T) => readonly Out[]): Transformation {
  return {
    uid: null,
    suffix,
    inputs: [input],
    isTimed: input.isTimed,
    build: (uid, inputs) => ({
      node: { kind: 'code', uid, input: inputOf(inputs), columns: STREAM_ROW },
      transform: valuesTransform(uid, erased(fn)),
    }),
  };
}
