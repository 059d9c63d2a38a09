/** The order of entries, on which results depend (protocol F7). */
import { expect, test } from 'vitest';
import { eventTime, offset, partitionId, seq, wallTime, type PartitionId } from '../../lib/core/numbers.ts';
import { Tail, type TailEntry } from '../../lib/engine/firer/tail.ts';
import { NOTHING_PASSED_OVER } from '../../lib/engine/log/entries.ts';

function entry(partition: PartitionId, at: number): TailEntry {
  const base = { seq: seq(at), id: `${partition}/${at}`, prev: null, at: wallTime(0), ttl: 0, next: offset(at), watermark: eventTime(0), passedOver: NOTHING_PASSED_OVER };
  return { ...base, kind: 'KEEP', partition, segments: [], bytes: 0 };
}

test('is that of source, topic, partition and sequence number, whatever came first', () => {
  const partitions = [partitionId(0, 0, 1), partitionId(0, 0, 10), partitionId(0, 1, 0), partitionId(0, 1, 2), partitionId(1, 0, 0)];
  const inOrder = partitions.flatMap((p) => [`${p}/1`, `${p}/2`]);
  for (const arrival of [partitions, partitions.toReversed(), [...partitions.slice(2), ...partitions.slice(0, 2)]]) {
    const tail = new Tail();
    for (const p of arrival) for (const at of [1, 2]) tail.add(entry(p, at));
    expect(tail.ordered().map((e) => e.id)).toEqual(inOrder);
  }
});
