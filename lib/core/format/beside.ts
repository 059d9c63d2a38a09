/** What Kafka keeps with records beside their values, as far as a plan reads it. */
import { timestampUnsupported } from '../startup.ts';
import { SluiceError } from '../errors.ts';
import { binaryStringHash, inHashOrder } from '../java/hash-map.ts';
import type { MetadataKey, SourceNode } from '../plan.ts';
import { BIGINT, BYTES, INT, STRING, type SqlType, type Value } from '../types.ts';
import type { RecordBytes } from './record-bytes.ts';

/** The part of a batch's metadata that columns can show; see `RecordMetadata` for the meaning of each. */
export interface StoredBeside {
  readonly keys: RecordBytes;
  readonly timestamps: readonly number[];
  readonly timestampTypes: readonly string[];
  readonly headers: readonly (readonly { readonly name: string; readonly value: Uint8Array | null }[])[];
  readonly leaderEpochs: readonly number[];
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Of one batch. */
export interface Beside extends Place {
  readonly offsets: readonly number[];
  /** null: the plan reads nothing of it. */
  readonly stored: StoredBeside | null;
}

interface BatchOfRecords {
  readonly offsets: readonly number[];
  readonly metadata?: () => StoredBeside;
}

/**
 * What the plan reads of a batch beside the values; null if that is nothing, and the batch's metadata is then left alone.
 * Throws OPTION_INVALID if the topic has values only.
 */
export function besideOf(node: SourceNode, batch: BatchOfRecords, place: Place): Beside | null {
  const { key, metadata = [] } = node;
  if (key === undefined && metadata.length === 0) return null;
  const isStored = readsBeside(node);
  if (isStored && batch.metadata === undefined) throw valuesOnly(node, place.topic);
  return { ...place, offsets: batch.offsets, stored: isStored ? (batch.metadata?.() ?? null) : null };
}

/** Whether the plan reads what is stored with records beside their values. */
const readsBeside = ({ key, metadata = [] }: SourceNode): boolean => key !== undefined || metadata.some((column) => METADATA[column.key].isStored);

/** Throws OPTION_INVALID if the plan reads keys or times of a topic of values only. */
export function requireValuesOnly(node: SourceNode, topic: string): void {
  if (readsBeside(node)) throw valuesOnly(node, topic);
  if (node.startup.kind === 'timestamp' || node.bounded?.kind === 'timestamp') throw timestampUnsupported(topic);
}

const valuesOnly = ({ table }: SourceNode, topic: string): SluiceError =>
  new SluiceError('OPTION_INVALID', {
    message: `table '${table}' reads keys or times of records, but the records of topic '${topic}' are values only`,
    hint: "Read a topic of Apache Kafka, or a table without 'key.format' and without such metadata columns.",
  });

interface Metadata {
  readonly type: SqlType;
  readonly nullable: boolean;
  /** False for what the position in the topic tells. */
  readonly isStored: boolean;
  readonly read: (beside: Beside, index: number) => Value;
}

const ofPosition = (type: SqlType, read: Metadata['read']): Metadata => ({ type, nullable: false, isStored: false, read });

const stored = (type: SqlType, nullable: boolean, read: (from: StoredBeside, index: number) => Value): Metadata => {
  return { type, nullable, isStored: true, read: ({ stored: from }, index) => (from === null ? null : read(from, index)) };
};

const known = (leaderEpoch: number | undefined): number | null => (leaderEpoch === undefined || leaderEpoch < 0 ? null : leaderEpoch);

const HEADERS: SqlType = { kind: 'MAP', key: { type: STRING, nullable: true }, value: { type: BYTES, nullable: true } };

/** Of two headers with the same name the last counts; they have the order of Flink's HashMap. */
const headersOf = (headers: StoredBeside['headers'][number] = []): Value =>
  inHashOrder([...new Map(headers.map(({ name, value }) => [name, value]))], ([name]) => binaryStringHash(name));

/** Types and values as Flink's `KafkaDynamicSource.ReadableMetadata` has them. */
export const METADATA: Readonly<Record<MetadataKey, Metadata>> = {
  topic: ofPosition(STRING, ({ topic }) => topic),
  partition: ofPosition(INT, ({ partition }) => partition),
  offset: ofPosition(BIGINT, ({ offsets }, i) => BigInt(offsets[i] ?? -1)),
  timestamp: stored({ kind: 'TIMESTAMP_LTZ', precision: 3 }, false, ({ timestamps }, i) => timestamps[i] ?? null),
  'timestamp-type': stored(STRING, false, ({ timestampTypes }, i) => timestampTypes[i] ?? null),
  headers: stored(HEADERS, false, ({ headers }, i) => headersOf(headers[i])),
  'leader-epoch': stored(INT, true, ({ leaderEpochs }, i) => known(leaderEpochs[i])),
};
