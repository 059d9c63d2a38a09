/** What records carry beside their values, decoded for plans that read it. */
import type { RecordHeader, RecordMetadata } from '../../ports/source.ts';
import type { RecordBytes } from '../../core/format/record-bytes.ts';
import { Cursor } from './cursor.ts';
import type { RecordPlace } from './records.ts';

interface Parts {
  readonly key: Buffer | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

export function metadataOfRecords(places: readonly RecordPlace[]): RecordMetadata {
  const parts = places.map(partsOf);
  return {
    keys: joined(parts.map((p) => p.key)),
    timestamps: parts.map((p) => p.timestamp),
    timestampTypes: places.map(({ batch }) => (batch.maxTimestamp < 0 ? 'NoTimestampType' : batch.timestampType)),
    headers: parts.map((p) => p.headers),
    leaderEpochs: places.map(({ batch }) => batch.leaderEpoch),
  };
}

function partsOf({ batch, bytes, at }: RecordPlace): Parts {
  const cursor = new Cursor(bytes, at);
  cursor.skip(1); // attributes
  const timestamp = batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : batch.baseTimestamp + cursor.long();
  if (batch.timestampType === 'LogAppendTime') cursor.skipLong();
  cursor.int(); // offset
  const key = cursor.sized();
  cursor.skipSized(); // value
  const headers = Array.from({ length: cursor.int() }, () => headerAt(cursor));
  return { key, timestamp, headers };
}

function headerAt(cursor: Cursor): RecordHeader {
  const name = cursor.sized()?.toString() ?? '';
  const value = cursor.sized();
  return { name, value: value === null ? null : new Uint8Array(value) };
}

/** As values are laid out; a record without a key has end -1. */
function joined(keys: readonly (Buffer | null)[]): RecordBytes {
  const bytes = new Uint8Array(keys.reduce((size, key) => size + (key?.length ?? 0) + 1, 0)).fill(NEWLINE);
  const starts: number[] = [];
  const ends: number[] = [];
  let position = 0;
  for (const key of keys) {
    starts.push(position);
    ends.push(key === null ? NO_KEY : position + key.length);
    if (key !== null) bytes.set(key, position);
    position += (key?.length ?? 0) + 1;
  }
  return { bytes, starts, ends };
}

const NEWLINE = 10;
const NO_KEY = -1;
