/** The bytes of a fetch, as batches of values: what a broker may send that is awkward to provoke. */
import { expect, test } from 'vitest';
import { decodeRecords } from '../../lib/adapters/kafka/records.ts';
import { valuesOf } from '../contracts/source.ts';

const HEADER = 61;

interface Sent {
  readonly base: number;
  /** By offset delta; null is a tombstone. */
  readonly values: Readonly<Record<number, string | null>>;
  /** Offsets that the batch covers, with those that compaction emptied. */
  readonly covers?: number;
  readonly producer?: number;
  readonly control?: 'commit' | 'abort';
  readonly compression?: number;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

const sized = (bytes: Uint8Array | null): number[] => (bytes === null ? varint(-1) : [...varint(bytes.length), ...bytes]);

function record(delta: number, key: Uint8Array | null, value: string | null): number[] {
  const body = [0, ...varint(0), ...varint(delta), ...sized(key), ...sized(value === null ? null : Buffer.from(value)), ...varint(0)];
  return [...varint(body.length), ...body];
}

/** A record batch as org.apache.kafka.common.record.DefaultRecordBatch lays it out; the checksum is left out. */
function batch({ base, values, covers, producer = -1, control, compression = 0 }: Sent): Buffer {
  const entries = Object.entries(values);
  const marker = Buffer.from([0, 0, 0, control === 'commit' ? 1 : 0]);
  const records = control === undefined ? entries.flatMap(([delta, value]) => record(Number(delta), null, value)) : record(0, marker, '');
  const bytes = Buffer.concat([Buffer.alloc(HEADER), Buffer.from(records)]);
  bytes.writeBigInt64BE(BigInt(base), 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes[16] = 2;
  bytes.writeInt16BE(compression | (producer >= 0 ? 0x10 : 0) | (control === undefined ? 0 : 0x20), 21);
  bytes.writeInt32BE((covers ?? (entries.length || 1)) - 1, 23);
  bytes.writeBigInt64BE(1000n, 27);
  bytes.writeBigInt64BE(1000n, 35);
  bytes.writeBigInt64BE(BigInt(producer), 43);
  bytes.writeInt32BE(control === undefined ? entries.length : 1, 57);
  return bytes;
}

const never = (): Buffer => {
  throw new Error('nothing is compressed');
};

function read(sent: readonly (Sent | Buffer)[], from: number, options: { maxBytes?: number; aborted?: readonly { producer: bigint; first: number }[] } = {}) {
  const bytes = Buffer.concat(sent.map((s) => (Buffer.isBuffer(s) ? s : batch(s))));
  const decoded = decodeRecords(bytes, from, options.maxBytes ?? 1e6, options.aborted ?? [], never);
  return { values: valuesOf(decoded.batch), offsets: decoded.batch?.offsets ?? [], next: decoded.next };
}

test('records before the position that was asked for are left out', () => {
  expect(read([{ base: 5, values: { 0: 'a', 1: 'b', 2: 'c' } }], 6)).toEqual({ values: ['b', 'c'], offsets: [6, 7], next: 8 });
});

test('a batch that is cut off is left out, wherever the cut is', () => {
  const whole = batch({ base: 0, values: { 0: 'a' } });
  const second = batch({ base: 1, values: { 0: 'b'.repeat(50) } });
  for (let cut = 0; cut < second.length; cut++) expect(read([whole, second.subarray(0, cut)], 0)).toEqual({ values: ['a'], offsets: [0], next: 1 });
  expect(read([second.subarray(0, 40)], 1)).toEqual({ values: [], offsets: [], next: 1 });
});

test('compaction: gaps within a batch, emptied ends and empty batches are passed', () => {
  const sent = [{ base: 0, values: { 2: 'c' }, covers: 5 }, { base: 5, values: {}, covers: 3 }, { base: 10, values: { 0: 'k' } }];
  expect(read(sent, 0)).toEqual({ values: ['c', 'k'], offsets: [2, 10], next: 11 });
  expect(read(sent.slice(0, 2), 3)).toEqual({ values: [], offsets: [], next: 8 });
});

test('maxBytes ends within a batch, and the next read begins there', () => {
  const sent = [{ base: 0, values: { 0: 'aaaa', 1: 'bbbb', 2: null, 3: 'dddd' } }];
  expect(read(sent, 0, { maxBytes: 1 })).toEqual({ values: ['aaaa'], offsets: [0], next: 1 });
  expect(read(sent, 1, { maxBytes: 6 })).toMatchObject({ offsets: [1, 2], next: 3 });
  expect(read(sent, 3, { maxBytes: 1 })).toEqual({ values: ['dddd'], offsets: [3], next: 4 });
});

test('markers behind the last record belong to the batch', () => {
  expect(read([{ base: 0, values: { 0: 'a' }, producer: 7 }, { base: 1, values: {}, producer: 7, control: 'commit' }], 0)).toEqual({ values: ['a'], offsets: [0], next: 2 });
});

test('aborted: two transactions of one producer, one between them that it committed, one of somebody else', () => {
  const sent: Sent[] = [
    { base: 0, values: { 0: 'x0' }, producer: 7 },
    { base: 1, values: { 0: 'other' }, producer: 8 },
    { base: 2, values: {}, producer: 7, control: 'abort' },
    { base: 3, values: { 0: 'kept' }, producer: 7 },
    { base: 4, values: {}, producer: 7, control: 'commit' },
    { base: 5, values: { 0: 'plain' } },
    { base: 6, values: { 0: 'x1' }, producer: 7 },
  ];
  const aborted = [{ producer: 7n, first: 6 }, { producer: 7n, first: 0 }];
  expect(read(sent, 0, { aborted })).toEqual({ values: ['other', 'kept', 'plain'], offsets: [1, 3, 5], next: 7 });
  expect(read(sent, 0)).toMatchObject({ values: ['x0', 'other', 'kept', 'plain', 'x1'], next: 7 });
});

test('other formats and damaged records are refused, never guessed', () => {
  const old = batch({ base: 0, values: { 0: 'a' } });
  old[16] = 1;
  expect(() => read([old], 0)).toThrow('message format 1');
  const torn = batch({ base: 0, values: { 0: 'abc' } });
  torn[HEADER] = 0x7e; // the length of the record
  expect(() => read([torn], 0)).toThrow(RangeError);
  expect(() => read([batch({ base: 0, values: { 0: 'a' }, compression: 1 })], 0)).toThrow('nothing is compressed');
});
