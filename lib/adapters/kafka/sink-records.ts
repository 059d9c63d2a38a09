/** From the rows of a FIRE to the records of a topic, piece by piece: a FIRE may have a million rows. */
import { createHash } from 'node:crypto';
import { compileRecordEncoder, fieldOf, type Encoder } from '../../core/format/record-encode.ts';
import type { JobId } from '../../core/numbers.ts';
import type { RecordLayout, SinkNode } from '../../core/plan.ts';
import type { Row } from '../../core/types.ts';
import { bytesOf as bytesOfValue, entriesOf, stringOf } from '../../core/value-access.ts';
import { epochNanos } from '../../core/value-text.ts';
import { NANOS_PER_MS } from '../../core/calendar.ts';
import type { Emission } from '../../ports/sink.ts';
import { partitionOf } from './partitioner.ts';
import type { SinkRecord } from './transactions.ts';

/** Header of every record: `<job>:<g>:<f>:<i>`, by which a consumer finds repetitions where there are no transactions. */
const FIRE_HEADER = 'sluice-fire';

/** Bytes of one write; brokers refuse batches above 1 MiB unless they are told otherwise. Topics may allow less, down to single records. */
export const PIECE_BYTES = [512 * 1024, 64 * 1024, 8 * 1024, 1] as const;

/** Of one record in a batch, beside its contents: lengths, deltas, attributes. */
const RECORD_OVERHEAD = 32;

export class RecordEncoder {
  readonly #job: JobId;
  readonly #layout: RecordLayout;
  readonly #key: Encoder | null;
  readonly #value: Encoder;
  readonly #timestamp: ((row: Row) => number | null) | null;
  readonly #headers: (row: Row) => SinkRecord['headers'];

  constructor(job: JobId, { columns }: SinkNode, layout: RecordLayout) {
    this.#job = job;
    this.#layout = layout;
    this.#key = layout.key === null ? null : compileRecordEncoder(layout.key.columns.map(({ column, field }) => fieldOf(columns, column, field)), layout.key.format);
    this.#value = compileRecordEncoder(layout.value.columns.map((column) => fieldOf(columns, column)), layout.value.format);
    this.#timestamp = layout.timestamp === null ? null : timestampReader(columns, layout.timestamp);
    this.#headers = headersReader(layout.headers);
  }

  /** The records of an emission, in order, in pieces of about `pieceBytes`; at least one record in each. */
  *pieces({ g, f, rows }: Emission, partitions: number, now: number, pieceBytes: number): Generator<SinkRecord[]> {
    let piece: SinkRecord[] = [];
    let size = 0;
    for (const [i, row] of rows.entries()) {
      const [key, value] = [bytesOf(this.#key?.(row) ?? null), bytesOf(this.#value(row))];
      const headers = [...this.#headers(row), [FIRE_HEADER, `${this.#job}:${g}:${f}:${i}`] as const];
      const bytes = RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0) + headers.reduce((sum, [name, of]) => sum + name.length + of.length, 0);
      if (piece.length > 0 && size + bytes > pieceBytes) {
        yield piece;
        piece = [];
        size = 0;
      }
      const partition = partitionOf(this.#layout.partitioner, key, partitions, { f, i });
      piece.push({ partition, key, value, timestamp: this.#timestamp?.(row) ?? now, headers });
      size += bytes;
    }
    if (piece.length > 0) yield piece;
  }

  /** Tells the rows of one position from others (X4): of keys and values, whatever partitions the topic has; times and headers are left out. */
  digest(rows: readonly Row[]): RowsDigest {
    const digest = new RowsDigest();
    for (const row of rows) digest.add(bytesOf(this.#key?.(row) ?? null), bytesOf(this.#value(row)));
    return digest;
  }
}

/** Made along the way, so that large FIREs are encoded once. */
export class RowsDigest {
  readonly #hash = createHash('sha256');
  readonly #lengths = Buffer.alloc(8);

  add(key: Uint8Array | null, value: Uint8Array | null): void {
    this.#lengths.writeInt32LE(key?.length ?? -1, 0);
    this.#lengths.writeInt32LE(value?.length ?? -1, 4);
    this.#hash.update(this.#lengths);
    if (key !== null) this.#hash.update(key);
    if (value !== null) this.#hash.update(value);
  }

  /** Once, behind the last record. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}

const bytesOf = (encoded: string | Uint8Array | null): Uint8Array | null => (typeof encoded === 'string' ? Buffer.from(encoded) : encoded);

function timestampReader(columns: SinkNode['columns'], index: number): (row: Row) => number | null {
  const { type } = fieldOf(columns, index);
  return (row) => {
    const value = row[index] ?? null;
    return value === null ? null : Number(epochNanos(type, value) / NANOS_PER_MS);
  };
}

const NO_HEADERS: SinkRecord['headers'] = [];

/** Entries whose key or value is NULL are left out, as in Flink. */
function headersReader(index: number | undefined): (row: Row) => SinkRecord['headers'] {
  if (index === undefined) return () => NO_HEADERS;
  return (row) =>
    entriesOf(row[index] ?? []).flatMap(([name = null, value = null]) => (name === null || value === null ? [] : [[stringOf(name), bytesOfValue(value)] as const]));
}
