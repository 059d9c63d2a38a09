/** Which partition a record goes to. */
import type { RecordLayout } from '../../core/plan.ts';

/** As Java's DefaultPartitioner: the hash of the key, so that equal keys meet in one partition whoever writes them. */
const partitionOfKey = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions;

/** Of row `i` of FIRE `f`. Rows without a key take turns, and a FIRE begins where the one before did not. */
export function partitionOf(partitioner: RecordLayout['partitioner'], key: Uint8Array | null, partitions: number, { f, i }: { readonly f: number; readonly i: number }): number {
  if (partitioner === 'fixed') return 0; // Flink: the index of the writing subtask, and there is one
  return key === null ? (f + i) % partitions : partitionOfKey(key, partitions);
}

const M = 0x5bd1e995;

/** org.apache.kafka.common.utils.Utils.murmur2, 32 bits with sign. */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  const view = new DataView(data.buffer, data.byteOffset, length);
  let h = 0x9747b28c ^ length;
  const whole = length - (length % 4);
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(view.getInt32(at, true), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  if (whole < length) {
    for (let at = length - 1; at >= whole; at--) h ^= (data[at] ?? 0) << (8 * (at - whole));
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
