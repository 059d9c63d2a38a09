/** Lambda's Kafka event as the engine reads it. */
import { expect, test } from 'vitest';
import { batchesOf, type LambdaKafkaEvent, type LambdaKafkaRecord } from '../../lib/adapters/lambda/kafka-event.ts';
import type { RecordBytes } from '../../lib/core/format/record-bytes.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const record = (partition: number, offset: number, more: Partial<LambdaKafkaRecord> = {}): LambdaKafkaRecord => ({ topic: 'a-1', partition, offset, value: base64(`v${offset}`), ...more });

function texts({ bytes, starts, ends }: RecordBytes): (string | null)[] {
  return starts.map((start, i) => (ends[i] === -1 ? null : Buffer.from(bytes.subarray(start, ends[i])).toString()));
}

function only(records: readonly LambdaKafkaRecord[]) {
  const [first] = batchesOf({ records: { x: records } });
  if (first === undefined) throw new Error('the event has a partition');
  return first.batch;
}

test('topic and partition come from the records, never from the key of the map; a partition without records is none', () => {
  const event: LambdaKafkaEvent = { records: { 'a-1-2': [record(2, 7), record(2, 9)], 'a-1-3': [], 'a-1-4': [record(4, 0)] } };
  const batches = batchesOf(event);
  expect(batches.map(({ topic, partition, batch }) => [topic, partition, batch.offsets, batch.next])).toEqual([
    ['a-1', 2, [7, 9], 10],
    ['a-1', 4, [0], 1],
  ]);
});

test('values are one buffer with a newline behind each; null and absent values are tombstones, an empty one is not', () => {
  const { value: _, ...absent } = record(0, 3);
  const batch = only([record(0, 1), record(0, 2, { value: null }), absent, record(0, 4, { value: '' }), record(0, 5, { value: base64('a\nb') })]);
  expect(texts(batch)).toEqual(['v1', null, null, '', 'a\nb']);
  expect(Buffer.from(batch.bytes).toString()).toBe('v1\n\n\n\na\nb\n');
});

test('metadata has keys, timestamps, their types and headers, signed bytes and repeated names included', () => {
  const batch = only([
    record(0, 1, { key: base64('k'), timestamp: 5, timestampType: 'CREATE_TIME', headers: [{ h: [104, -1, -128] }, { h: [255] }, { n: null }] }),
    record(0, 2, { key: '', timestamp: 6, timestampType: 'LOG_APPEND_TIME', headers: [] }),
    record(0, 3),
  ]);
  const metadata = batch.metadata?.();
  if (metadata === undefined) throw new Error('the batch has metadata');
  expect(texts(metadata.keys)).toEqual(['k', null, null]);
  expect(metadata.timestamps).toEqual([5, 6, -1]);
  expect(metadata.timestampTypes).toEqual(['CreateTime', 'LogAppendTime', 'NoTimestampType']);
  expect(metadata.headers).toEqual([
    [
      { name: 'h', value: Uint8Array.of(104, 255, 128) },
      { name: 'h', value: Uint8Array.of(255) },
      { name: 'n', value: null },
    ],
    [],
    [],
  ]);
  expect(metadata.leaderEpochs).toEqual([-1, -1, -1]);
});
