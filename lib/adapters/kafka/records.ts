/** From the bytes that a broker sends to batches of values. */
import { offset, type Offset } from '../../core/numbers.ts';
import type { RecordBatch } from '../../ports/source.ts';
import { Cursor } from './cursor.ts';
import { metadataOfRecords } from './record-metadata.ts';
import { visibility, type Aborted } from './visible.ts';
import { wireBatches, type Decompress, type WireBatch } from './wire-batch.ts';

/** One record, by the places of its parts in the decompressed batch. */
export interface RecordPlace {
  readonly batch: WireBatch;
  readonly bytes: Buffer;
  /** Behind the length of the record. */
  readonly at: number;
  readonly offset: number;
  readonly valueAt: number;
  /** -1: a tombstone. */
  readonly valueLength: number;
}

export interface Decoded {
  /** Null where nothing that was read is visible. */
  readonly batch: RecordBatch | null;
  /** Everything below was read or is hidden; `from` where the bytes hold no whole batch. */
  readonly next: Offset;
  /** Bytes of the record batches that were looked into. */
  readonly wireBytes: number;
}

/** The visible records of `bytes` from `from` on, until their values exceed `maxBytes`. Throws RangeError for bytes that are no records. */
export function decodeRecords(bytes: Buffer, from: number, maxBytes: number, aborted: readonly Aborted[], decompress: Decompress): Decoded {
  const isVisible = visibility(aborted);
  const taken: RecordPlace[] = [];
  let size = 0;
  let next = from;
  let wireBytes = 0;
  for (const batch of wireBatches(bytes)) {
    wireBytes += batch.wireBytes;
    if (isVisible(batch)) {
      for (const place of placesIn(batch, decompress)) {
        if (place.offset < from) continue;
        if (taken.length > 0 && size >= maxBytes) return { batch: laidOut(taken, size, next), next: offset(next), wireBytes };
        taken.push(place);
        size += Math.max(place.valueLength, 0) + 1;
        next = place.offset + 1;
      }
    }
    next = Math.max(next, batch.next);
  }
  return { batch: taken.length === 0 ? null : laidOut(taken, size, next), next: offset(next), wireBytes };
}

function* placesIn(batch: WireBatch, decompress: Decompress): Generator<RecordPlace> {
  const bytes = batch.compression === 0 ? batch.payload : decompress(batch.compression, batch.payload);
  const cursor = new Cursor(bytes, 0);
  for (let i = 0; i < batch.count; i++) {
    const length = cursor.int();
    const at = cursor.position;
    cursor.skip(1); // attributes, which are unused
    cursor.skipLong();
    const delta = cursor.int();
    cursor.skipSized(); // key
    const valueLength = cursor.int();
    yield { batch, bytes, at, offset: batch.base + delta, valueAt: cursor.position, valueLength };
    cursor.position = at;
    cursor.skip(length);
  }
}

/** The values one behind the other, each with its newline byte. */
function laidOut(places: readonly RecordPlace[], size: number, next: number): RecordBatch {
  const bytes = new Uint8Array(size);
  const starts: number[] = [];
  const ends: number[] = [];
  let position = 0;
  for (const { bytes: from, valueAt, valueLength } of places) {
    const length = Math.max(valueLength, 0);
    starts.push(position);
    ends.push(valueLength < 0 ? TOMBSTONE : position + length);
    from.copy(bytes, position, valueAt, valueAt + length);
    bytes[position + length] = NEWLINE;
    position += length + 1;
  }
  return { bytes, starts, ends, offsets: places.map((place) => place.offset), next: offset(next), metadata: () => metadataOfRecords(places) };
}

const NEWLINE = 10;
const TOMBSTONE = -1;
