/** What the sink writes is what the source reads: batches of every size of number, and the partitions of Java's producer. */
import { compressionsAlgorithms, compressionsAlgorithmsByBitmask, crc32c } from '@platformatic/kafka';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmur2, partitionOf } from '../../lib/adapters/kafka/partitioner.ts';
import { recordBatch } from '../../lib/adapters/kafka/record-batch.ts';
import { decodeRecords } from '../../lib/adapters/kafka/records.ts';
import type { SinkRecord } from '../../lib/adapters/kafka/transactions.ts';
import { offset } from '../../lib/core/numbers.ts';
import { valuesOf } from '../contracts/source.ts';

const NUMBERED = { producer: 7n, epoch: 3, sequence: 5 };

const record = fc.record({
  partition: fc.constant(0),
  key: fc.option(fc.uint8Array({ maxLength: 300 })),
  value: fc.string({ maxLength: 300 }),
  timestamp: fc.oneof(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.constant(0)),
  headers: fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { maxLength: 3 }),
});

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('batches are read back (%s)', (name) => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 70 }), (records) => {
      const sent = records.map((r): SinkRecord => ({ ...r, value: Buffer.from(r.value) }));
      const bytes = recordBatch(sent, { numbered: NUMBERED, isTransactional: false, compression: compressionsAlgorithms[name], crc32c });
      const { batch } = decodeRecords(bytes, offset(0), Infinity, [], (kind, packed) => compressionsAlgorithmsByBitmask[kind]?.decompressSync(packed) ?? packed);
      const metadata = batch?.metadata?.();
      expect(valuesOf(batch)).toEqual(records.map((r) => Buffer.from(r.value).toString()));
      expect(metadata?.timestamps).toEqual(records.map((r) => r.timestamp));
      expect(metadata?.headers.map((of) => of.map(({ name: header, value }) => [header, Buffer.from(value ?? []).toString()]))).toEqual(records.map((r) => r.headers.map((of) => of.map((text) => Buffer.from(text).toString()))));
      expect(metadata?.keys.ends.map((end, i) => (end < 0 ? null : [...metadata.keys.bytes.subarray(metadata.keys.starts[i], end)]))).toEqual(records.map((r) => (r.key === null ? null : [...r.key])));
    }),
    { numRuns: 40 },
  );
});

test('the hash is that of org.apache.kafka.common.utils.Utils (its own test values)', () => {
  const values: Record<string, number> = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536, 'a-little-bit-longer-string': -1486304829, 'lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8': -58897971, abc: 479470107 };
  for (const [text, hash] of Object.entries(values)) expect(murmur2(Buffer.from(text)), text).toBe(hash);
});

test('rows without a key take turns over all partitions, or stay in one; equal keys meet', () => {
  const of = (partitioner: 'default' | 'fixed' | 'round-robin', key: string | null) => [0, 1, 2, 3].map((i) => partitionOf(partitioner, key === null ? null : Buffer.from(key), 3, { f: 5, i }));
  expect(of('default', null)).toEqual([2, 0, 1, 2]);
  expect(of('round-robin', null)).toEqual([2, 0, 1, 2]);
  expect(of('fixed', null)).toEqual([0, 0, 0, 0]);
  expect(of('fixed', 'abc')).toEqual([0, 0, 0, 0]);
  expect(of('default', 'abc')).toEqual(Array(4).fill(479470107 % 3));
});
