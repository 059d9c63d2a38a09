/**
 * The numbers of the protocol, one type each, so that an offset cannot be passed for a sequence number.
 * A brand costs nothing at run time: the values are plain JavaScript numbers.
 */
declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Event time, watermark or window bound: epoch milliseconds as if the wall clock were UTC. */
export type EventTime = Branded<number, 'EventTime'>;
/** Wall-clock time of a process: epoch milliseconds. */
export type WallTime = Branded<number, 'WallTime'>;
/** Position in a Kafka partition (embedded topics: the byte at which a line starts). */
export type Offset = Branded<number, 'Offset'>;
/** Position in a log; dense from 0. */
export type Seq = Branded<number, 'Seq'>;
/** Incarnation of a job, 0 to 8191. */
export type Generation = Branded<number, 'Generation'>;
/** Number of a FIRE; dense, continues across generations. */
export type FireNumber = Branded<number, 'FireNumber'>;
/** Hash of a key modulo KEY_GROUPS; the unit of packing and rescaling. */
export type KeyGroup = Branded<number, 'KeyGroup'>;
/** 32 lower-case hex digits, the form Flink's tools use. */
export type JobId = Branded<string, 'JobId'>;
/** `<source>.<topic>.<partition>`: index of the source in the plan, of the topic in that source, Kafka partition. */
export type PartitionId = Branded<string, 'PartitionId'>;
/** Name of an operator, source or sink that survives a change of the plan; `[A-Za-z0-9_-]{1,64}`. */
export type Uid = Branded<string, 'Uid'>;

export const eventTime = (ms: number): EventTime => ms as EventTime;
export const wallTime = (ms: number): WallTime => ms as WallTime;
export const offset = (n: number): Offset => n as Offset;
export const seq = (n: number): Seq => n as Seq;
export const generation = (n: number): Generation => n as Generation;
export const fireNumber = (n: number): FireNumber => n as FireNumber;
export const keyGroup = (n: number): KeyGroup => n as KeyGroup;
export const jobId = (hex: string): JobId => hex as JobId;
export const uid = (text: string): Uid => text as Uid;
export const partitionId = (source: number, topic: number, partition: number): PartitionId =>
  `${source}.${topic}.${partition}` as PartitionId;

/** The three indexes inside a partition id. */
export function partsOf(p: PartitionId): { source: number; topic: number; partition: number } {
  const [source, topic, partition] = p.split('.').map(Number);
  return { source: source ?? 0, topic: topic ?? 0, partition: partition ?? 0 };
}
