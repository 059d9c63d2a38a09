/** What the tests of the Kafka sink write, in several processes. */
import { jobId } from '../../lib/core/numbers.ts';
import type { RecordLayout, SinkNode } from '../../lib/core/plan.ts';
import { sinkNode } from '../contracts/sink.ts';

export const JOB = jobId('0123456789abcdef0123456789abcdef');

export const layoutOf = (topic: string, more: Partial<RecordLayout> = {}): RecordLayout => ({
  topic,
  properties: {},
  key: null,
  value: { format: { kind: 'raw', endianness: 'big-endian' }, columns: [0] },
  timestamp: null,
  partitioner: 'default',
  guarantee: 'exactly-once',
  transactionalIdPrefix: 'sluice',
  ...more,
});

export const nodeOf = (topic: string, more: Partial<RecordLayout> = {}): SinkNode => ({ ...sinkNode('kafka', {}), records: layoutOf(topic, more) });

/** Several rows, for several partitions. */
export const rowsOf = (f: number): string[] => Array.from({ length: 7 }, (_, i) => `f${f} row ${i}`);
